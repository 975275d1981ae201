//! Candles of prices as they come, kept.

use super::HistoryService;
use crate::market::Market;
use crate::ports::Ports;
use chrono::TimeDelta;
use openalgo_core::market::{
    Candle, CandleBuilder, CandleGrid, CandleSeries, InstrumentKey, Interval, MadeCandle, Tick,
    Timestamp,
};
use openalgo_core::port::StoreError;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A candle is waited for until prices that come late would have come.
const LATE: TimeDelta = TimeDelta::seconds(-5);

/// Makes candles of a minute of prices as they come, and keeps them. One whose beginning or end was
/// missed is not kept.
#[derive(Debug)]
pub struct CandleKeeper {
    ports: Arc<Ports>,
    market: Arc<Market>,
    lines: BTreeMap<InstrumentKey, Line>,
    kept: u64,
}

/// The candles of one instrument.
#[derive(Debug)]
struct Line {
    builder: CandleBuilder,
    /// Those that are over and not kept yet.
    over: Vec<Candle>,
    /// When the last one began.
    last: Option<Timestamp>,
}

impl Line {
    fn made(&mut self, made: Option<MadeCandle>) {
        let Some(MadeCandle { candle, is_whole }) = made else {
            return;
        };
        // A price that came too late has begun one again that is kept already.
        if is_whole && self.last < Some(candle.timestamp) {
            self.last = Some(candle.timestamp);
            self.over.push(candle);
        }
    }
}

impl HistoryService {
    /// Makes candles of prices of these instruments from now on.
    pub fn keeper(&self, instruments: impl IntoIterator<Item = InstrumentKey>) -> CandleKeeper {
        let now = self.market.now();
        let lines = instruments.into_iter().map(|key| {
            let grid =
                CandleGrid::new(self.market.hours().clone(), key.exchange, Interval::Minute1);
            let line = Line {
                builder: CandleBuilder::new(key.clone(), grid, now),
                over: Vec::new(),
                last: None,
            };
            (key, line)
        });
        CandleKeeper {
            ports: Arc::clone(&self.ports),
            market: Arc::clone(&self.market),
            lines: lines.collect(),
            kept: 0,
        }
    }
}

impl CandleKeeper {
    /// Takes a price. One of another instrument, of a time without trading, or older than the one
    /// before it is part of no candle.
    pub fn take(&mut self, tick: &Tick) {
        if let Some(line) = self.lines.get_mut(&tick.instrument)
            && let Ok(made) = line.builder.take(tick)
        {
            line.made(made);
        }
    }

    /// Keeps the candles that are over. What cannot be stored is stored at the next call.
    pub async fn keep(&mut self) -> Result<(), StoreError> {
        self.store(self.market.now().plus(LATE)).await
    }

    /// Keeps the last candles, if they are over: no more prices come. Tells how many were kept in
    /// all.
    pub async fn finish(mut self) -> Result<u64, StoreError> {
        self.store(self.market.now()).await?;
        Ok(self.kept)
    }

    async fn store(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for (key, line) in &mut self.lines {
            let made = line.builder.advance(now);
            line.made(made);
            if line.over.is_empty() {
                continue;
            }
            let series = CandleSeries {
                instrument: key.clone(),
                interval: Interval::Minute1,
            };
            self.ports.candles.save(&series, &line.over).await?;
            let count = u64::try_from(line.over.len()).unwrap_or(u64::MAX);
            self.kept = self.kept.saturating_add(count);
            line.over.clear();
        }
        Ok(())
    }
}
