//! What there is to say about the key of a folder, without opening the folder.

use super::file::Vault;
use super::place::{KeyPlace, file_outside};
use super::unlock::elsewhere;
use crate::folder::DataFolder;
use crate::key_source::{KeySourceName, UnlockError};
use openalgo_core::market::Timestamp;

/// Where the key of a data folder is, and whether it can be had.
#[derive(Debug)]
pub struct KeyReport {
    /// Where it was looked for, as `--key-source` names it.
    pub source: String,
    /// Where the data folder says that it is; the same unless another place was named.
    pub recorded: String,
    /// Since when it is in the place that the folder tells, where that is known.
    pub since: Option<Timestamp>,
    /// Whether it can be had at this moment.
    pub reach: KeyReach,
    /// When the recovery key was made; `None` where there is none.
    pub recovery_since: Option<Timestamp>,
    /// Whether a change of the key was interrupted; the next opening finishes or undoes it.
    pub is_changing: bool,
}

/// Whether a key can be had.
#[derive(Debug)]
pub enum KeyReach {
    /// It is there, and it is the right one.
    Reached,
    /// The passphrase has to be typed.
    NeedsPassphrase,
    /// It is not, and why.
    Failed(UnlockError),
}

impl KeyReport {
    /// Where the key of a folder is kept, as `--key-source` names it; asks nobody.
    pub fn place(folder: &DataFolder) -> Result<String, UnlockError> {
        Ok(read(folder)?.key.name())
    }

    /// Whether a folder has a recovery key, as far as its vault file can be read.
    pub fn has_recovery(folder: &DataFolder) -> bool {
        read(folder).is_ok_and(|vault| vault.recovery.is_some())
    }

    /// Asks the key source that is named, or the one of the folder; another process may have the
    /// folder open. Blocks.
    pub fn of(folder: &DataFolder, named: Option<&KeySourceName>) -> Result<Self, UnlockError> {
        let vault = read(folder)?;
        let recorded = vault.key.name();
        let (source, reach) = match named {
            None => (recorded.clone(), reach(&vault, &vault.key)),
            Some(named) => named_reach(folder, &vault, named),
        };
        Ok(Self {
            source,
            recorded,
            since: vault.since,
            reach,
            recovery_since: vault.recovery.as_ref().map(|recovery| recovery.since),
            is_changing: vault.pending.is_some(),
        })
    }
}

fn read(folder: &DataFolder) -> Result<Vault, UnlockError> {
    Vault::read(folder)?.ok_or_else(|| UnlockError::Unknown {
        folder: folder.root().to_owned(),
    })
}

/// What a place that was named is called, and whether the key comes from there.
fn named_reach(folder: &DataFolder, vault: &Vault, named: &KeySourceName) -> (String, KeyReach) {
    let place = match (named, &vault.key) {
        (KeySourceName::File(path), _) => file_outside(folder, path),
        (KeySourceName::Credential(name), _) => Ok(KeyPlace::Credential { name: name.clone() }),
        (KeySourceName::Keychain, recorded @ KeyPlace::Keychain { .. })
        | (KeySourceName::Passphrase, recorded @ KeyPlace::Passphrase { .. }) => {
            Ok(recorded.clone())
        }
        (KeySourceName::Keychain | KeySourceName::Passphrase, recorded) => {
            let (asked, recorded) = (named.to_string(), recorded.name());
            Err(UnlockError::NotThere { asked, recorded })
        }
    };
    match place {
        Err(error) => (named.to_string(), KeyReach::Failed(error)),
        Ok(place) => {
            let reach = match reach(vault, &place) {
                KeyReach::Failed(error) => KeyReach::Failed(elsewhere(vault, &place, error)),
                reached => reached,
            };
            (place.name(), reach)
        }
    }
}

fn reach(vault: &Vault, place: &KeyPlace) -> KeyReach {
    if matches!(place, KeyPlace::Passphrase { .. }) {
        return KeyReach::NeedsPassphrase;
    }
    match place.load(None) {
        Ok(key) if key.matches_check(&vault.key_check) => KeyReach::Reached,
        Ok(_) => KeyReach::Failed(UnlockError::WrongKey {
            source_name: place.name(),
        }),
        Err(error) => KeyReach::Failed(error),
    }
}
