//! The store: its tables, and how they are read and changed.

mod api_keys;
mod api_tokens;
mod audit_log;
mod bot_states;
mod broker_connections;
mod candles;
mod gtt_orders;
mod holdings;
mod journal_archive;
mod latency_metrics;
mod login_failures;
mod master_contracts;
mod order_logs;
mod orders;
mod paper_ledger;
mod pending_orders;
mod positions;
mod risk;
mod sessions;
mod settings;
mod strategies;
mod telegram;
mod trades;
mod users;
mod watchlists;

use candles::Candles;
use chrono::NaiveDate;
use openalgo::core::account::{
    ApiKeyRecord, ApiToken, BrokerConnection, Halt, RiskLimits, Session, TelegramConfig, User,
    Watchlist,
};
use openalgo::core::id::{BrokerName, TriggerId, UserId};
use openalgo::core::market::{CandleSeries, MasterContract, Timestamp};
use openalgo::core::monitor::{AuditEntry, LatencyMetric, OrderLog};
use openalgo::core::order::{Gtt, Trade};
use openalgo::core::paper::{DailyPnl, Movement, PaperAccountKey, Reservation};
use openalgo::core::port::{Clock, StoreError};
use openalgo::core::portfolio::{Holding, Position};
use openalgo::core::rule::throttle::{Subject, Tally};
use openalgo::core::strategy::{BotKey, BotState, PendingOrder, Strategy};
use orders::StoredOrder;
use paper_ledger::PaperAccount;
use settings::{Settings, initial_settings};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store that forgets everything with the end of the program.
#[derive(Debug)]
pub(crate) struct Memory {
    tables: Mutex<Tables>,
    clock: Arc<dyn Clock>,
}

/// What is stored; lists begin with what was kept first. Of what there is much, a draft shares
/// everything that it does not change.
#[derive(Debug, Clone, Default)]
struct Tables {
    users: Vec<User>,
    api_keys: BTreeMap<UserId, ApiKeyRecord>,
    settings: Settings,
    orders: Vec<Arc<StoredOrder>>,
    trades: Vec<Arc<Trade>>,
    positions: Vec<Position>,
    holdings: Vec<Holding>,
    paper_accounts: BTreeMap<PaperAccountKey, PaperAccount>,
    /// What moved in positions, and what days came to.
    paper_movements: Vec<(PaperAccountKey, Movement)>,
    daily_pnl: BTreeMap<PaperAccountKey, BTreeMap<NaiveDate, DailyPnl>>,
    /// By account, and by the order that waits for a price.
    reservations: BTreeMap<PaperAccountKey, BTreeMap<TriggerId, Reservation>>,
    broker_connections: BTreeMap<(UserId, BrokerName), BrokerConnection>,
    sessions: Vec<Session>,
    strategies: Vec<Strategy>,
    pending_orders: Vec<PendingOrder>,
    telegram: BTreeMap<UserId, TelegramConfig>,
    order_logs: Vec<OrderLog>,
    latency_metrics: Vec<Arc<LatencyMetric>>,
    candles: BTreeMap<CandleSeries, Arc<Candles>>,
    bot_states: BTreeMap<BotKey, BotState>,
    login_failures: Vec<(Subject, Tally)>,
    api_tokens: Vec<ApiToken>,
    gtt_orders: Vec<Gtt>,
    watchlists: Vec<Watchlist>,
    risk_limits: BTreeMap<UserId, RiskLimits>,
    halts: BTreeMap<UserId, Halt>,
    audit_log: Vec<AuditEntry>,
    /// The newest of a broker first.
    master_contracts: BTreeMap<BrokerName, Vec<MasterContract>>,
    /// The number that was given last in each table from which something can be removed.
    last_numbers: BTreeMap<&'static str, i64>,
}

impl Tables {
    /// A number that nothing in the table has or had: somebody may still speak of what was removed.
    fn next_number(&mut self, table: &'static str) -> i64 {
        let last = self.last_numbers.entry(table).or_default();
        *last += 1;
        *last
    }
}

impl Memory {
    /// A store with nothing in it but the settings.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let tables = Tables {
            settings: initial_settings(clock.now()),
            ..Tables::default()
        };
        Self {
            tables: Mutex::new(tables),
            clock,
        }
    }

    /// Looks at the tables.
    fn read<T>(&self, look: impl FnOnce(&Tables) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the tables as a whole or not at all: a refused change leaves nothing behind, so
    /// it is made to a draft.
    fn write<T>(
        &self,
        change: impl FnOnce(&mut Tables, Timestamp) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tables = self.lock();
        let mut draft = tables.clone();
        let answer = change(&mut draft, self.clock.now())?;
        *tables = draft;
        Ok(answer)
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        // A draft that made somebody panic was never put in place.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error for something that is not there.
fn not_found(what: &'static str, id: &impl ToString) -> StoreError {
    let id = id.to_string();
    StoreError::NotFound { what, id }
}

/// The error for something that is there already.
fn duplicate(what: &'static str, id: &impl ToString) -> StoreError {
    let id = id.to_string();
    StoreError::Duplicate { what, id }
}
