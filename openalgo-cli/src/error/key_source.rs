//! Why a key cannot be had or kept where it belongs, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::crypto::key_source::KeySourceError;

/// The key is there; this session cannot get at it.
const OUT_OF_REACH: &str = "the key is not lost: run the command where that keychain is open. For \
                            ssh, cron and services, move the key while it is open (`openalgo key \
                            move --to file:PATH`), or name another place for a new folder \
                            (--key-source file:PATH)";

/// Nobody can tell whether the key is somewhere else.
const GONE: &str = "a lost key cannot be replaced: only a copy of it opens this data \
                    (--key-source file:PATH), or a recovery key (`openalgo key recovery use --to \
                    PLACE`)";

impl From<KeySourceError> for CliError {
    /// The key source's own sentence says what is wrong; the hint says how to mend it with this
    /// program.
    fn from(error: KeySourceError) -> Self {
        let (exit, code, hint) = advise(&error);
        Self::new(exit, code, &chain(&error)).hint(hint)
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
        | Is::CredentialMalformed { .. } => (
            Exit::Locked,
            "damaged_key",
            "a copy of the key opens the data, and so does a recovery key: `openalgo key recovery \
             use --to PLACE`",
        ),
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
        Is::FileUnwritable { .. } => (
            Exit::Unavailable,
            "key_not_kept",
            "nothing was changed: name a place that this user can write to",
        ),
        Is::Crypto(_) => (
            Exit::Unavailable,
            "no_memory",
            "the key is not lost: end other programs and run the command again",
        ),
        _ => (Exit::Locked, word(error), out_of_reach(error)),
    }
}

fn word(error: &KeySourceError) -> &'static str {
    match error {
        KeySourceError::KeychainLocked { .. } => "keychain_locked",
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
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
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
            let said = hint(error);
            assert!(said.contains("a copy of it opens this data"), "{said}");
            assert!(said.contains("key recovery use"), "{said}");
        }
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
