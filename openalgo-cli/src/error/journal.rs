//! Why the journal was not verified or written out, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::journal::JournalError;

impl From<JournalError> for CliError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::UnknownUser(_) => Self::new(Exit::Locked, "unknown_user", &error)
                .hint("`openalgo user list` shows the users"),
            JournalError::Ambiguous { .. } => {
                Self::refused("ambiguous", &error).hint("name the user with --user")
            }
            JournalError::NoDays { .. } => {
                Self::new(Exit::Usage, "usage", &error).hint("exchange --from and --to")
            }
            JournalError::TooLong { .. } => Self::refused("too_large", &error)
                .hint("give --output FILE, or fewer days with --from and --to"),
            JournalError::Exists { .. } => Self::refused("exists", &error)
                .hint("name another file with --output, or give --force to replace this one"),
            JournalError::Reserved { .. } => Self::refused("reserved", &error)
                .hint("name another file with --output, outside the data folder"),
            JournalError::NoFolder { .. } => Self::new(Exit::Unavailable, "file", &error)
                .hint("make that folder, or name another file with --output"),
            JournalError::File { .. } => Self::new(Exit::Unavailable, "file", &chain(&error))
                .hint("make sure that the folder is yours to write, and that the disk is not full"),
            JournalError::Store(error) => error.into(),
            other => Self::internal("the journal could not be dealt with", &other),
        }
    }
}
