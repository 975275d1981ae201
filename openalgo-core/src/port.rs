//! What the engine needs from the outside, as traits that others implement.
//!
//! Repositories are implemented by the store, broker and market roles by adapters, the crypto
//! ports by openalgo-crypto, [`Clock`] and [`IdSource`] by the program that wires them together.

mod api_keys;
mod api_tokens;
mod audit_log;
mod bot_states;
mod broker;
mod broker_connections;
mod candles;
mod clock;
mod crypto;
mod feed;
mod gateway;
mod gtt;
mod holdings;
mod ids;
mod journal_archive;
mod latency_metrics;
mod live;
mod login_failures;
mod market_data;
mod master_contracts;
mod order_book;
mod order_logs;
mod orders;
mod paper;
mod pending_orders;
mod positions;
mod risk;
mod sessions;
mod settings;
mod store_error;
mod strategies;
mod telegram;
mod trades;
mod users;
mod watchlists;

pub use api_keys::ApiKeyRepository;
pub use api_tokens::ApiTokenRepository;
pub use audit_log::{AuditQuery, AuditRepository};
pub use bot_states::BotStateRepository;
pub use broker::BrokerSession;
pub use broker_connections::BrokerConnectionRepository;
pub use candles::CandleRepository;
pub use clock::Clock;
pub use crypto::{
    CryptoError, FieldPlace, KeyVerifier, PasswordHasher, PasswordVerdict, RandomSource, Sealer,
    Totp, TotpAttempt,
};
pub use feed::{DepthSource, MarketFeed, Subscription, TickStream};
pub use gateway::{Acknowledgement, BoxError, CancelError, ModifyError, OrderGateway, SubmitError};
pub use gtt::{GttQuery, GttRepository};
pub use holdings::HoldingRepository;
pub use ids::IdSource;
pub use journal_archive::JournalArchive;
pub use latency_metrics::LatencyMetricRepository;
pub use live::{BrokerReadError, OrderUpdates, PortfolioReader, ReportStream};
pub use login_failures::LoginFailureRepository;
pub use market_data::{
    HistorySource, InstrumentSource, MarketError, MarketSource, PriceOrigin, PricePath, QuoteSource,
};
pub use master_contracts::{FilePieces, InstrumentDownload, MasterContractRepository};
pub use order_book::{BookOrder, OrderBook, OrderBookReader};
pub use order_logs::{OrderLogQuery, OrderLogRepository};
pub use orders::{OrderQuery, OrderRepository, StatusReport, only_one};
pub use paper::{CommitReceipt, PaperAccount, PaperExchange, PaperLedger};
pub use pending_orders::{PendingOrderRepository, PendingOrdersRead};
pub use positions::PositionRepository;
pub use risk::RiskRepository;
pub use sessions::SessionRepository;
pub use settings::SettingRepository;
pub use store_error::StoreError;
pub use strategies::StrategyRepository;
pub use telegram::TelegramRepository;
pub use trades::TradeRepository;
pub use users::UserRepository;
pub use watchlists::WatchlistRepository;

#[cfg(any(test, feature = "testing"))]
pub use {
    api_keys::MockApiKeyRepository,
    api_tokens::MockApiTokenRepository,
    audit_log::MockAuditRepository,
    bot_states::MockBotStateRepository,
    broker_connections::MockBrokerConnectionRepository,
    candles::MockCandleRepository,
    crypto::{MockKeyVerifier, MockPasswordHasher, MockRandomSource, MockSealer, MockTotp},
    gateway::MockOrderGateway,
    gtt::MockGttRepository,
    holdings::MockHoldingRepository,
    journal_archive::MockJournalArchive,
    latency_metrics::MockLatencyMetricRepository,
    login_failures::MockLoginFailureRepository,
    market_data::{MockInstrumentSource, MockQuoteSource},
    master_contracts::MockMasterContractRepository,
    order_logs::MockOrderLogRepository,
    orders::MockOrderRepository,
    paper::MockPaperLedger,
    pending_orders::MockPendingOrderRepository,
    positions::MockPositionRepository,
    risk::MockRiskRepository,
    sessions::MockSessionRepository,
    settings::MockSettingRepository,
    strategies::MockStrategyRepository,
    telegram::MockTelegramRepository,
    trades::MockTradeRepository,
    users::MockUserRepository,
    watchlists::MockWatchlistRepository,
};
