//! Why a backup was not made, verified or restored, or a database not compacted, and what to do
//! about it.

use super::{CliError, Exit, chain};
use openalgo::backup::BackupError;
use openalgo::store::{CompactError, CopyError};

impl From<BackupError> for CliError {
    /// The sentences of the facade say what to do; the hint says how with this program.
    fn from(error: BackupError) -> Self {
        let unavailable = |code: &'static str, hint: &str| {
            Self::new(Exit::Unavailable, code, &chain(&error)).hint(hint)
        };
        match error {
            BackupError::Exists { .. } => {
                Self::refused("exists", &error).hint("name another file with --output")
            }
            BackupError::NotEmpty { .. } => {
                Self::refused("not_empty", &error).hint("name another folder with --data-dir")
            }
            BackupError::NotABackup { .. } => unavailable(
                "not_a_backup",
                "name the file that `openalgo backup create` made",
            ),
            BackupError::Newer { .. } => unavailable(
                "newer_backup",
                "use the newer openalgo that made this backup",
            ),
            BackupError::Damaged { .. } => {
                unavailable("damaged_backup", "use another backup, and keep this one")
            }
            BackupError::WrongPassphrase { .. } => shut("wrong_passphrase", &error),
            BackupError::WrongRecoveryKey { .. } => shut("wrong_recovery_key", &error),
            BackupError::NoRecovery => shut("no_recovery_key", &error),
            BackupError::Key(error) => error.into(),
            BackupError::Copy(CopyError::Damaged { .. }) => unavailable(
                "damaged_data",
                "run `openalgo db check` to see what is damaged, and keep a copy of the folder",
            ),
            BackupError::Database(error) => error.into(),
            BackupError::Store(error) | BackupError::Copy(CopyError::Lost(error)) => error.into(),
            BackupError::Lock(error) => error.into(),
            BackupError::Unlock(error) => error.into(),
            BackupError::Folder(error) => error.into(),
            BackupError::Copy(_) | BackupError::NoFolder { .. } | BackupError::File { .. } => {
                unavailable("file", about(&error))
            }
            other => Self::internal("the backup failed", &other),
        }
    }
}

/// What to do about a file.
fn about(error: &BackupError) -> &'static str {
    match error {
        BackupError::NoFolder { .. } => "make that folder, or name another file with --output",
        BackupError::File {
            operation: BackupError::OPEN,
            ..
        } => "name a backup that is there, and see that the file is yours to read",
        _ => "make sure that the folder exists, is yours to write, and that the disk is not full",
    }
}

/// A backup that stays shut: the one way in was tried, and the hint tells the other.
fn shut(code: &'static str, error: &BackupError) -> CliError {
    let hint = match error {
        BackupError::WrongPassphrase { .. } => {
            "it need not be that of the data folder; --recovery-stdin takes the recovery key \
             instead, if the folder had one when the backup was made"
        }
        _ => {
            "type the passphrase that was given to `openalgo backup create`, or pipe it in with \
             --passphrase-stdin"
        }
    };
    CliError::new(Exit::Locked, code, error).hint(hint)
}

impl From<CompactError> for CliError {
    fn from(error: CompactError) -> Self {
        match error {
            CompactError::Store(error) => error.into(),
            CompactError::NoRoom { .. } => Self::new(Exit::Unavailable, "no_room", &error)
                .hint("make room on that disk, or move the data folder to one with more"),
            other => Self::internal("the database was not compacted", &other),
        }
    }
}
