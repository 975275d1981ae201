//! What prices did in the past: from the source of prices, and from what was kept of it.

mod error;
mod keeping;

pub use error::HistoryError;
pub use keeping::CandleKeeper;

use crate::market::Market;
use crate::ports::Ports;
use chrono::{NaiveDate, TimeDelta};
use openalgo_core::market::{
    Candle, CandleGrid, CandleSeries, Exchange, InstrumentKey, Interval, Resampled, Span,
    StoredSeries, resample,
};
use openalgo_core::port::HistorySource;
use std::sync::Arc;

/// The most candles that are made or asked for at once.
const MOST: usize = 200_000;

/// The lengths that are kept; all others are made of them.
const KEPT: [Interval; 2] = [Interval::Minute1, Interval::Day];

/// Which candles are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRequest {
    /// Of what, and how long each lasts.
    pub series: CandleSeries,
    /// The first date; of weeks and longer, the one in which it lies is the first.
    pub from: NaiveDate,
    /// The last date. One before the first means no candles.
    pub to: NaiveDate,
}

/// Candles of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Of what, and how long each lasts.
    pub series: CandleSeries,
    /// The candles, the oldest first. The last one may not be over yet.
    pub candles: Vec<Candle>,
    /// Stretches for which there are none, though the exchange traded.
    pub gaps: Vec<Span>,
    /// The length of those that they were made of, which may be their own.
    pub made_of: Interval,
    /// Of those, how many make no sense or lie at times without trading.
    pub left_out: usize,
}

/// What keeping candles came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandlesKept {
    /// How many were fetched and kept.
    pub fetched: usize,
    /// What is kept of the series now; `None` when there is nothing.
    pub stored: Option<StoredSeries>,
}

/// Tells past prices, and keeps them.
#[derive(Debug, Clone)]
pub struct HistoryService {
    ports: Arc<Ports>,
    market: Arc<Market>,
}

impl HistoryService {
    pub(crate) fn new(ports: Arc<Ports>, market: Arc<Market>) -> Self {
        Self { ports, market }
    }

    /// Candles as the source of prices tells them, made of shorter ones where it does not tell
    /// those of this length.
    pub async fn fetch(&self, request: &HistoryRequest) -> Result<History, HistoryError> {
        let series = &request.series;
        self.market.instrument(&series.instrument).await?;
        let source = self.market.history().ok_or(HistoryError::NotOffered)?;
        let offered = source.intervals();
        let made_of = finest_needed(series.interval, offered.iter().copied());
        let made_of = made_of.ok_or_else(|| HistoryError::Unsupported {
            interval: series.interval,
            offered: offered.to_vec(),
        })?;
        let span = self.span(request, made_of)?;
        let told = self.told(&*source, (&series.instrument, made_of), span);
        self.history(request, made_of, told.await?)
    }

    /// Candles as they were kept, made of shorter ones where those of this length were not.
    pub async fn stored(&self, request: &HistoryRequest) -> Result<History, HistoryError> {
        let series = &request.series;
        let mut found = None;
        for interval in Interval::ALL {
            let of = CandleSeries {
                interval: *interval,
                ..series.clone()
            };
            // The longest that will do is the last one.
            if interval.makes_up(series.interval) && self.ports.candles.find(&of).await?.is_some() {
                found = Some(of);
            }
        }
        let found = found.ok_or_else(|| HistoryError::NothingStored(series.clone()))?;
        let span = self.span(request, found.interval)?;
        let candles = self.ports.candles.read(&found, span).await?;
        self.history(request, found.interval, candles)
    }

    /// Fetches the dates of which a candle is not kept yet, and keeps them. One that is not over yet
    /// is not kept.
    pub async fn keep(&self, request: &HistoryRequest) -> Result<CandlesKept, HistoryError> {
        let series = &request.series;
        if !KEPT.contains(&series.interval) {
            return Err(HistoryError::NotKept(series.interval));
        }
        self.market.instrument(&series.instrument).await?;
        let mut fetched = 0_usize;
        for part in self.missing(request).await? {
            let history = self.fetch(&part).await?;
            let grid = self.grid(series.instrument.exchange, series.interval);
            let now = self.market.now();
            let is_over = |candle: &&Candle| {
                let slot = grid.slot_of(candle);
                slot.is_none_or(|slot| grid.closing(slot) <= now)
            };
            let over: Vec<_> = history.candles.iter().filter(is_over).cloned().collect();
            self.ports.candles.save(series, &over).await?;
            fetched = fetched.saturating_add(over.len());
        }
        let stored = self.ports.candles.find(series).await?;
        Ok(CandlesKept { fetched, stored })
    }

    /// What is kept.
    pub async fn catalogue(&self) -> Result<Vec<StoredSeries>, HistoryError> {
        Ok(self.ports.candles.catalogue().await?)
    }

    /// Takes what is kept of a series away; how many candles there were.
    pub async fn forget(&self, series: &CandleSeries) -> Result<u64, HistoryError> {
        Ok(self.ports.candles.delete(series).await?)
    }

    /// The dates of which candles are missing that should be kept, neighbours together.
    async fn missing(&self, request: &HistoryRequest) -> Result<Vec<HistoryRequest>, HistoryError> {
        let series = &request.series;
        let span = self.span(request, series.interval)?;
        let kept = self.ports.candles.read(series, span).await?;
        // A day may close after its date is over.
        let reach = if series.interval.is_by_date() {
            span.until.plus(TimeDelta::days(1))
        } else {
            span.until
        };
        let until = reach.min(self.market.now());
        let grid = self.grid(series.instrument.exchange, series.interval);
        let mut parts = Vec::<HistoryRequest>::new();
        for gap in grid.gaps(&kept, Span { until, ..span }) {
            let last = gap.until.plus(TimeDelta::microseconds(-1));
            let [from, to] = [gap.from, last].map(|at| at.to_ist().date_naive());
            let to = to.min(request.to);
            if from > to {
                continue;
            }
            match parts.last_mut() {
                Some(part) if part.to.succ_opt() >= Some(from) => part.to = part.to.max(to),
                _ => parts.push(HistoryRequest {
                    series: series.clone(),
                    from,
                    to,
                }),
            }
        }
        Ok(parts)
    }

    fn grid(&self, exchange: Exchange, interval: Interval) -> CandleGrid {
        CandleGrid::new(self.market.hours().clone(), exchange, interval)
    }

    /// The span of the candles that those are made of which are asked for, if they are not too many.
    fn span(&self, request: &HistoryRequest, made_of: Interval) -> Result<Span, HistoryError> {
        let exchange = request.series.instrument.exchange;
        let asked = self.grid(exchange, request.series.interval);
        // A week begins before the date that was named, if that is no Monday.
        let first = asked.of_dates(request.from, request.to).from;
        let grid = self.grid(exchange, made_of);
        let span = grid.of_dates(first.to_ist().date_naive(), request.to);
        if grid.has_more_than(MOST, span) {
            return Err(HistoryError::TooMany { most: MOST });
        }
        Ok(span)
    }

    /// The candles of a source, in the order of time and none twice.
    async fn told(
        &self,
        source: &dyn HistorySource,
        (instrument, interval): (&InstrumentKey, Interval),
        span: Span,
    ) -> Result<Vec<Candle>, HistoryError> {
        if span.from >= span.until {
            return Ok(Vec::new());
        }
        let grid = self.grid(instrument.exchange, interval);
        let mut candles = source.candles(instrument, &grid, span).await?;
        candles.retain(|candle| (span.from..span.until).contains(&candle.timestamp));
        candles.sort_by_key(|candle| candle.timestamp);
        candles.dedup_by_key(|candle| candle.timestamp);
        Ok(candles)
    }

    fn history(
        &self,
        request: &HistoryRequest,
        made_of: Interval,
        mut told: Vec<Candle>,
    ) -> Result<History, HistoryError> {
        let series = &request.series;
        let grid = self.grid(series.instrument.exchange, series.interval);
        let before = told.len();
        told.retain(Candle::is_coherent);
        let incoherent = before.saturating_sub(told.len());
        let Resampled { candles, left_out } = if made_of == series.interval {
            Resampled {
                candles: told,
                left_out: 0,
            }
        } else {
            resample(&told, made_of, &grid)?
        };
        let span = grid.of_dates(request.from, request.to);
        let until = span.until.min(self.market.now());
        let gaps = grid.gaps(&candles, Span { until, ..span });
        Ok(History {
            series: series.clone(),
            candles,
            gaps,
            made_of,
            left_out: left_out.saturating_add(incoherent),
        })
    }
}

/// The longest of the lengths that there are of which candles of this one can be made.
fn finest_needed(interval: Interval, offered: impl Iterator<Item = Interval>) -> Option<Interval> {
    offered.filter(|it| it.makes_up(interval)).max()
}
