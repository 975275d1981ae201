//! The market of a rehearsal: it is as the last price says, and its time is that of the price.

use async_trait::async_trait;
use chrono::NaiveDate;
use openalgo_core::market::{Instrument, InstrumentKey, Quote, Tick, Timestamp};
use openalgo_core::port::{Clock, InstrumentSource, MarketError, QuoteSource};
use openalgo_core::rule::known_market::KnownMarket;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// A clock that goes on when it is told to, and never back.
#[derive(Debug)]
pub(super) struct SetClock(AtomicI64);

impl SetClock {
    pub(super) fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.to_micros()))
    }

    pub(super) fn go_to(&self, at: Timestamp) {
        self.0.fetch_max(at.to_micros(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        let micros = self.0.load(Ordering::SeqCst);
        Timestamp::from_micros(micros)
            .unwrap_or_else(|| Timestamp::new(chrono::DateTime::UNIX_EPOCH))
    }

    fn is_staged(&self) -> bool {
        true
    }

    fn time_until(&self, _at: Timestamp) -> Option<Duration> {
        None
    }
}

#[derive(Debug, Error)]
#[error("there is no price of {0} up to this time")]
struct NoPrice(InstrumentKey);

/// The market as it was last told.
#[derive(Debug)]
pub(super) struct ToldMarket {
    instruments: Vec<Instrument>,
    known: Mutex<BTreeMap<InstrumentKey, KnownMarket>>,
}

impl ToldMarket {
    pub(super) fn new(instruments: Vec<Instrument>) -> Self {
        let known = instruments
            .iter()
            .map(|it| (it.key.clone(), KnownMarket::default()));
        Self {
            known: Mutex::new(known.collect()),
            instruments,
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<InstrumentKey, KnownMarket>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a price; whether it can be.
    pub(super) fn take(&self, tick: &Tick) -> bool {
        let mut known = self.known();
        let market = known.get_mut(&tick.instrument);
        market.is_some_and(|market| market.take(tick).is_ok())
    }
}

#[async_trait]
impl QuoteSource for ToldMarket {
    async fn quote(&self, instrument: &InstrumentKey) -> Result<Quote, MarketError> {
        let known = self.known();
        let market = known.get(instrument);
        let market = market.ok_or_else(|| MarketError::UnknownInstrument(instrument.clone()))?;
        let quote = market.quote().cloned();
        quote.ok_or_else(|| MarketError::Failed(Box::new(NoPrice(instrument.clone()))))
    }
}

#[async_trait]
impl InstrumentSource for ToldMarket {
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let alive = |it: &&Instrument| it.expiry.is_none_or(|expiry| expiry >= date);
        Ok(self.instruments.iter().filter(alive).cloned().collect())
    }
}
