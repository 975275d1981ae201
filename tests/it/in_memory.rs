//! An engine on the store in memory, with the runtime's own time: nothing in it waits for a thread,
//! so the time of a paused runtime goes by as the engine waits, and a story takes no time.

use crate::memory::Memory;
use async_trait::async_trait;
use chrono::NaiveDate;
use openalgo::brokers::paper::{BROKER_NAME, PaperBroker};
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::BrokerName;
use openalgo::core::market::{
    Exchange, Instrument, InstrumentKey, InstrumentKind, Quote, Timestamp,
};
use openalgo::core::port::{
    BrokerSession, Clock, InstrumentSource, MarketError, MarketSource, QuoteSource, UserRepository,
};
use openalgo::core::value::{Price, Quantity, Tick};
use openalgo::crypto::{ApiKeys, Argon2Cost, Argon2Hasher, Rfc6238};
use openalgo::engine::{Engine, EngineConfig, Ports};
use openalgo_core::testing::{CountingIds, FakeRandom, sample};
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

/// A morning on which the market is open, from when on the runtime's time runs.
#[derive(Debug)]
struct RunningClock(Timestamp, Instant);

impl Clock for RunningClock {
    fn now(&self) -> Timestamp {
        let gone = chrono::Duration::from_std(self.1.elapsed()).unwrap();
        self.0.plus(gone)
    }
}

/// One thing to trade on each exchange, at a price that a test sets; 100 rupees until then.
#[derive(Debug)]
struct FlatMarket {
    clock: Arc<dyn Clock>,
    price: Mutex<Price>,
}

/// Where something is traded.
pub(crate) const EXCHANGES: [Exchange; 6] = [
    Exchange::Nse,
    Exchange::Bse,
    Exchange::Nfo,
    Exchange::Bfo,
    Exchange::Cds,
    Exchange::Mcx,
];

/// What is traded on an exchange.
pub(crate) fn traded(exchange: Exchange) -> InstrumentKey {
    let symbol = if exchange.is_cash() {
        "INFY"
    } else {
        "NIFTY29DEC26FUT"
    };
    InstrumentKey::new(exchange, symbol.parse().unwrap())
}

#[async_trait]
impl QuoteSource for FlatMarket {
    async fn quote(&self, key: &InstrumentKey) -> Result<Quote, MarketError> {
        let ltp = *self.price.lock().unwrap();
        Ok(Quote {
            instrument: key.clone(),
            ltp,
            open: ltp,
            high: sample::price("100000"),
            low: sample::price("0.05"),
            prev_close: ltp,
            volume: 1_000,
            bid: Some(ltp),
            ask: Some(ltp),
            bid_quantity: Quantity::ONE,
            ask_quantity: Quantity::ONE,
            oi: None,
            timestamp: self.clock.now(),
        })
    }
}

#[async_trait]
impl InstrumentSource for FlatMarket {
    async fn instruments(&self, _date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let instrument = |exchange: Exchange| Instrument {
            key: traded(exchange),
            name: "".into(),
            kind: if exchange.is_cash() {
                InstrumentKind::Equity
            } else {
                InstrumentKind::Future
            },
            expiry: None,
            strike: None,
            lot_size: Quantity::ONE,
            tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
            token: None,
            freeze_quantity: (exchange == Exchange::Nfo).then(|| sample::units(1_800)),
        };
        Ok(EXCHANGES.into_iter().map(instrument).collect())
    }
}

/// What an engine runs on, through all of its lives.
pub(crate) struct Place {
    pub(crate) store: Arc<Memory>,
    market: Arc<FlatMarket>,
    clock: Arc<dyn Clock>,
    pub(crate) owner: User,
    ids: Arc<CountingIds>,
    brokers: Vec<BrokerSession>,
}

impl Place {
    /// A new one, whose owner sends live orders to the first of these brokers, or trades on paper.
    pub(crate) async fn new(brokers: Vec<BrokerSession>) -> Self {
        let begin = sample::at(0);
        let clock: Arc<dyn Clock> = Arc::new(RunningClock(begin, Instant::now()));
        let store = Arc::new(Memory::new(Arc::clone(&clock)));
        let owner = store.insert(&sample::new_user("owner")).await.unwrap();
        let first = brokers.first().map(|session| &session.broker);
        store.set_order_broker(owner.id, first).await.unwrap();
        Self {
            market: Arc::new(FlatMarket {
                clock: Arc::clone(&clock),
                price: Mutex::new(sample::price("100")),
            }),
            store,
            clock,
            owner,
            ids: Arc::default(),
            brokers,
        }
    }

    /// Sets the price of everything.
    pub(crate) fn price(&self, price: &str) {
        *self.market.price.lock().unwrap() = sample::price(price);
    }

    /// Starts the engine on what is stored.
    pub(crate) async fn start(&self) -> Engine {
        self.start_with(EngineConfig::default()).await
    }

    /// The same for an engine that runs so.
    pub(crate) async fn start_with(&self, config: EngineConfig) -> Engine {
        self.start_on(self.ports(), config).await
    }

    /// The same on ports of which a test has replaced some.
    pub(crate) async fn start_on(&self, ports: Ports, config: EngineConfig) -> Engine {
        let engine = Engine::start(ports, config).await.unwrap();
        let analyzer = self.brokers.is_empty().to_string();
        let settings = engine.settings();
        settings.set(SettingKey::Analyzer, &analyzer).await.unwrap();
        for session in self.brokers.clone() {
            let brokers = engine.brokers();
            brokers.connect(self.owner.id, session).await.unwrap();
        }
        engine
    }

    pub(crate) fn ports(&self) -> Ports {
        let store = || Arc::clone(&self.store);
        let random = Arc::new(FakeRandom::default());
        let paper = BrokerName::try_new(BROKER_NAME).unwrap();
        Ports {
            users: store(),
            api_keys: store(),
            risk: store(),
            audit_log: store(),
            sessions: store(),
            login_failures: store(),
            settings: store(),
            orders: store(),
            gtt_orders: store(),
            pending_orders: store(),
            trades: store(),
            positions: store(),
            holdings: store(),
            latency_metrics: store(),
            order_logs: store(),
            candles: store(),
            ledger: store(),
            paper,
            exchange: Arc::new(PaperBroker),
            market: MarketSource::new(Arc::clone(&self.market) as _, Arc::clone(&self.market) as _),
            passwords: Arc::new(Argon2Hasher::new(
                Arc::clone(&random) as _,
                Argon2Cost::LOGIN,
            )),
            totp: Arc::new(Rfc6238::new(Arc::clone(&random) as _)),
            keys: Arc::new(ApiKeys::new(random, Argon2Cost::API_KEY)),
            ids: Arc::clone(&self.ids) as _,
            clock: Arc::clone(&self.clock),
        }
    }
}
