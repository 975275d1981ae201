//! An open data folder with its engine running.

use crate::builder::{Builder, Opened};
use crate::folder::DataFolder;
use crate::lock::FolderLock;
use openalgo_core::market::Timestamp;
use openalgo_core::order::Order;
use openalgo_core::port::StoreError;
use openalgo_crypto::MasterKey;
use openalgo_engine::event::EventStream;
use openalgo_engine::market::Market;
use openalgo_engine::service::{OrderService, PortfolioService, SettingService, UserService};
use openalgo_engine::{Engine, StartError};
use openalgo_store::{CheckReport, Store, Summary};
use secrecy::SecretString;

/// An open data folder with its engine running. One process owns a folder at a time.
///
/// Call [`OpenAlgo::close`] at the end, so that everything begun comes to its end; whatever was
/// answered before is on disk in any case.
#[derive(Debug)]
pub struct OpenAlgo {
    engine: Engine,
    store: Store,
    folder: DataFolder,
    master: MasterKey,
    key_source: String,
    fell_back_to_file: bool,
    is_new: bool,
    _lock: FolderLock,
}

impl OpenAlgo {
    /// Says what to open and how.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(engine: Engine, opened: Opened) -> Self {
        Self {
            engine,
            store: opened.store,
            folder: opened.folder,
            master: opened.unlocked.master,
            key_source: opened.unlocked.source,
            fell_back_to_file: opened.unlocked.fell_back_to_file,
            is_new: opened.is_new,
            _lock: opened.lock,
        }
    }

    /// Orders: place, cancel, list.
    pub fn orders(&self) -> &OrderService {
        self.engine.orders()
    }

    /// Positions, holdings and funds.
    pub fn portfolio(&self) -> &PortfolioService {
        self.engine.portfolio()
    }

    /// Instruments and quotes.
    pub fn market(&self) -> &Market {
        self.engine.market()
    }

    /// Settings.
    pub fn settings(&self) -> &SettingService {
        self.engine.settings()
    }

    /// Users and API keys.
    pub fn users(&self) -> &UserService {
        self.engine.users()
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> EventStream {
        self.engine.subscribe()
    }

    /// Lets resting paper orders meet the prices since they were last looked at.
    pub async fn catch_up(&self) -> Result<(), StartError> {
        self.engine.catch_up().await
    }

    /// Orders whose outcome at the broker nobody knows.
    pub async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.engine.unresolved().await
    }

    /// The present instant, by the clock that everything here goes by.
    pub fn now(&self) -> Timestamp {
        self.engine.now()
    }

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
        &self.key_source
    }

    /// Whether the key went to a file because there is no keychain here, which people should
    /// know: whoever can read that file and the data folder can read everything.
    pub fn fell_back_to_key_file(&self) -> bool {
        self.fell_back_to_file
    }

    /// The key of the database, 64 hex digits, for opening it with another SQLCipher.
    pub fn export_database_key(&self) -> SecretString {
        self.master.database_key().to_hex()
    }

    /// Proves that the database is sound.
    pub async fn check(&self) -> Result<CheckReport, StoreError> {
        self.store.check().await
    }

    /// Sizes and counts.
    pub async fn summary(&self) -> Result<Summary, StoreError> {
        self.store.summary().await
    }

    /// Stops the engine and closes the database.
    pub async fn close(self) {
        self.engine.stop().await;
        self.store.close().await;
    }
}
