//! An engine on a store in memory, whose market is what the benchmark tells.

use crate::load::{Clockwork, keys};
use crate::memory::Memory;
use crate::told::Told;
use async_trait::async_trait;
use chrono::NaiveDate;
use openalgo::SystemIds;
use openalgo::brokers::paper::{BROKER_NAME, PaperBroker};
use openalgo::core::id::BrokerName;
use openalgo::core::market::{Instrument, InstrumentKey, InstrumentKind, Quote, Tick};
use openalgo::core::port::{
    Clock, InstrumentSource, MarketError, MarketSource, QuoteSource, RandomSource,
};
use openalgo::core::value::{Quantity, Tick as Step};
use openalgo::crypto::{ApiKeys, Argon2Cost, Argon2Hasher, Rfc6238, SystemRandom};
use openalgo::engine::{Engine, EngineConfig, Ports};
use std::sync::Arc;
use tokio::sync::mpsc;

/// A list of instruments.
#[derive(Debug)]
struct Listed;

#[async_trait]
impl InstrumentSource for Listed {
    async fn instruments(&self, _date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let listed = keys().map(|key| Instrument {
            key,
            name: "".into(),
            kind: InstrumentKind::Equity,
            expiry: None,
            strike: None,
            lot_size: Quantity::ONE,
            tick: Step::try_new("0.05".parse().unwrap()).unwrap(),
            token: None,
            freeze_quantity: None,
        });
        Ok(listed.collect())
    }
}

#[async_trait]
impl QuoteSource for Listed {
    async fn quote(&self, key: &InstrumentKey) -> Result<Quote, MarketError> {
        Err(MarketError::UnknownInstrument(key.clone()))
    }
}

pub(crate) async fn engine(clockwork: Clockwork, told: mpsc::Receiver<Tick>) -> Engine {
    let clock: Arc<dyn Clock> = Arc::new(clockwork);
    let memory = Arc::new(Memory::new(Arc::clone(&clock)));
    let random: Arc<dyn RandomSource> = Arc::new(SystemRandom);
    let store = || Arc::clone(&memory);
    let market = MarketSource {
        feed: Some(Arc::new(Told::new(told))),
        ..MarketSource::new(Arc::new(Listed), Arc::new(Listed))
    };
    let ports = Ports {
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
        paper: BrokerName::try_new(BROKER_NAME).unwrap(),
        exchange: Arc::new(PaperBroker),
        market,
        passwords: Arc::new(Argon2Hasher::new(Arc::clone(&random), Argon2Cost::LOGIN)),
        totp: Arc::new(Rfc6238::new(Arc::clone(&random))),
        keys: Arc::new(ApiKeys::new(Arc::clone(&random), Argon2Cost::API_KEY)),
        ids: Arc::new(SystemIds::new(Arc::clone(&clock), random)),
        clock,
    };
    Engine::start(ports, EngineConfig::default()).await.unwrap()
}
