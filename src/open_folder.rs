//! A data folder that is locked, unlocked and readable, without an engine.

use crate::control::Door;
use crate::folder::DataFolder;
use crate::lock::{Owner, Ownership};
use crate::master_contracts::MasterContracts;
use crate::vault::{KeyPlace, Unlocked};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{Clock, StoreError};
use openalgo_crypto::{ControlKey, SystemRandom};
use openalgo_store::{CheckReport, CompactError, Compacted, Store, Summary};
use secrecy::SecretString;
use std::path::Path;
use std::sync::Arc;

/// A data folder that is locked, unlocked and readable, without an engine.
///
/// Enough to examine it, also when something in it keeps the engine from running.
#[derive(Debug)]
pub struct OpenFolder {
    pub(crate) folder: DataFolder,
    pub(crate) unlocked: Unlocked,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) is_new: bool,
    pub(crate) door: Option<Door>,
    /// Given up last, when the store is closed.
    pub(crate) ownership: Ownership,
}

impl OpenFolder {
    /// Where everything lives.
    pub fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// This process as the owner of the folder.
    pub fn owner(&self) -> &Owner {
        self.ownership.owner()
    }

    /// What keeps others out of the folder while it is closed and opened again.
    pub fn ownership(&self) -> Ownership {
        self.ownership.clone()
    }

    /// Whether the data was made just now.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Where the master key is kept, as `--key-source` names it.
    pub fn key_source(&self) -> &str {
        &self.unlocked.source
    }

    /// The file that the key is in, where it is in one.
    pub fn key_file(&self) -> Option<&Path> {
        match &self.unlocked.place {
            Some(KeyPlace::File { path }) => Some(path),
            Some(
                KeyPlace::Keychain { .. }
                | KeyPlace::Passphrase { .. }
                | KeyPlace::Credential { .. },
            )
            | None => None,
        }
    }

    /// When the recovery key was made; `None` where there is none.
    pub fn recovery_key_since(&self) -> Option<Timestamp> {
        let recovery = self.unlocked.vault.as_ref()?.recovery.as_ref()?;
        Some(recovery.since)
    }

    /// Whether the key went to a file because there is no keychain here, which people should
    /// know: whoever can read that file and the data folder can read everything.
    pub fn fell_back_to_key_file(&self) -> bool {
        self.unlocked.fell_back_to_file
    }

    /// Whether a database was made for a key that was there already: either an earlier start got
    /// as far as the key, or a database was lost.
    pub fn had_key(&self) -> bool {
        self.unlocked.had_key
    }

    /// The key of the database, 64 hex digits, for opening it with another SQLCipher.
    pub fn export_database_key(&self) -> SecretString {
        self.unlocked.master.database_key().to_hex()
    }

    /// The key with which callers prove that they may have commands run here.
    pub fn control_key(&self) -> ControlKey {
        self.unlocked.master.control_key()
    }

    /// The address at which callers knock, once: whoever takes it answers them. `None` unless the
    /// builder was asked to be reachable, and where no address could be had.
    pub fn take_door(&mut self) -> Option<Door> {
        self.door.take()
    }

    /// Proves that the database is sound.
    pub async fn check(&self) -> Result<CheckReport, StoreError> {
        self.store.check().await
    }

    /// Makes the database as small as what is in it; changes wait meanwhile.
    pub async fn compact(&self) -> Result<Compacted, CompactError> {
        self.store.compact().await
    }

    /// Sizes and counts.
    pub async fn summary(&self) -> Result<Summary, StoreError> {
        self.store.summary().await
    }

    /// The lists of brokers, which go by the clock of the world that they are used in.
    pub(crate) fn master_contracts(&self, clock: Arc<dyn Clock>) -> MasterContracts {
        let tools = (Arc::new(SystemRandom) as _, clock);
        MasterContracts::new(self.folder.clone(), self.store.master_contracts(), tools)
    }

    /// The present instant, by the clock that everything here goes by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Closes the database and gives the folder up.
    pub async fn close(self) {
        self.store.close().await;
    }
}
