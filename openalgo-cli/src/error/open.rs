//! Why a data folder was not opened, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::crypto::key_source::KeySourceError;
use openalgo::store::OpenError;
use openalgo::{LockError, OpenAppError, OwnerSetupError, UnlockError};

impl From<OpenAppError> for CliError {
    fn from(error: OpenAppError) -> Self {
        match error {
            OpenAppError::NoData(_) => Self::new(Exit::Unavailable, "no_data", &error)
                .hint("run `openalgo quickstart` or `openalgo init`, or name another --data-dir"),
            OpenAppError::Lock(error) => error.into(),
            OpenAppError::Unlock(error) => error.into(),
            OpenAppError::Database(error) => error.into(),
            OpenAppError::Folder(_) => Self::new(Exit::Unavailable, "folder", &chain(&error))
                .hint("name a folder that is yours to read and write with --data-dir"),
            other => Self::internal("the data folder cannot be opened", &other),
        }
    }
}

impl From<LockError> for CliError {
    fn from(error: LockError) -> Self {
        match &error {
            LockError::Owned { .. } => Self::new(Exit::Unavailable, "in_use", &error)
                .hint("wait until that process has ended, or stop it"),
            _ => Self::new(Exit::Unavailable, "folder", &error)
                .hint("make sure that you can write to the data folder"),
        }
    }
}

impl From<UnlockError> for CliError {
    fn from(error: UnlockError) -> Self {
        let locked = |code, error: &UnlockError| Self::new(Exit::Locked, code, &chain(error));
        match &error {
            UnlockError::Source(source) => source_hint(locked("no_key", &error), source),
            UnlockError::Unknown { .. } => locked("no_key", &error).hint(
                "name the key with --key-source file:PATH; a new key would not open this data",
            ),
            UnlockError::PassphraseNeeded => locked("no_key", &error).hint(
                "give --key-source passphrase at a terminal, or name a file that holds the \
                 passphrase in OPENALGO_PASSPHRASE_FILE",
            ),
            UnlockError::NotThere { .. } => {
                locked("no_key", &error).hint("leave --key-source away, or name the right place")
            }
            UnlockError::WrongKey { .. } => locked("wrong_key", &error)
                .hint("name the key that this folder was made with: --key-source file:PATH"),
            UnlockError::InsideFolder { .. } => Self::new(Exit::Usage, "key_inside_folder", &error)
                .hint("choose a path outside the data folder"),
            UnlockError::Vault { .. } => Self::new(Exit::Unavailable, "vault", &error)
                .hint(
                    "make sure that the disk is not full; a damaged file can be restored, or the key named with --key-source file:PATH",
                ),
            _ => Self::internal("the key is not at hand", &error),
        }
    }
}

/// The key source's own sentence says what to do; this adds what is true for all of them.
fn source_hint(error: CliError, _source: &KeySourceError) -> CliError {
    error.hint("a lost key cannot be replaced: only a copy of it opens this data")
}

impl From<OpenError> for CliError {
    /// The store's own sentences say what to do; the hint says how with this program.
    fn from(error: OpenError) -> Self {
        let (exit, code, hint) = match &error {
            OpenError::WrongKeyOrDamaged { .. } => (
                Exit::Locked,
                "wrong_key",
                "name the key that this folder was made with: --key-source file:PATH",
            ),
            OpenError::PlainSqlite { .. } | OpenError::NotADatabase { .. } => (
                Exit::Unavailable,
                "not_a_database",
                "put the right main.db back, or move this file away and run `openalgo init`",
            ),
            OpenError::NewerSchema { .. } => (
                Exit::Unavailable,
                "newer_schema",
                "use the newer openalgo that made this file",
            ),
            _ => (
                Exit::Unavailable,
                "database",
                "make sure that the disk is not full and the folder can be written to",
            ),
        };
        Self::new(exit, code, &chain(&error)).hint(hint)
    }
}

impl From<OwnerSetupError> for CliError {
    fn from(error: OwnerSetupError) -> Self {
        match error {
            OwnerSetupError::User(error) => error.into(),
            other => Self::internal("the owner's account was not made", &other),
        }
    }
}
