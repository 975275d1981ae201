//! A few instruments whose prices are a function of seed and time.

use super::dice::Dice;
use async_trait::async_trait;
use chrono::NaiveDate;
use openalgo::core::market::{
    Exchange, Instrument, InstrumentKey, InstrumentKind, Quote, Timestamp,
};
use openalgo::core::port::{Clock, InstrumentSource, MarketError, MarketSource, QuoteSource};
use openalgo::core::value::{Price, Quantity, Tick};
use std::sync::{Arc, Mutex, PoisonError};

/// What is traded: few things, so that orders meet.
pub(crate) const SYMBOLS: [&str; 3] = ["INFY", "TCS", "SBIN"];

/// Price of everything in the middle of its range, in ticks.
const MIDDLE: i64 = 30_000;

/// How far from the middle prices go, in ticks.
const RANGE: i64 = 400;

/// A market that makes no course of prices known, as a real one.
#[derive(Debug)]
pub(crate) struct WorldMarket {
    seed: u64,
    clock: Arc<dyn Clock>,
    /// From when on all prices were so many ticks away from what they would be.
    shifts: Mutex<Vec<(Timestamp, i64)>>,
}

impl WorldMarket {
    pub(crate) fn new(seed: u64, clock: Arc<dyn Clock>) -> Arc<Self> {
        let shifts = Mutex::default();
        Arc::new(Self {
            seed,
            clock,
            shifts,
        })
    }

    pub(crate) fn source(self: Arc<Self>) -> MarketSource {
        MarketSource::new(Arc::clone(&self) as _, self)
    }

    /// The last price at an instant; it changes once a minute.
    pub(crate) fn price(&self, instrument: &InstrumentKey, at: Timestamp) -> Price {
        let name: u64 = instrument.symbol.as_str().bytes().map(u64::from).sum();
        let minute = at.to_seconds().cast_unsigned() / 60;
        let mut dice = Dice::new(self.seed ^ minute, name);
        ticks(MIDDLE + dice.between(-RANGE, RANGE) + self.shift_at(at))
    }

    /// Lets all prices be so many ticks away, from an instant on, from what they would be.
    pub(crate) fn shift(&self, from: Timestamp, by: i64) {
        let mut shifts = self.shifts.lock().unwrap_or_else(PoisonError::into_inner);
        shifts.push((from, by));
    }

    fn shift_at(&self, at: Timestamp) -> i64 {
        let shifts = self.shifts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut latest = shifts.iter().rev();
        latest.find(|(from, _)| *from <= at).map_or(0, |it| it.1)
    }
}

/// So many ticks of five paise.
pub(crate) fn ticks(count: i64) -> Price {
    tick().steps_from(Price::ZERO, count).unwrap()
}

fn tick() -> Tick {
    Tick::try_new("0.05".parse().unwrap()).unwrap()
}

pub(crate) fn key(symbol: &str) -> InstrumentKey {
    InstrumentKey::new(Exchange::Nse, symbol.parse().unwrap())
}

#[async_trait]
impl QuoteSource for WorldMarket {
    async fn quote(&self, instrument: &InstrumentKey) -> Result<Quote, MarketError> {
        let at = self.clock.now();
        let ltp = self.price(instrument, at);
        let beside = |steps| tick().steps_from(ltp, steps).unwrap();
        let shift = self.shift_at(at);
        Ok(Quote {
            instrument: instrument.clone(),
            ltp,
            open: ticks(MIDDLE),
            // A price outside its own day's range fills nothing.
            high: ticks(MIDDLE + RANGE + shift.max(0)),
            low: ticks(MIDDLE - RANGE + shift.min(0)),
            prev_close: ticks(MIDDLE),
            volume: 1_000_000,
            bid: Some(beside(-1)),
            ask: Some(beside(1)),
            bid_quantity: Quantity::try_new(5_000).unwrap(),
            ask_quantity: Quantity::try_new(5_000).unwrap(),
            oi: None,
            timestamp: at,
        })
    }
}

#[async_trait]
impl InstrumentSource for WorldMarket {
    async fn instruments(&self, _date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let instrument = |symbol: &&str| Instrument {
            key: key(symbol),
            name: (*symbol).into(),
            kind: InstrumentKind::Equity,
            expiry: None,
            strike: None,
            lot_size: Quantity::ONE,
            tick: tick(),
            token: None,
            freeze_quantity: None,
        };
        Ok(SYMBOLS.iter().map(instrument).collect())
    }
}
