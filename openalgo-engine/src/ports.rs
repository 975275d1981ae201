//! Everything from outside that the engine runs on.

use openalgo_core::id::BrokerName;
use openalgo_core::port::{
    ApiKeyRepository, AuditRepository, BrokerSession, Clock, HoldingRepository, IdSource,
    KeyVerifier, MarketSource, OrderRepository, PaperLedger, PasswordHasher, PositionRepository,
    RiskRepository, SettingRepository, TradeRepository, UserRepository,
};
use std::sync::Arc;

/// The ports of openalgo-core, filled by whoever wires the program together.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Users.
    pub users: Arc<dyn UserRepository>,
    /// API keys.
    pub api_keys: Arc<dyn ApiKeyRepository>,
    /// Limits of risk and the kill switch.
    pub risk: Arc<dyn RiskRepository>,
    /// Who did what.
    pub audit_log: Arc<dyn AuditRepository>,
    /// Settings.
    pub settings: Arc<dyn SettingRepository>,
    /// Orders and their journal.
    pub orders: Arc<dyn OrderRepository>,
    /// Executions.
    pub trades: Arc<dyn TradeRepository>,
    /// Positions.
    pub positions: Arc<dyn PositionRepository>,
    /// Delivered shares.
    pub holdings: Arc<dyn HoldingRepository>,
    /// Where the paper exchange's decisions become durable.
    pub ledger: Arc<dyn PaperLedger>,
    /// The broker that paper orders go to.
    pub paper: BrokerName,
    /// The brokers there are, the paper broker among them.
    pub brokers: Vec<BrokerSession>,
    /// Where prices and instruments come from.
    pub market: MarketSource,
    /// Hashes passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Makes and verifies API keys.
    pub keys: Arc<dyn KeyVerifier>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdSource>,
}
