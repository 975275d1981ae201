//! The key of an existing folder. Nothing here makes a key.

use super::Unlocked;
use super::file::Vault;
use super::place::{KeyPlace, file_outside};
use crate::folder::DataFolder;
use crate::key_source::{KeySource, UnlockError};
use openalgo_crypto::MasterKey;
use openalgo_crypto::key_source::RecoveryKey;
use secrecy::SecretString;

/// The keys that may open the data: one, or two while a change of the key is not finished.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) first: Unlocked,
    pub(crate) second: Option<Unlocked>,
}

/// Gets the key of an existing data folder.
pub(crate) fn unlock(folder: &DataFolder, asked: Option<&KeySource>) -> Result<Found, UnlockError> {
    // A damaged vault file must not keep a key that is named from opening the data.
    let vault = match (Vault::read(folder), asked) {
        (Err(UnlockError::Vault { .. }), Some(KeySource::File(_) | KeySource::Credential(_))) => {
            None
        }
        (recorded, _) => recorded?,
    };
    match (vault, asked) {
        (Some(vault), asked) => recorded(folder, &vault, asked),
        (None, Some(source @ (KeySource::File(_) | KeySource::Credential(_)))) => {
            let (master, place) = named(folder, source)?;
            Ok(Found {
                first: unlocked(master, Some(place), None),
                second: None,
            })
        }
        (None, _) => Err(UnlockError::Unknown {
            folder: folder.root().to_owned(),
        }),
    }
}

/// Gets the key from where the vault file says, or from where somebody else says.
pub(crate) fn recorded(
    folder: &DataFolder,
    vault: &Vault,
    asked: Option<&KeySource>,
) -> Result<Found, UnlockError> {
    let passphrase = asked.and_then(KeySource::passphrase);
    let current = current(folder, vault, asked);
    let pending = vault.pending.as_ref().map(|pending| {
        let master = pending.key.load(passphrase)?;
        Ok((master, Some(pending.key.clone())))
    });
    let checked = |found: Result<_, UnlockError>| found.and_then(|key| check(vault, key));
    match (checked(current), pending.map(checked)) {
        (Ok(first), second) => Ok(Found {
            first,
            second: second.and_then(Result::ok),
        }),
        (Err(_), Some(Ok(first))) => Ok(Found {
            first,
            second: None,
        }),
        (Err(error), _) => Err(match asked {
            Some(asked) => blamed(folder, vault, asked, error),
            None => error,
        }),
    }
}

/// Says where the key is, if what was named is not that place and the key is there.
fn blamed(
    folder: &DataFolder,
    vault: &Vault,
    asked: &KeySource,
    error: UnlockError,
) -> UnlockError {
    let named = match asked {
        KeySource::File(path) => file_outside(folder, path).ok(),
        KeySource::Credential(name) => Some(KeyPlace::Credential { name: name.clone() }),
        KeySource::Keychain | KeySource::Passphrase(_) | KeySource::Recovery(_) => None,
    };
    match named {
        Some(named) => elsewhere(vault, &named, error),
        None => error,
    }
}

/// The same for a place that was named and gave no key of this folder.
pub(super) fn elsewhere(vault: &Vault, named: &KeyPlace, error: UnlockError) -> UnlockError {
    if named.is_same_as(&vault.key) || !is_in_its_place(vault) {
        return error;
    }
    UnlockError::NamedElsewhere {
        recorded: vault.key.name(),
        source: Box::new(error),
    }
}

/// Whether the key is where the vault file says, as far as can be told without asking anybody.
fn is_in_its_place(vault: &Vault) -> bool {
    match &vault.key {
        KeyPlace::Passphrase { .. } | KeyPlace::Keychain { .. } => true,
        KeyPlace::File { .. } | KeyPlace::Credential { .. } => {
            vault.key.verify(&vault.key_check, None).is_ok()
        }
    }
}

type Key = (MasterKey, Option<KeyPlace>);

fn current(
    folder: &DataFolder,
    vault: &Vault,
    asked: Option<&KeySource>,
) -> Result<Key, UnlockError> {
    match (asked, &vault.key) {
        (Some(source @ (KeySource::File(_) | KeySource::Credential(_))), _) => {
            let (master, place) = named(folder, source)?;
            Ok((master, Some(place)))
        }
        (Some(KeySource::Recovery(typed)), _) => Ok((recover(folder, vault, typed)?, None)),
        (None, _)
        | (Some(KeySource::Passphrase(_)), KeyPlace::Passphrase { .. })
        | (Some(KeySource::Keychain), KeyPlace::Keychain { .. }) => {
            let passphrase = asked.and_then(KeySource::passphrase);
            Ok((vault.key.load(passphrase)?, Some(vault.key.clone())))
        }
        (Some(asked @ (KeySource::Passphrase(_) | KeySource::Keychain)), recorded) => {
            let (asked, recorded) = (asked.to_string(), recorded.name());
            Err(UnlockError::NotThere { asked, recorded })
        }
    }
}

/// The key from a place that was named, wherever the vault file says it is.
fn named(folder: &DataFolder, source: &KeySource) -> Result<(MasterKey, KeyPlace), UnlockError> {
    let place = match source {
        KeySource::File(path) => file_outside(folder, path)?,
        KeySource::Credential(name) => KeyPlace::Credential { name: name.clone() },
        KeySource::Keychain | KeySource::Passphrase(_) | KeySource::Recovery(_) => {
            let folder = folder.root().to_owned();
            return Err(UnlockError::Unknown { folder });
        }
    };
    Ok((place.load(None)?, place))
}

fn recover(
    folder: &DataFolder,
    vault: &Vault,
    typed: &SecretString,
) -> Result<MasterKey, UnlockError> {
    let recovery = vault.recovery.as_ref();
    let recovery = recovery.ok_or_else(|| UnlockError::NoRecoveryKey {
        folder: folder.root().to_owned(),
    })?;
    Ok(recovery.wrapped.unwrap(&RecoveryKey::parse(typed)?)?)
}

/// Sees that a key is that of the folder, or the one that is to become it.
fn check(vault: &Vault, (master, place): Key) -> Result<Unlocked, UnlockError> {
    let checks = [
        Some(&vault.key_check),
        vault.pending.as_ref().map(|it| &it.key_check),
    ];
    let is_known = checks
        .into_iter()
        .flatten()
        .any(|it| master.matches_check(it));
    let unlocked = unlocked(master, place, Some(vault.clone()));
    if is_known {
        Ok(unlocked)
    } else {
        Err(UnlockError::WrongKey {
            source_name: unlocked.source,
        })
    }
}

fn unlocked(master: MasterKey, place: Option<KeyPlace>, vault: Option<Vault>) -> Unlocked {
    let source = match &place {
        Some(place) => place.name(),
        None => "the recovery key".to_owned(),
    };
    Unlocked {
        master,
        source,
        place,
        vault,
        fell_back_to_file: false,
        had_key: false,
    }
}
