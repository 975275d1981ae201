//! Everything from outside that the engine runs on.

use openalgo_core::id::BrokerName;
use openalgo_core::port::{
    ApiKeyRepository, AuditRepository, CandleRepository, Clock, GttRepository, HoldingRepository,
    IdSource, KeyVerifier, LatencyMetricRepository, LoginFailureRepository, MarketSource,
    OrderLogRepository, OrderRepository, PaperExchange, PaperLedger, PasswordHasher,
    PendingOrderRepository, PositionRepository, RiskRepository, SessionRepository,
    SettingRepository, Totp, TradeRepository, UserRepository,
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
    /// Login sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Failed logins.
    pub login_failures: Arc<dyn LoginFailureRepository>,
    /// Settings.
    pub settings: Arc<dyn SettingRepository>,
    /// Orders and their journal.
    pub orders: Arc<dyn OrderRepository>,
    /// Orders that wait for a price.
    pub gtt_orders: Arc<dyn GttRepository>,
    /// Orders that wait for a person.
    pub pending_orders: Arc<dyn PendingOrderRepository>,
    /// Executions.
    pub trades: Arc<dyn TradeRepository>,
    /// Positions.
    pub positions: Arc<dyn PositionRepository>,
    /// Delivered shares.
    pub holdings: Arc<dyn HoldingRepository>,
    /// How long orders take.
    pub latency_metrics: Arc<dyn LatencyMetricRepository>,
    /// The log of requests.
    pub order_logs: Arc<dyn OrderLogRepository>,
    /// Candles that are kept.
    pub candles: Arc<dyn CandleRepository>,
    /// Where the paper exchange's decisions become durable.
    pub ledger: Arc<dyn PaperLedger>,
    /// The name of the broker that paper orders go to.
    pub paper: BrokerName,
    /// Decides them.
    pub exchange: Arc<dyn PaperExchange>,
    /// Where prices and instruments come from.
    pub market: MarketSource,
    /// Hashes passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Makes and checks one-time codes.
    pub totp: Arc<dyn Totp>,
    /// Makes and verifies API keys; makes the tokens of sessions.
    pub keys: Arc<dyn KeyVerifier>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdSource>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Ports;
    use openalgo_core::paper::{PaperState, PaperTerms};
    use openalgo_core::port::{
        MarketSource, MockApiKeyRepository, MockAuditRepository, MockCandleRepository,
        MockGttRepository, MockHoldingRepository, MockInstrumentSource, MockKeyVerifier,
        MockLatencyMetricRepository, MockLoginFailureRepository, MockOrderLogRepository,
        MockOrderRepository, MockPaperLedger, MockPasswordHasher, MockPendingOrderRepository,
        MockPositionRepository, MockQuoteSource, MockRiskRepository, MockSessionRepository,
        MockSettingRepository, MockTotp, MockTradeRepository, MockUserRepository, PaperAccount,
        PaperExchange,
    };
    use openalgo_core::rule::charges::{ChargeProfile, ChargesOf};
    use openalgo_core::testing::{CountingIds, FakeClock, sample};
    use std::sync::Arc;

    #[derive(Debug)]
    struct NoExchange;

    impl PaperExchange for NoExchange {
        fn open(&self, _state: PaperState, _terms: Arc<PaperTerms>) -> Box<dyn PaperAccount> {
            panic!("no test of this crate needs a paper account")
        }

        fn charges(&self, _of: ChargesOf) -> Option<Arc<ChargeProfile>> {
            None
        }
    }

    /// Ports of which none may be used: a test fills those that its subject needs.
    pub(crate) fn unused() -> Ports {
        Ports {
            users: Arc::new(MockUserRepository::new()),
            api_keys: Arc::new(MockApiKeyRepository::new()),
            risk: Arc::new(MockRiskRepository::new()),
            audit_log: Arc::new(MockAuditRepository::new()),
            sessions: Arc::new(MockSessionRepository::new()),
            login_failures: Arc::new(MockLoginFailureRepository::new()),
            settings: Arc::new(MockSettingRepository::new()),
            orders: Arc::new(MockOrderRepository::new()),
            gtt_orders: Arc::new(MockGttRepository::new()),
            pending_orders: Arc::new(MockPendingOrderRepository::new()),
            trades: Arc::new(MockTradeRepository::new()),
            positions: Arc::new(MockPositionRepository::new()),
            holdings: Arc::new(MockHoldingRepository::new()),
            latency_metrics: Arc::new(MockLatencyMetricRepository::new()),
            order_logs: Arc::new(MockOrderLogRepository::new()),
            candles: Arc::new(MockCandleRepository::new()),
            ledger: Arc::new(MockPaperLedger::new()),
            paper: sample::paper(),
            exchange: Arc::new(NoExchange),
            market: MarketSource::new(
                Arc::new(MockQuoteSource::new()),
                Arc::new(MockInstrumentSource::new()),
            ),
            passwords: Arc::new(MockPasswordHasher::new()),
            totp: Arc::new(MockTotp::new()),
            keys: Arc::new(MockKeyVerifier::new()),
            clock: Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30")),
            ids: Arc::new(CountingIds::default()),
        }
    }
}
