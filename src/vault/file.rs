//! What the vault file says, read and written durably.

use super::place::KeyPlace;
use crate::file;
use crate::folder::DataFolder;
use crate::key_source::UnlockError;
use openalgo_core::market::Timestamp;
use openalgo_crypto::key_source::RecoveryWrap;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;

/// The version that is written. Version 1 had nothing but place and check value.
const VERSION: u32 = 2;

/// What the vault file says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Vault {
    pub(super) version: u32,
    pub(crate) key: KeyPlace,
    /// Tells a wrong key from a damaged database.
    pub(crate) key_check: String,
    /// When the key came there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Timestamp>,
    /// The same key again, for whoever has the recovery key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recovery: Option<Recovery>,
    /// Where the key, or another one, is on its way to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pending: Option<Kept>,
    /// Where the key, or an older one, was and is to be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retired: Option<Kept>,
}

/// A key and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) key: KeyPlace,
    pub(crate) key_check: String,
}

/// The master key wrapped by a recovery key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Recovery {
    pub(crate) wrapped: RecoveryWrap,
    pub(crate) since: Timestamp,
}

impl Vault {
    pub(crate) fn new(key: KeyPlace, key_check: String, since: Timestamp) -> Self {
        Self {
            version: VERSION,
            key,
            key_check,
            since: Some(since),
            recovery: None,
            pending: None,
            retired: None,
        }
    }

    /// The key that opens the data, as far as the file knows.
    pub(crate) fn current(&self) -> Kept {
        Kept {
            key: self.key.clone(),
            key_check: self.key_check.clone(),
        }
    }

    /// Reads the file of a folder, if there is one.
    pub(crate) fn read(folder: &DataFolder) -> Result<Option<Self>, UnlockError> {
        let path = folder.vault();
        let unusable = |reason: String| UnlockError::Vault {
            path: path.clone(),
            reason,
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(error.to_string())),
        };
        let vault: Self =
            serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        if vault.version > VERSION {
            return Err(unusable(format!(
                "it is of version {}, newer than this program",
                vault.version
            )));
        }
        Ok(Some(vault))
    }

    /// Writes the file, durably and at once: what stood there before, or all of this.
    pub(crate) fn write(&self, folder: &DataFolder) -> Result<(), UnlockError> {
        let path = folder.vault();
        let vault = Self {
            version: VERSION,
            ..self.clone()
        };
        let text = serde_json::to_string_pretty(&vault).map_err(|error| UnlockError::Vault {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        file::replace(&path, text.as_bytes())
            .map_err(|source| UnlockError::VaultUnwritable { path, source })
    }
}
