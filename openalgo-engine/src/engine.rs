//! Builds and owns every task; the one object that frontends call.
//!
//! | file | what is in it |
//! |---|---|
//! | `core` | what the parts of the running system share |
//! | `tasks` | what it does by itself |

mod core;
mod tasks;

use self::core::Core;
use self::tasks::{Tasks, own_tasks};
use crate::account::{AccountRegistry, CatchUpError, Desks};
use crate::brokers::Brokers;
use crate::errands::Errands;
use crate::event::{EventBus, EventStream};
use crate::gtt::{GttTask, GttWatchError};
use crate::guards::Guards;
use crate::hub::MarketDataHub;
use crate::market::Market;
use crate::passwords::Passwords;
use crate::ports::Ports;
use crate::reconciler::{ReconcileError, Reconciler, Tools as ReconcilerTools};
use crate::recorder::{RecorderTask, Records};
use crate::service::{
    ApprovalService, BrokerService, GttService, HistoryService, Intake, KeyedOrderService,
    LatencyService, LogService, LoginService, OptionService, OrderService, PaperService,
    PortfolioService, RiskService, SecondFactorService, SettingService, UserService,
};
use crate::waiting::WaitingRoom;
use openalgo_core::id::UserId;
use openalgo_core::market::Timestamp;
use openalgo_core::order::Order;
use openalgo_core::port::{Clock, MarketError, StoreError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// How the engine runs.
#[derive(Debug, Clone, Default)]
pub struct EngineConfig {
    /// How often resting paper orders meet the market. `None` leaves that to
    /// [`Engine::catch_up`], as short-lived commands and tests do.
    pub watch_every: Option<Duration>,
    /// How often the order books of brokers are read while an order is open there or its outcome
    /// unknown. `None` leaves that to [`Engine::reconcile`], and to orders whose answer was lost.
    pub reconcile_every: Option<Duration>,
    /// How often prices are looked at for orders that wait for one. `None` leaves that to
    /// [`Engine::watch_gtts`].
    pub watch_gtts_every: Option<Duration>,
}

/// Why the engine does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store failed. How is left to the cause: this is logged, and a damaged cell may hold
    /// anything.
    #[error("stored data could not be used")]
    Store(#[from] StoreError),
    /// The instruments could not be listed.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// Resting orders could not be brought up to the present.
    #[error(transparent)]
    CatchUp(#[from] CatchUpError),
}

/// The running system.
#[derive(Debug)]
pub struct Engine {
    core: Core,
    events: EventBus,
    orders: Arc<OrderService>,
    gtts: Arc<GttService>,
    keyed: KeyedOrderService,
    approvals: ApprovalService,
    portfolio: PortfolioService,
    history: HistoryService,
    options: OptionService,
    paper: Arc<PaperService>,
    settings: SettingService,
    brokers: BrokerService,
    risk: RiskService,
    latency: LatencyService,
    logs: LogService,
    users: UserService,
    logins: LoginService,
    second_factor: SecondFactorService,
    tasks: Mutex<Option<Tasks>>,
}

impl Engine {
    /// Starts the engine: reads the settings, lists the instruments, and brings resting paper
    /// orders up to the present as far as it can.
    pub async fn start(ports: Ports, config: EngineConfig) -> Result<Self, StartError> {
        let (ports, errands) = (Arc::new(ports), Errands::default());
        let settings = SettingService::open(Arc::clone(&ports.settings), errands.clone()).await?;
        let people = people(&ports, &settings).await?;
        let events = EventBus::new();
        let market = Market::open(ports.market.clone(), Arc::clone(&ports.clock)).await?;
        let market = Arc::new(market);
        let (hub, hub_task) = MarketDataHub::start(Arc::clone(&market));
        let guards = Guards::new(&ports);
        let brokers = Brokers::new(Arc::clone(&ports.clock), settings.clone(), events.clone());
        let held = (Arc::clone(&ports), settings.clone());
        let tools = ReconcilerTools::new(held, brokers.clone(), events.clone());
        let (reconciler, books) = Reconciler::start(tools, config.reconcile_every);
        let desks = Desks::new(
            (Arc::clone(&ports), settings.clone()),
            events.clone(),
            (brokers.clone(), guards.clone(), reconciler.clone()),
        );
        let accounts = Arc::new(AccountRegistry::new(desks));
        let (records, recorder) = recorder(&ports);
        let room = WaitingRoom::new(&ports, settings.clone(), (events.clone(), errands.clone()));
        let core = Core {
            ports,
            market,
            hub,
            accounts,
            guards,
            brokers,
            reconciler,
            records,
            room,
            errands,
        };
        // A damaged account must not keep the others, and the tools to examine it, from starting.
        if let Err(error) = core.catch_up().await {
            tracing::error!(%error, "resting orders were not brought up to the present");
        }
        let own = own_tasks(&core, &config, &events);
        let every = config.watch_gtts_every;
        let (engine, gtts) = Self::assemble(core, (settings, events), people, every);
        let tasks = Tasks {
            own,
            books,
            recorder,
            gtts,
            hub: hub_task,
        };
        *engine.tasks.lock().unwrap_or_else(PoisonError::into_inner) = Some(tasks);
        Ok(engine)
    }

    fn assemble(
        core: Core,
        (settings, events): (SettingService, EventBus),
        (users, logins): (UserService, LoginService),
        watch_gtts_every: Option<Duration>,
    ) -> (Self, GttTask) {
        let Core {
            ports,
            market,
            hub: _,
            accounts,
            guards,
            brokers,
            reconciler,
            records,
            room,
            errands,
        } = core.clone();
        let (standings, profits) = core.accountants(&settings);
        let held = (Arc::clone(&ports), settings.clone());
        let funds = Arc::new(core.paper_funds(&settings));
        let intake = Intake {
            accounts,
            standings: standings.clone(),
            profits: profits.clone(),
            guards: guards.clone(),
            reconciler: reconciler.clone(),
            records: records.clone(),
        };
        let orders = Arc::new(OrderService::new(held.clone(), Arc::clone(&market), intake));
        let tools = core.gtt_tools(&orders, &events);
        let switches = guards.switches.clone();
        let (gtts, task) = GttService::start(tools, (settings.clone(), switches), watch_gtts_every);
        let keyed = (Arc::clone(&orders), Arc::clone(&gtts));
        let engine = Self {
            paper: Arc::new(PaperService::new(Arc::clone(&funds), Arc::clone(&gtts))),
            gtts,
            keyed: KeyedOrderService::new(keyed.clone(), settings.clone(), room.clone()),
            approvals: ApprovalService::new(keyed, brokers.clone(), room),
            orders,
            history: HistoryService::new(Arc::clone(&ports), Arc::clone(&market)),
            options: OptionService::new(Arc::clone(&market)),
            portfolio: PortfolioService::new(held.clone(), market, (standings, funds)),
            brokers: BrokerService::new(Arc::clone(&ports), brokers, reconciler),
            risk: RiskService::new(held, (guards, profits), errands),
            latency: LatencyService::new(Arc::clone(&ports), records.clone()),
            logs: LogService::new(Arc::clone(&ports), records),
            users,
            second_factor: SecondFactorService::new(ports, logins.clone()),
            logins,
            settings,
            events,
            core,
            tasks: Mutex::new(None),
        };
        (engine, task)
    }

    /// Orders.
    pub fn orders(&self) -> &OrderService {
        &self.orders
    }

    /// Orders that wait for a price.
    pub fn gtts(&self) -> &GttService {
        &self.gtts
    }

    /// Orders that programs ask for with an API key.
    pub fn keyed_orders(&self) -> &KeyedOrderService {
        &self.keyed
    }

    /// Orders that wait for a person.
    pub fn approvals(&self) -> &ApprovalService {
        &self.approvals
    }

    /// Positions, holdings and funds.
    pub fn portfolio(&self) -> &PortfolioService {
        &self.portfolio
    }

    /// Past prices.
    pub fn history(&self) -> &HistoryService {
        &self.history
    }

    /// Options: which is meant, chains, and what their prices say.
    pub fn options(&self) -> &OptionService {
        &self.options
    }

    /// Accounts of the paper exchange.
    pub fn paper(&self) -> &PaperService {
        &self.paper
    }

    /// Instruments and quotes.
    pub fn market(&self) -> &Market {
        &self.core.market
    }

    /// Prices as they come.
    pub fn hub(&self) -> &MarketDataHub {
        &self.core.hub
    }

    /// Settings.
    pub fn settings(&self) -> &SettingService {
        &self.settings
    }

    /// Brokers: logging in and out there, and which of them live orders go to.
    pub fn brokers(&self) -> &BrokerService {
        &self.brokers
    }

    /// Limits of risk and the kill switch.
    pub fn risk(&self) -> &RiskService {
        &self.risk
    }

    /// What was asked for and answered.
    pub fn logs(&self) -> &LogService {
        &self.logs
    }

    /// How long orders took.
    pub fn latency(&self) -> &LatencyService {
        &self.latency
    }

    /// Users and API keys.
    pub fn users(&self) -> &UserService {
        &self.users
    }

    /// Logging in, and the sessions of users.
    pub fn logins(&self) -> &LoginService {
        &self.logins
    }

    /// Authenticators of users.
    pub fn second_factor(&self) -> &SecondFactorService {
        &self.second_factor
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> EventStream {
        self.events.subscribe()
    }

    /// Lets resting paper orders meet the prices since they were last looked at.
    pub async fn catch_up(&self) -> Result<(), StartError> {
        self.core.catch_up().await
    }

    /// The same for one user.
    pub async fn catch_up_of(&self, user: UserId) -> Result<(), CatchUpError> {
        self.core.catch_up_of(user).await
    }

    /// Reads the order books of brokers where an order is open or its outcome unknown, and writes
    /// down what they say. Nothing is sent.
    pub async fn reconcile(&self) -> Result<(), ReconcileError> {
        self.core.reconciler.pass().await
    }

    /// Looks at prices for orders that wait for one, and places those that are met; returns when
    /// what became of them is durable.
    pub async fn watch_gtts(&self) -> Result<(), GttWatchError> {
        self.gtts.watch().await
    }

    /// The present instant, by the clock that everything here goes by.
    pub fn now(&self) -> Timestamp {
        self.core.ports.clock.now()
    }

    /// The clock that everything here goes by.
    pub fn clock(&self) -> &dyn Clock {
        &*self.core.ports.clock
    }

    /// Orders whose outcome at the broker nobody knows; they are never sent again by themselves.
    pub async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.core.ports.orders.unresolved().await
    }

    /// Stops: no new commands, everything begun comes to its end.
    pub async fn stop(&self) {
        let tasks = self
            .tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(Tasks {
            own,
            books,
            recorder,
            gtts,
            hub,
        }) = tasks
        else {
            return;
        };
        // What stands in line has not begun.
        self.core.guards.governor.close();
        gtts.quit();
        for task in own {
            task.end().await;
        }
        self.core.errands.end().await;
        self.core.accounts.stop().await;
        gtts.end().await;
        books.end().await;
        hub.end().await;
        recorder.end().await;
    }
}

/// Where what is recorded about requests is dropped, and the task that writes it.
fn recorder(ports: &Ports) -> (Records, RecorderTask) {
    let (metrics, logs) = (&ports.latency_metrics, &ports.order_logs);
    RecorderTask::start(Arc::clone(metrics), Arc::clone(logs))
}

/// Users, and how they log in.
async fn people(
    ports: &Arc<Ports>,
    settings: &SettingService,
) -> Result<(UserService, LoginService), StartError> {
    let passwords = Passwords::new(Arc::clone(&ports.passwords));
    let logins = LoginService::open(Arc::clone(ports), settings.clone(), passwords.clone());
    let logins = logins.await?;
    Ok((UserService::new(Arc::clone(ports), passwords), logins))
}
