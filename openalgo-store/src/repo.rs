//! Repositories: one file per table family.
//!
//! Each has plain functions on a connection, and at its end the port, whose methods only hand
//! those functions to the bridge.

pub(crate) mod api_keys;
pub(crate) mod api_tokens;
pub(crate) mod audit_log;
pub(crate) mod bot_states;
pub(crate) mod broker_connections;
pub(crate) mod candles;
pub(crate) mod gtt;
pub(crate) mod holdings;
pub(crate) mod journal_archive;
pub(crate) mod latency_metrics;
pub(crate) mod login_failures;
pub(crate) mod master_contracts;
pub(crate) mod order_logs;
pub(crate) mod orders;
pub(crate) mod paper_ledger;
pub(crate) mod paper_records;
pub(crate) mod pending_orders;
pub(crate) mod positions;
pub(crate) mod risk;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod strategies;
pub(crate) mod telegram;
pub(crate) mod trades;
pub(crate) mod users;
pub(crate) mod watchlists;
