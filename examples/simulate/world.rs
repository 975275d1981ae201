//! A world in which everything that can go wrong does, and everything repeats: time, ids, prices,
//! a broker with faults, a store with faults, and a process that is killed at any step.
//!
//! | file | what is in it |
//! |---|---|
//! | `dice`, `clock` | chance and time, both the same for the same seed |
//! | `faults` | what goes wrong, and how often it did |
//! | `steps` | where the process can be killed |
//! | `market` | instruments and their prices |
//! | `exchange`, `broker` | what happens at the broker, and what the engine sees of it |
//! | `store` | orders and the paper ledger, with faults |
//! | `plan`, `clients` | what is asked for, and who asks |
//! | `legs`, `limits` | the same of baskets and split orders, and of limits of risk |
//! | `plan_waits`, `gtts`, `approvals` | the same of what waits for a price, or for a person |
//! | `life` | the lives of the process |
//! | `check` | whether every order was decided once |
//! | `check_gtts` | whether what waits for a price is placed once |
//! | `check_approvals` | whether orders of keys go out when a person has said so |
//! | `check_exits` | whether an exit has taken a position across zero |
//! | `check_paper` | whether the paper account is what its trades make it |
//!
//! Whoever includes this puts `custom_repository/memory.rs` beside it, as `memory`.

mod approvals;
mod broker;
mod check;
mod check_approvals;
mod check_exits;
mod check_gtts;
mod check_paper;
mod clients;
mod clock;
mod dice;
mod exchange;
mod faults;
mod gtts;
mod legs;
mod life;
mod limits;
mod market;
mod plan;
mod plan_waits;
mod steps;
mod store;

pub(crate) use faults::Fault;

use super::memory::Memory;
use approvals::Keyed;
use broker::WorldBroker;
use clients::Calls;
use clock::WorldClock;
use dice::Dice;
use faults::Faults;
use gtts::Gtts;
use legs::Requests;
use limits::Limits;
use market::WorldMarket;
use openalgo::brokers::paper::PaperBroker;
use openalgo::core::account::{NewApiKey, NewUser, PasswordHash, SettingKey};
use openalgo::core::id::{IntentId, UserId};
use openalgo::core::market::{SessionBoundary, Timestamp, TradingDay};
use openalgo::core::order::OrderMode;
use openalgo::core::port::{
    ApiKeyRepository, Clock, CryptoError, IdSource, OrderQuery, OrderRepository, SettingRepository,
    UserRepository,
};
use openalgo::crypto::{ApiKeys, Argon2Cost, Argon2Hasher, Rfc6238, SystemRandom};
use openalgo::engine::Ports;
use plan::{Account, Planned};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use steps::Steps;
use store::WorldStore;
use tokio::runtime::Builder;
use uuid::Uuid;

/// When the day begins: 25 November 2026, 09:15 in India.
const OPENING: i64 = 1_795_578_300_000_000;

/// A safeguard that is switched off, to see whether the world notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// Client order ids are forgotten.
    Idempotency,
    /// Twins that are asked for at once do not wait for each other.
    Claim,
    /// Orders are sent before their intent is durable.
    Journal,
    /// That the order of one that waits for a price is being placed is not stored.
    GttClaim,
    /// What a person has decided is not stored.
    Decision,
}

/// How a day is lived.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    pub(crate) sabotage: Option<Sabotage>,
    /// Whether what happens is written down.
    pub(crate) trace: bool,
}

/// What became of a day.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) steps: u64,
    pub(crate) operations: usize,
    pub(crate) faults: BTreeMap<Fault, u64>,
    pub(crate) violations: Vec<String>,
    /// Every entry of the journal, in the order of the orders, and what has waited.
    pub(crate) journal: String,
    pub(crate) trace: Vec<String>,
}

/// A day, its people and things.
#[derive(Debug)]
pub(crate) struct World {
    clock: Arc<WorldClock>,
    steps: Arc<Steps>,
    faults: Arc<Faults>,
    market: Arc<WorldMarket>,
    broker: Arc<WorldBroker>,
    memory: Arc<Memory>,
    store: WorldStore,
    ids: Arc<Ids>,
    calls: Calls,
    requests: Requests,
    gtts: Gtts,
    keyed: Keyed,
    limits: Limits,
    users: (UserId, UserId),
    sabotage: Option<Sabotage>,
    dice: Mutex<Dice>,
    plan: Mutex<VecDeque<Planned>>,
    violations: Mutex<Vec<String>>,
    trace: Option<Mutex<Vec<String>>>,
}

/// Lives the day of a seed.
pub(crate) fn live(seed: u64, options: Options) -> Report {
    let world = Arc::new(World::new(seed, options));
    let operations = world
        .plan
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .len();
    life::live(&world);
    let take = |list: &Mutex<Vec<String>>| {
        std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner))
    };
    Report {
        steps: world.steps.total(),
        operations,
        faults: world.faults.counts(),
        violations: take(&world.violations),
        journal: world.journal(),
        trace: world.trace.as_ref().map(take).unwrap_or_default(),
    }
}

impl World {
    fn new(seed: u64, options: Options) -> Self {
        let opening = Timestamp::from_micros(OPENING).unwrap();
        let clock = Arc::new(WorldClock::starting_at(opening));
        let steps = Arc::new(Steps::default());
        let faults = Arc::new(Faults::drawn(Dice::new(seed, 1)));
        let market = WorldMarket::new(seed, Arc::clone(&clock) as _);
        let memory = Arc::new(Memory::new(Arc::clone(&clock) as _));
        let users = settle_in(&memory);
        let broker_tools = broker::Tools {
            clock: Arc::clone(&clock),
            market: Arc::clone(&market),
            faults: Arc::clone(&faults),
            steps: Arc::clone(&steps),
        };
        let store_tools = store::Tools {
            clock: Arc::clone(&clock) as _,
            faults: Arc::clone(&faults),
            steps: Arc::clone(&steps),
        };
        let plan = plan::day(Dice::new(seed, 4), opening, &faults);
        Self {
            broker: WorldBroker::new(users.0, Dice::new(seed, 2), broker_tools),
            store: WorldStore::new(
                Arc::clone(&memory),
                Dice::new(seed, 3),
                store_tools,
                options.sabotage,
            ),
            ids: Arc::new(Ids::default()),
            calls: Calls::default(),
            requests: Requests::default(),
            gtts: Gtts::default(),
            keyed: Keyed::default(),
            limits: Limits::default(),
            sabotage: options.sabotage,
            dice: Mutex::new(Dice::new(seed, 5)),
            plan: Mutex::new(plan.into()),
            violations: Mutex::default(),
            trace: options.trace.then(Mutex::default),
            clock,
            steps,
            faults,
            market,
            memory,
            users,
        }
    }

    /// What an engine runs on, in each life anew.
    fn ports(&self) -> Ports {
        let memory = || Arc::clone(&self.memory);
        let random = || Arc::new(SystemRandom) as _;
        let (passwords, keys) = (Argon2Cost::LOGIN, Argon2Cost::API_KEY);
        Ports {
            users: memory(),
            api_keys: memory(),
            risk: memory(),
            audit_log: memory(),
            sessions: memory(),
            login_failures: memory(),
            settings: memory(),
            orders: Arc::new(self.store.clone()),
            gtt_orders: Arc::new(self.store.clone()),
            pending_orders: Arc::new(self.store.clone()),
            trades: memory(),
            positions: memory(),
            holdings: memory(),
            latency_metrics: memory(),
            order_logs: memory(),
            candles: memory(),
            ledger: Arc::new(self.store.clone()),
            paper: broker::paper(),
            exchange: Arc::new(PaperBroker),
            market: Arc::clone(&self.market).source(),
            passwords: Arc::new(Argon2Hasher::new(random(), passwords)),
            totp: Arc::new(Rfc6238::new(random())),
            keys: Arc::new(ApiKeys::new(random(), keys)),
            ids: Arc::clone(&self.ids) as _,
            clock: Arc::clone(&self.clock) as _,
        }
    }

    fn user(&self, account: Account) -> UserId {
        match account {
            Account::Live => self.users.0,
            Account::Paper => self.users.1,
        }
    }

    fn day(&self) -> TradingDay {
        SessionBoundary::default().day_of(self.clock.now())
    }

    fn throw<T>(&self, throw: impl FnOnce(&mut Dice) -> T) -> T {
        throw(&mut self.dice.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn next_planned(&self) -> Option<Planned> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.front().cloned()
    }

    fn take_planned(&self) {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.pop_front();
    }

    /// Something is wrong.
    fn accuse(&self, violation: String) {
        let violations = self.violations.lock();
        violations
            .unwrap_or_else(PoisonError::into_inner)
            .push(violation);
    }

    /// Writes down what happens, if anybody wants to read it.
    fn note(&self, what: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let time = self.clock.now().to_ist().format("%H:%M:%S%.3f").to_string();
            let line = format!("{time} {}", what());
            trace
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    }

    fn journal(&self) -> String {
        self.steps.begin_life(None);
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut lines = String::new();
            for account in [Account::Live, Account::Paper] {
                let query = OrderQuery {
                    user: self.user(account),
                    broker: None,
                    day: None,
                    limit: u32::MAX,
                };
                let mut orders = OrderRepository::list(&*self.memory, &query).await.unwrap();
                orders.reverse();
                for order in orders {
                    for event in self.memory.journal(order.id).await.unwrap() {
                        lines.push_str(&serde_json::to_string(&event).unwrap());
                        lines.push('\n');
                    }
                }
                for row in check_approvals::rows(self, account).await {
                    writeln!(lines, "{row:?}").unwrap();
                }
            }
            for gtt in check_gtts::stored(self).await {
                writeln!(lines, "{gtt:?}").unwrap();
            }
            lines
        })
    }
}

/// Two people: one trades at the broker, one on paper. Both decide on what their keys ask for.
fn settle_in(memory: &Memory) -> (UserId, UserId) {
    let user = |name: &str| NewUser {
        username: name.parse().unwrap(),
        email: format!("{name}@example.com").parse().unwrap(),
        password_hash: PasswordHash::new("$argon2id$none"),
        is_admin: false,
    };
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let live = UserRepository::insert(memory, &user("live"))
            .await
            .unwrap()
            .id;
        let paper = UserRepository::insert(memory, &user("paper"))
            .await
            .unwrap()
            .id;
        let (world, paper_broker) = (broker::name(), broker::paper());
        memory.set_order_broker(live, Some(&world)).await.unwrap();
        memory
            .set_order_broker(paper, Some(&paper_broker))
            .await
            .unwrap();
        memory.set(SettingKey::Analyzer, "false").await.unwrap();
        memory.set(SettingKey::ApprovalExpiry, "20").await.unwrap();
        for user in [live, paper] {
            give_key(memory, user).await;
        }
        (live, paper)
    })
}

async fn give_key(memory: &Memory, user: UserId) {
    let key = NewApiKey {
        user,
        key_hash: PasswordHash::new("$argon2id$none"),
        key: "key".to_owned().into(),
    };
    memory.replace(&key).await.unwrap();
    let set = memory.set_order_mode(user, OrderMode::SemiAuto);
    set.await.unwrap();
}

/// Counts ids up from one, from life to life.
#[derive(Debug, Default)]
struct Ids(Mutex<u128>);

impl IdSource for Ids {
    fn make_intent_id(&self) -> Result<IntentId, CryptoError> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        Ok(IntentId::new(Uuid::from_u128(*last)))
    }
}
