//! What there is to say about the key of a folder, without opening the folder.

use super::file::Vault;
use super::place::KeyPlace;
use crate::folder::DataFolder;
use crate::key_source::UnlockError;
use openalgo_core::market::Timestamp;

/// Where the key of a data folder is, and whether it can be had.
#[derive(Debug)]
pub struct KeyReport {
    /// Where it is kept, as `--key-source` names it.
    pub source: String,
    /// Since when, where that is known.
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

    /// Asks the key source of a folder; another process may have the folder open. Blocks.
    pub fn of(folder: &DataFolder) -> Result<Self, UnlockError> {
        let vault = read(folder)?;
        Ok(Self {
            source: vault.key.name(),
            since: vault.since,
            reach: reach(&vault),
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

fn reach(vault: &Vault) -> KeyReach {
    if matches!(vault.key, KeyPlace::Passphrase { .. }) {
        return KeyReach::NeedsPassphrase;
    }
    match vault.key.load(None) {
        Ok(key) if key.matches_check(&vault.key_check) => KeyReach::Reached,
        Ok(_) => KeyReach::Failed(UnlockError::WrongKey {
            source_name: vault.key.name(),
        }),
        Err(error) => KeyReach::Failed(error),
    }
}
