//! A data folder that is locked, unlocked and readable, without an engine.

use crate::folder::DataFolder;
use crate::lock::FolderLock;
use crate::vault::Unlocked;
use openalgo_core::port::{Clock, StoreError};
use openalgo_store::{CheckReport, Store, Summary};
use secrecy::SecretString;
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
    /// Given up last, when the store is closed.
    pub(crate) _lock: FolderLock,
}

impl OpenFolder {
    /// Where everything lives.
    pub fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// Whether the data was made just now.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Where the master key is kept, as `--key-source` names it.
    pub fn key_source(&self) -> &str {
        &self.unlocked.source
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

    /// Proves that the database is sound.
    pub async fn check(&self) -> Result<CheckReport, StoreError> {
        self.store.check().await
    }

    /// Sizes and counts.
    pub async fn summary(&self) -> Result<Summary, StoreError> {
        self.store.summary().await
    }

    /// Closes the database and gives the folder up.
    pub async fn close(self) {
        self.store.close().await;
    }
}
