//! Why a key cannot be had or kept where it belongs, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::crypto::key_source::KeySourceError;
use std::io::ErrorKind;

/// The key is there; this session cannot get at it.
const OUT_OF_REACH: &str = "the key is not lost: run the command where that keychain is open. For \
                            ssh, cron and services, move the key while it is open (`openalgo key \
                            move --to file:PATH`), or name another place for a new folder \
                            (--key-source file:PATH)";

/// Nobody can tell whether the key is somewhere else.
const GONE: &str = "a lost key cannot be replaced: only a copy of it opens this data \
                    (--key-source file:PATH)";

/// What keeps the key makes no sense any more.
const DAMAGED: &str = "a copy of the key opens the data: --key-source file:PATH";

impl CliError {
    /// A recovery key is another way out.
    pub(super) fn or_recovery(mut self) -> Self {
        self.or_recovery = true;
        self
    }

    /// Offers the recovery key, if it is a way out and the folder has one.
    pub(crate) fn offering_recovery(mut self, has_recovery: bool) -> Self {
        if std::mem::take(&mut self.or_recovery) && has_recovery {
            let hint = self.hint.take().unwrap_or_default();
            self = self.hint(format!(
                "{hint}, or use the recovery key: `openalgo key recovery use --to PLACE`"
            ));
        }
        self
    }

    /// What was named is of no use; what the folder says of itself is.
    pub(super) fn named_elsewhere(mut self, recorded: &str) -> Self {
        self.or_recovery = false;
        self.hint(format!(
            "this folder's key is in {recorded}: leave --key-source (or OPENALGO_KEY_SOURCE) away"
        ))
    }
}

impl From<KeySourceError> for CliError {
    /// The key source's own sentence says what is wrong; the hint says how to mend it with this
    /// program.
    fn from(error: KeySourceError) -> Self {
        let (exit, code, hint) = advise(&error);
        let advised = Self::new(exit, code, &chain(&error)).hint(hint);
        if is_lost(&error) {
            advised.or_recovery()
        } else {
            advised
        }
    }
}

fn advise(error: &KeySourceError) -> (Exit, &'static str, &'static str) {
    use KeySourceError as Is;
    match error {
        Is::PassphraseWrong | Is::RecoveryKeyWrong => (
            Exit::Locked,
            "wrong_key",
            "`openalgo key source` shows where the key is and whether there is a recovery key",
        ),
        Is::RecoveryKeyLength { .. } | Is::RecoveryKeyMistyped { .. } | Is::RecoveryKeyUnlike => (
            Exit::Locked,
            "recovery_key_mistyped",
            "case, spaces and hyphens do not matter, and O counts as 0, I and L as 1",
        ),
        Is::FileMalformed { .. }
        | Is::KeychainMalformed { .. }
        | Is::CredentialMalformed { .. } => (Exit::Locked, "damaged_key", DAMAGED),
        Is::WrappedKeyMalformed | Is::WrappedKeyTooCostly { .. } => (
            Exit::Unavailable,
            "vault",
            "put vault.json back from your own copy of the folder, or restore a backup into a new \
             one: `openalgo backup restore FILE --data-dir NEW_FOLDER`",
        ),
        Is::FileExists { .. } | Is::KeychainOccupied { .. } => {
            (Exit::Refused, "key_exists", "no key is ever overwritten")
        }
        Is::PassphraseEmpty => (Exit::Usage, "usage", "type one of several words"),
        Is::PassphraseShort { .. } => (
            Exit::Refused,
            "weak_passphrase",
            "nothing was changed: blanks around it do not count, and whoever has the file can try \
             short ones through",
        ),
        Is::FileUnwritable { source, .. } => unwritable(source.kind()),
        Is::Crypto(_) => (
            Exit::Unavailable,
            "no_memory",
            "the key is not lost: end other programs and run the command again",
        ),
        _ => (Exit::Locked, word(error), out_of_reach(error)),
    }
}

fn unwritable(kind: ErrorKind) -> (Exit, &'static str, &'static str) {
    let (word, hint) = match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (
            "disk_full",
            "nothing was changed; the disk is full: make room on it and run the command again",
        ),
        _ => (
            "key_not_kept",
            "nothing was changed: name a place that this user can write to",
        ),
    };
    (Exit::Unavailable, word, hint)
}

/// Whether what is left to do is to find another copy of the key.
fn is_lost(error: &KeySourceError) -> bool {
    matches!(
        error,
        KeySourceError::FileMissing { .. }
            | KeySourceError::FileMalformed { .. }
            | KeySourceError::KeychainEmpty { .. }
            | KeySourceError::KeychainMalformed { .. }
            | KeySourceError::CredentialMalformed { .. }
    )
}

fn word(error: &KeySourceError) -> &'static str {
    match error {
        KeySourceError::KeychainLocked { .. } => "keychain_locked",
        KeySourceError::FileExposed { .. } => "key_exposed",
        KeySourceError::FileUnreadable { .. } => "key_unreadable",
        _ => "no_key",
    }
}

/// What to do about a key that does not come, which is seldom a lost one.
fn out_of_reach(error: &KeySourceError) -> &'static str {
    match error {
        KeySourceError::KeychainLocked { .. } | KeySourceError::KeychainUnavailable { .. } => {
            OUT_OF_REACH
        }
        KeySourceError::KeychainWithoutKeyring { .. } => {
            "nothing was changed: name another place meanwhile, with --key-source file:PATH or \
             --key-source passphrase"
        }
        KeySourceError::KeychainFailed { .. } => {
            "that says nothing of the key: see whether the program for passwords and keys shows \
             it, and run the command again"
        }
        KeySourceError::FileExposed { .. } => {
            "the key is not lost; the commands that change it are `openalgo key rotate` and \
             `openalgo key move --to PLACE`"
        }
        KeySourceError::FileUnreadable { .. } => {
            "the key is not lost: run the command as the user whom the file belongs to, or give \
             the file back to this one"
        }
        KeySourceError::CredentialAbsent { .. } | KeySourceError::CredentialUnreadable { .. } => {
            "the key is not lost: run the command as that service, or name the file that the \
             credential was made of with --key-source file:PATH"
        }
        _ => GONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn hint(error: KeySourceError) -> String {
        CliError::from(error).hint.unwrap()
    }

    /// A key is called lost only where it may be.
    #[test]
    fn a_key_out_of_reach_is_told_from_a_lost_one() {
        let denied = || io::Error::from(ErrorKind::PermissionDenied);
        let path = || "/etc/openalgo/my.key".into();
        let name = || "openalgo-key".to_owned();
        for error in [
            KeySourceError::KeychainLocked {
                account: name(),
                reason: "".into(),
            },
            KeySourceError::KeychainUnavailable { reason: "".into() },
            KeySourceError::FileExposed {
                path: path(),
                mode: 0o644,
            },
            KeySourceError::FileUnreadable {
                path: path(),
                source: denied(),
            },
            KeySourceError::CredentialAbsent { name: name() },
            KeySourceError::CredentialUnreadable {
                name: name(),
                source: denied(),
            },
        ] {
            let said = hint(error);
            assert!(said.contains("not lost"), "{said}");
        }
        for error in [
            KeySourceError::FileMissing { path: path() },
            KeySourceError::KeychainEmpty { account: name() },
        ] {
            let error = CliError::from(error);
            let said = error.hint.clone().unwrap();
            assert!(said.contains("a copy of it opens this data"), "{said}");
            let said = error.offering_recovery(true).hint.unwrap();
            assert!(said.contains("key recovery use"), "{said}");
        }
    }

    /// Nobody looks for a paper that was never written.
    #[test]
    fn a_recovery_key_is_offered_only_where_there_is_one() {
        let path = || "/etc/openalgo/my.key".into();
        for error in [
            KeySourceError::FileMissing { path: path() },
            KeySourceError::FileMalformed { path: path() },
        ] {
            let error = CliError::from(error).offering_recovery(false);
            assert!(!error.hint.unwrap().contains("recovery"));
        }
    }

    #[test]
    fn a_full_disk_is_said_of_a_key_file() {
        let (path, source) = ("/etc/openalgo/my.key".into(), ErrorKind::StorageFull.into());
        let error = CliError::from(KeySourceError::FileUnwritable { path, source });
        assert_eq!(error.code, "disk_full");
    }

    /// A program that is told of no key would look for another one.
    #[test]
    fn a_key_file_that_is_there_is_not_called_missing() {
        let path = || "/etc/openalgo/my.key".into();
        let word = |error: KeySourceError| CliError::from(error).code;
        let exposed = KeySourceError::FileExposed {
            path: path(),
            mode: 0o644,
        };
        assert_eq!(word(exposed), "key_exposed");
        let unreadable = KeySourceError::FileUnreadable {
            path: path(),
            source: ErrorKind::PermissionDenied.into(),
        };
        assert_eq!(word(unreadable), "key_unreadable");
        assert_eq!(word(KeySourceError::FileMissing { path: path() }), "no_key");
    }

    #[test]
    fn a_locked_keychain_has_a_word_of_its_own_and_the_way_around() {
        let account = "folder-1".to_owned();
        let reason = "prompt dismissed".into();
        let error = CliError::from(KeySourceError::KeychainLocked { account, reason });
        assert_eq!(
            (error.exit, &*error.code),
            (Exit::Locked, "keychain_locked")
        );
        assert!(error.message.contains("unlock it"), "{}", error.message);
        assert!(error.hint.unwrap().contains("key move --to file:PATH"));
    }
}
