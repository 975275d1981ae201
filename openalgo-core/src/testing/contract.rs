//! Conformance suites: what every implementation of the repository ports must do.
//!
//! There is one suite for each port, a module with one async function for each promise. An
//! implementation runs all of them, each case as a `#[test]` of its own, by telling how one runs:
//!
//! ```ignore
//! fn on_my_store(case: impl AsyncFnOnce(&Repositories)) {
//!     let store = MyStore::new();
//!     my_runtime().block_on(case(&store.repositories()));
//! }
//!
//! openalgo_core::repository_contract!(crate::on_my_store);
//! ```
//!
//! The runtime is the caller's: this crate knows none. A case must get a store that is fresh and
//! its own. `examples/custom_repository.rs` is a store that passes, and can be read as a model.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "cases are tests: they fail by a panic"
)]

pub mod api_keys;
pub mod api_tokens;
pub mod audit_log;
pub mod bot_states;
pub mod broker_connections;
pub mod candles;
mod given;
pub mod gtt_orders;
pub mod holdings;
pub mod journal_archive;
pub mod latency_metrics;
pub mod login_failures;
pub mod master_contracts;
pub mod order_logs;
pub mod order_lookups;
pub mod order_reports;
pub mod orders;
pub mod paper_ledger;
pub mod pending_orders;
pub mod positions;
pub mod risk;
pub mod sessions;
pub mod settings;
pub mod strategies;
pub mod telegram;
pub mod trades;
pub mod users;
pub mod watchlists;

use super::FakeClock;
use crate::port::{
    ApiKeyRepository, ApiTokenRepository, AuditRepository, BotStateRepository,
    BrokerConnectionRepository, CandleRepository, GttRepository, HoldingRepository, JournalArchive,
    LatencyMetricRepository, LoginFailureRepository, MasterContractRepository, OrderLogRepository,
    OrderRepository, PaperLedger, PendingOrderRepository, PositionRepository, RiskRepository,
    SessionRepository, SettingRepository, StrategyRepository, TelegramRepository, TradeRepository,
    UserRepository, WatchlistRepository,
};
use std::sync::Arc;

/// A store to be examined, of which every repository sees what the others wrote. Nothing is in it
/// yet but the settings.
#[derive(Debug, Clone)]
pub struct Repositories {
    /// Users.
    pub users: Arc<dyn UserRepository>,
    /// The main API key of each user.
    pub api_keys: Arc<dyn ApiKeyRepository>,
    /// Settings.
    pub settings: Arc<dyn SettingRepository>,
    /// Orders and their journal.
    pub orders: Arc<dyn OrderRepository>,
    /// The journal of orders as a whole.
    pub journal: Arc<dyn JournalArchive>,
    /// Executions.
    pub trades: Arc<dyn TradeRepository>,
    /// Positions.
    pub positions: Arc<dyn PositionRepository>,
    /// Delivered shares.
    pub holdings: Arc<dyn HoldingRepository>,
    /// The ledger of the paper exchange.
    pub paper_ledger: Arc<dyn PaperLedger>,
    /// Logins at brokers.
    pub broker_connections: Arc<dyn BrokerConnectionRepository>,
    /// Login sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Webhook strategies.
    pub strategies: Arc<dyn StrategyRepository>,
    /// Orders that wait for approval.
    pub pending_orders: Arc<dyn PendingOrderRepository>,
    /// Telegram bots.
    pub telegram: Arc<dyn TelegramRepository>,
    /// The log of requests.
    pub order_logs: Arc<dyn OrderLogRepository>,
    /// How long brokers take.
    pub latency_metrics: Arc<dyn LatencyMetricRepository>,
    /// Failed logins.
    pub login_failures: Arc<dyn LoginFailureRepository>,
    /// Named API keys.
    pub api_tokens: Arc<dyn ApiTokenRepository>,
    /// Orders that wait for a price.
    pub gtt_orders: Arc<dyn GttRepository>,
    /// Watchlists.
    pub watchlists: Arc<dyn WatchlistRepository>,
    /// Limits of risk and the kill switch.
    pub risk: Arc<dyn RiskRepository>,
    /// Lists of instruments of brokers.
    pub master_contracts: Arc<dyn MasterContractRepository>,
    /// Who did what.
    pub audit_log: Arc<dyn AuditRepository>,
    /// Candles that are kept.
    pub candles: Arc<dyn CandleRepository>,
    /// What bots keep.
    pub bot_states: Arc<dyn BotStateRepository>,
    /// The clock by which it dates changes that carry no time of their own.
    pub clock: Arc<FakeClock>,
}

/// Runs every suite: a module for each, with a `#[test]` for each case.
///
/// Takes the absolute path of a function that makes a fresh store and runs one case on it, an
/// `impl AsyncFnOnce(&Repositories)`.
#[macro_export]
macro_rules! repository_contract {
    ($run:path) => {
        mod users {
            $crate::user_contract!($run);
        }
        mod api_keys {
            $crate::api_key_contract!($run);
        }
        mod settings {
            $crate::setting_contract!($run);
        }
        mod orders {
            $crate::order_contract!($run);
        }
        mod order_reports {
            $crate::order_report_contract!($run);
        }
        mod order_lookups {
            $crate::order_lookup_contract!($run);
        }
        mod journal_archive {
            $crate::journal_archive_contract!($run);
        }
        mod trades {
            $crate::trade_contract!($run);
        }
        mod positions {
            $crate::position_contract!($run);
        }
        mod holdings {
            $crate::holding_contract!($run);
        }
        mod paper_ledger {
            $crate::paper_ledger_contract!($run);
        }
        mod broker_connections {
            $crate::broker_connection_contract!($run);
        }
        mod sessions {
            $crate::session_contract!($run);
        }
        mod strategies {
            $crate::strategy_contract!($run);
        }
        mod pending_orders {
            $crate::pending_order_contract!($run);
        }
        mod telegram {
            $crate::telegram_contract!($run);
        }
        mod order_logs {
            $crate::order_log_contract!($run);
        }
        mod latency_metrics {
            $crate::latency_metric_contract!($run);
        }
        mod login_failures {
            $crate::login_failure_contract!($run);
        }
        mod api_tokens {
            $crate::api_token_contract!($run);
        }
        mod gtt_orders {
            $crate::gtt_contract!($run);
        }
        mod watchlists {
            $crate::watchlist_contract!($run);
        }
        mod risk {
            $crate::risk_contract!($run);
        }
        mod master_contracts {
            $crate::master_contract_contract!($run);
        }
        mod audit_log {
            $crate::audit_contract!($run);
        }
        mod candles {
            $crate::candle_contract!($run);
        }
        mod bot_states {
            $crate::bot_state_contract!($run);
        }
    };
}

/// Makes a `#[test]` of each case of a suite. Only suites need it.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_cases {
    ($suite:ident on $run:path: $($case:ident,)+) => {
        $(
            #[test]
            fn $case() {
                $run($crate::testing::contract::$suite::$case);
            }
        )+
    };
}
