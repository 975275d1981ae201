//! Why prices were not recorded or played, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::brokers::recording::RecordingError;
use openalgo::engine::hub::SubscribeError;
use openalgo::recording::RecordError;

impl From<SubscribeError> for CliError {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::Lookup(error) => error.into(),
            other => Self::new(Exit::Unavailable, "not_offered", &other),
        }
    }
}

impl From<RecordError> for CliError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Lookup(error) => error.into(),
            RecordError::Subscribe(error) => error.into(),
            RecordError::Exists { .. } => {
                Self::refused("exists", &error).hint("name another file with --to")
            }
            RecordError::Write { .. } => Self::new(Exit::Unavailable, "file", &chain(&error))
                .hint("make sure that the folder is yours to write, and that the disk is not full"),
            RecordError::Open { ref source, .. } => match source {
                RecordingError::Io(_) => Self::new(Exit::Unavailable, "file", &chain(&error))
                    .hint("make sure that the file is there and yours to read"),
                RecordingError::Damaged { .. } => {
                    Self::new(Exit::Unavailable, "damaged_recording", &chain(&error))
                        .hint("play a copy of it, if there is one")
                }
                _ => Self::refused("no_recording", &chain(&error))
                    .hint("name a file that `openalgo record` has made"),
            },
            other => Self::internal("the recording could not be dealt with", &other),
        }
    }
}
