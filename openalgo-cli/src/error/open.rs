//! Why a data folder was not opened, and what to do about it.

use super::{CliError, DAMAGED, Exit, LOST, chain, files};
use openalgo::engine::StartError;
use openalgo::store::{OpenError, speaks_of_a_full_disk, speaks_of_damage};
use openalgo::{OpenAppError, OwnerSetupError, UnlockError};
use std::error::Error;
use std::io;
use std::io::ErrorKind::{self, PermissionDenied};
use std::path::Path;

/// What to do when a key is not that of the folder.
const WRONG_KEY: &str = "name the key that this folder was made with: --key-source file:PATH";

impl From<OpenAppError> for CliError {
    fn from(error: OpenAppError) -> Self {
        match error {
            OpenAppError::NoData(_) => Self::new(Exit::Unavailable, "no_data", &error)
                .hint("run `openalgo quickstart` or `openalgo init`, or name another --data-dir"),
            OpenAppError::DataLost { .. } => {
                let anew = "to begin anew, name a new folder with --data-dir";
                Self::new(Exit::Unavailable, "data_lost", &error).hint(format!("{LOST}; {anew}"))
            }
            OpenAppError::Lock(error) => error.into(),
            OpenAppError::Unlock(error) => error.into(),
            OpenAppError::Database(error) => error.into(),
            OpenAppError::Damaged { .. } => {
                Self::new(Exit::Unavailable, "damaged", &error).hint(DAMAGED)
            }
            OpenAppError::Folder(error) => error.into(),
            OpenAppError::Setting { .. } => Self::new(Exit::Unavailable, "damaged_data", &error)
                .hint("run `openalgo db check`, which looks at every setting"),
            OpenAppError::Calendar(_) => Self::new(Exit::Unavailable, "calendar", &error)
                .hint("mend the file, or remove it: then what comes with the program holds"),
            OpenAppError::Start(StartError::Store(error)) => error.into(),
            OpenAppError::Start(StartError::CatchUp(error)) => error.into(),
            OpenAppError::Recorded(error) => Self::refused("market_data", &chain(&error)).hint(
                "--market-data names a folder with instruments.csv and quotes.json, or a recording; \
                 docs/recorded-market.md says what is in them",
            ),
            OpenAppError::Recording(error) => error.into(),
            OpenAppError::SpeedOfTrueTime { .. } => Self::refused("clock_speed", &error)
                .hint("give --clock, or a recording with --market-data"),
            OpenAppError::ClockBehind { .. } => Self::refused("clock_behind", &error)
                .hint("give a later --clock, or a data folder of its own with --data-dir"),
            other => Self::internal("the data folder cannot be opened", &other),
        }
    }
}

impl From<UnlockError> for CliError {
    fn from(error: UnlockError) -> Self {
        match error {
            UnlockError::Source(error) => error.into(),
            UnlockError::NamedElsewhere { recorded, source } => {
                Self::from(*source).named_elsewhere(&recorded)
            }
            other => Self::locked_out(&other),
        }
    }
}

impl CliError {
    fn locked_out(error: &UnlockError) -> Self {
        let locked = |code: &'static str, hint: &str| {
            Self::new(Exit::Locked, code, &chain(error)).hint(hint)
        };
        let refused = |code: &'static str, hint: &str| Self::refused(code, &error).hint(hint);
        match error {
            UnlockError::Unknown { .. } => locked(
                "no_key",
                "name the key with --key-source file:PATH; a new key would not open this data",
            ),
            UnlockError::PassphraseNeeded => locked(
                "no_key",
                "give --key-source passphrase at a terminal, or name a file that holds the \
                 passphrase in OPENALGO_PASSPHRASE_FILE",
            ),
            UnlockError::NotThere { .. } => locked(
                "no_key",
                "leave --key-source (or OPENALGO_KEY_SOURCE) away, or name the right place",
            ),
            UnlockError::NoRecoveryKey { .. } => locked(
                "no_recovery_key",
                "none was made, or the key was changed since: name the key with --key-source \
                 file:PATH, or restore a backup",
            ),
            UnlockError::WrongKey { .. } => locked("wrong_key", WRONG_KEY).or_recovery(),
            UnlockError::InsideFolder { .. } => Self::new(Exit::Usage, "key_inside_folder", &error)
                .hint("choose a path outside the data folder"),
            UnlockError::AlreadyThere { .. } => {
                refused("already_there", "choose another place, or leave it there")
            }
            UnlockError::ReadOnlyPlace => refused(
                "read_only_key",
                "move it first with `openalgo key move --to file:PATH`, and make a credential of \
                 the new key afterwards",
            ),
            UnlockError::Unsettled => Self::new(Exit::Unavailable, "key_changing", &error)
                .hint("see the newest file in the folder logs, and run the command again"),
            UnlockError::NotKept { .. } => Self::new(Exit::Unavailable, "key_not_kept", &error)
                .hint("choose another place with --to"),
            UnlockError::Vault { .. } => Self::new(Exit::Unavailable, "vault", &error).hint(
                "put the file back from your own copy of the folder, or name the key with \
                 --key-source file:PATH",
            ),
            UnlockError::VaultUnwritable { path, source } => {
                let folder = path.parent().unwrap_or(path);
                files::unusable(&chain(error), folder, Some(source.kind()))
            }
            _ => Self::internal("the key is not at hand", error),
        }
    }
}

impl From<OpenError> for CliError {
    /// The store's own sentences say what to do; the hint says how with this program.
    fn from(error: OpenError) -> Self {
        let unavailable = |code: &'static str, hint: &str| {
            Self::new(Exit::Unavailable, code, &chain(&error)).hint(hint)
        };
        match &error {
            OpenError::WrongKeyOrDamaged { .. } => Self::new(Exit::Locked, "wrong_key", &error)
                .hint(WRONG_KEY)
                .or_recovery(),
            OpenError::PlainSqlite { .. } | OpenError::NotADatabase { .. } => unavailable(
                "not_a_database",
                "keep this file, and put the right main.db back or restore the newest backup into \
                 a new folder: `openalgo backup restore FILE --data-dir NEW_FOLDER`",
            ),
            OpenError::OlderCopy { .. }
            | OpenError::AnchorMissing { .. }
            | OpenError::AnchorStrange { .. } => unavailable(
                "older_copy",
                "put the newest main.db and main.db-anchor back; if they are lost, run \
                 `openalgo db accept-older`",
            ),
            OpenError::NewerSchema { .. } => unavailable(
                "newer_schema",
                "use the newer openalgo that made this file; what was before that update may be \
                 beside it, in main.db.before-VERSION",
            ),
            OpenError::Damaged { .. } => unavailable("damaged", DAMAGED),
            OpenError::Storage { source, .. } if speaks_of_damage(source.as_ref()) => {
                unavailable("damaged", DAMAGED)
            }
            // SQLite tells of no kind.
            OpenError::NotWritable { path, source } => {
                let kind = kind_of(source.as_ref()).unwrap_or(PermissionDenied);
                failed(&error, path, Some(kind))
            }
            OpenError::Storage { path, source, .. } => {
                failed(&error, path, kind_of(source.as_ref()))
            }
            _ => Self::internal("the database cannot be opened", &error),
        }
    }
}

/// What kind of failure the system told of.
fn kind_of(source: &(dyn Error + 'static)) -> Option<ErrorKind> {
    if speaks_of_a_full_disk(source) {
        return Some(ErrorKind::StorageFull);
    }
    source.downcast_ref::<io::Error>().map(io::Error::kind)
}

fn failed(error: &OpenError, path: &Path, kind: Option<ErrorKind>) -> CliError {
    files::unusable(&chain(error), path.parent().unwrap_or(path), kind)
}

impl From<OwnerSetupError> for CliError {
    fn from(error: OwnerSetupError) -> Self {
        match error {
            OwnerSetupError::User(error) => error.into(),
            other => Self::internal("the owner's account was not made", &other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: OpenError) -> CliError {
        error.into()
    }

    fn denied() -> io::Error {
        PermissionDenied.into()
    }

    /// A folder may have any name.
    #[test]
    fn no_name_of_a_folder_makes_a_failure_damage() {
        let path = || "/srv/malformed, not a database/data/main.db".into();
        let error = of(OpenError::NotWritable {
            path: path(),
            source: denied().into(),
        });
        assert_eq!(error.code, "read_only");
        let error = of(OpenError::Storage {
            operation: "open",
            path: path(),
            source: io::Error::from(ErrorKind::StorageFull).into(),
        });
        assert_eq!(error.code, "disk_full");
    }

    #[test]
    fn a_full_disk_is_no_damaged_vault_file() {
        let error = CliError::from(UnlockError::VaultUnwritable {
            path: "/srv/data/vault.json".into(),
            source: io::Error::from(ErrorKind::StorageFull),
        });
        assert_eq!(error.code, "disk_full");
        assert!(
            error.message.contains("/srv/data/vault.json: "),
            "{}",
            error.message
        );
        assert!(
            error
                .hint
                .unwrap()
                .contains("the disk of /srv/data is full")
        );
    }

    #[test]
    fn a_disk_for_reading_only_is_told_from_missing_rights() {
        for (kind, words) in [
            (ErrorKind::ReadOnlyFilesystem, "mounted for reading only"),
            (PermissionDenied, "is yours"),
        ] {
            let error = of(OpenError::NotWritable {
                path: "/srv/data/main.db".into(),
                source: io::Error::from(kind).into(),
            });
            let hint = error.hint.unwrap();
            assert_eq!(error.code, "read_only");
            assert!(hint.contains(words), "{hint}");
        }
    }
}
