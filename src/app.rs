//! An open data folder with its engine running.

use crate::bot::Bots;
use crate::builder::{Builder, OpenAppError};
use crate::control::Door;
use crate::master_contracts::MasterContracts;
use crate::open_folder::OpenFolder;
use crate::world::World;
use openalgo_core::market::Timestamp;
use openalgo_core::order::Order;
use openalgo_core::port::{Clock, StoreError};
use openalgo_engine::event::EventStream;
use openalgo_engine::hub::MarketDataHub;
use openalgo_engine::market::Market;
use openalgo_engine::service::{
    ApprovalService, BrokerService, GttService, HistoryService, KeyedOrderService, LatencyService,
    LogService, LoginService, OptionService, OrderService, PaperService, PortfolioService,
    RiskService, SecondFactorService, SettingService, UserService,
};
use openalgo_engine::{Engine, GttWatchError, ReconcileError, StartError};
use openalgo_store::CheckReport;
use std::sync::Arc;
use tokio::sync::Mutex;

/// An open data folder with its engine running. One process owns a folder at a time.
///
/// Call [`OpenAlgo::close`] at the end, so that everything begun comes to its end; whatever was
/// answered before is on disk in any case.
#[derive(Debug)]
pub struct OpenAlgo {
    engine: Arc<Engine>,
    bots: Bots,
    files: OpenFolder,
    world: World,
    contracts: Arc<MasterContracts>,
    pub(crate) owner_setup: Mutex<()>,
}

/// A data folder that was opened as far as what is in it allows.
#[derive(Debug)]
pub enum Opened {
    /// With its engine running.
    Engine(Box<OpenAlgo>),
    /// Without, since something in it keeps the engine from starting.
    Files {
        /// The folder.
        files: Box<OpenFolder>,
        /// Why the engine did not start.
        why: OpenAppError,
    },
}

impl OpenAlgo {
    /// Says what to open and how.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(
        engine: Engine,
        files: OpenFolder,
        (world, clock): (World, Arc<dyn Clock>),
    ) -> Self {
        let engine = Arc::new(engine);
        Self {
            bots: Bots::new(Arc::clone(&engine), files.store.bot_states()),
            engine,
            contracts: Arc::new(files.master_contracts(clock)),
            files,
            world,
            owner_setup: Mutex::new(()),
        }
    }

    /// Bots: programs that trade by themselves.
    pub fn bots(&self) -> &Bots {
        &self.bots
    }

    pub(crate) fn shared_engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }

    /// Orders: place, cancel, list.
    pub fn orders(&self) -> &OrderService {
        self.engine.orders()
    }

    /// Orders that wait for a price.
    pub fn gtts(&self) -> &GttService {
        self.engine.gtts()
    }

    /// Orders that programs ask for with an API key.
    pub fn keyed_orders(&self) -> &KeyedOrderService {
        self.engine.keyed_orders()
    }

    /// Orders that wait for a person.
    pub fn approvals(&self) -> &ApprovalService {
        self.engine.approvals()
    }

    /// Positions, holdings and funds.
    pub fn portfolio(&self) -> &PortfolioService {
        self.engine.portfolio()
    }

    /// Past prices.
    pub fn history(&self) -> &HistoryService {
        self.engine.history()
    }

    /// Options: which is meant, chains, and what their prices say.
    pub fn options(&self) -> &OptionService {
        self.engine.options()
    }

    /// Accounts of the paper exchange.
    pub fn paper(&self) -> &PaperService {
        self.engine.paper()
    }

    /// Instruments and quotes.
    pub fn market(&self) -> &Market {
        self.engine.market()
    }

    /// Lists of instruments of brokers.
    pub fn master_contracts(&self) -> &MasterContracts {
        &self.contracts
    }

    /// Prices as they come.
    pub fn hub(&self) -> &MarketDataHub {
        self.engine.hub()
    }

    /// The world in which paper orders trade.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Settings.
    pub fn settings(&self) -> &SettingService {
        self.engine.settings()
    }

    /// Brokers: logging in and out there, and which of them live orders go to.
    pub fn brokers(&self) -> &BrokerService {
        self.engine.brokers()
    }

    /// Limits of risk and the kill switch.
    pub fn risk(&self) -> &RiskService {
        self.engine.risk()
    }

    /// What was asked for and answered.
    pub fn logs(&self) -> &LogService {
        self.engine.logs()
    }

    /// How long orders took.
    pub fn latency(&self) -> &LatencyService {
        self.engine.latency()
    }

    /// Users and API keys.
    pub fn users(&self) -> &UserService {
        self.engine.users()
    }

    /// Logging in, and the sessions of users.
    pub fn logins(&self) -> &LoginService {
        self.engine.logins()
    }

    /// Authenticators of users.
    pub fn second_factor(&self) -> &SecondFactorService {
        self.engine.second_factor()
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> EventStream {
        self.engine.subscribe()
    }

    /// Lets resting paper orders meet the prices since they were last looked at.
    pub async fn catch_up(&self) -> Result<(), StartError> {
        self.engine.catch_up().await
    }

    /// Reads the order books of brokers where an order is open or its outcome unknown, and writes
    /// down what they say. Nothing is sent.
    pub async fn reconcile(&self) -> Result<(), ReconcileError> {
        self.engine.reconcile().await
    }

    /// Looks at prices for orders that wait for one, and places those that are met.
    pub async fn watch_gtts(&self) -> Result<(), GttWatchError> {
        self.engine.watch_gtts().await
    }

    /// Orders whose outcome at the broker nobody knows.
    pub async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.engine.unresolved().await
    }

    /// The present instant, by the clock that everything here goes by.
    pub fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// The folder itself: where it is, its key, its state.
    pub fn files(&self) -> &OpenFolder {
        &self.files
    }

    /// The address at which callers knock; see [`OpenFolder::take_door`].
    pub fn take_door(&mut self) -> Option<Door> {
        self.files.take_door()
    }

    /// Proves that the database is sound.
    pub async fn check(&self) -> Result<CheckReport, StoreError> {
        self.files.check().await
    }

    /// Stops the bots and the engine, and closes the database.
    pub async fn close(self) {
        self.bots.end().await;
        self.engine.stop().await;
        self.files.close().await;
    }
}
