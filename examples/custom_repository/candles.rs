//! Candles that are kept.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::market::{Candle, CandleSeries, Span, StoredSeries, Timestamp};
use openalgo::core::port::{CandleRepository, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The candles of a series by when they begin.
pub(super) type Candles = BTreeMap<Timestamp, Candle>;

/// What is finer than a second is not kept.
fn whole(candle: &Candle) -> Candle {
    let micros = candle.timestamp.to_seconds().saturating_mul(1_000_000);
    let timestamp = Timestamp::from_micros(micros).unwrap_or(candle.timestamp);
    Candle {
        timestamp,
        ..candle.clone()
    }
}

fn told(series: &CandleSeries, candles: &Candles) -> Option<StoredSeries> {
    let (first, last) = (candles.keys().next()?, candles.keys().next_back()?);
    Some(StoredSeries {
        series: series.clone(),
        first: *first,
        last: *last,
        count: u64::try_from(candles.len()).unwrap_or(u64::MAX),
    })
}

#[async_trait]
impl CandleRepository for Memory {
    async fn save(&self, series: &CandleSeries, candles: &[Candle]) -> Result<(), StoreError> {
        self.write(|tables, _| {
            let kept = tables.candles.entry(series.clone()).or_default();
            let candles = candles.iter().map(whole);
            Arc::make_mut(kept).extend(candles.map(|candle| (candle.timestamp, candle)));
            Ok(())
        })
    }

    async fn read(&self, series: &CandleSeries, span: Span) -> Result<Vec<Candle>, StoreError> {
        Ok(self.read(|tables| {
            let kept = tables.candles.get(series).into_iter();
            let kept = kept.flat_map(|candles| candles.values());
            let inside = kept.filter(|it| (span.from..span.until).contains(&it.timestamp));
            inside.cloned().collect()
        }))
    }

    async fn find(&self, series: &CandleSeries) -> Result<Option<StoredSeries>, StoreError> {
        Ok(self.read(|tables| {
            let kept = tables.candles.get(series);
            kept.and_then(|candles| told(series, candles))
        }))
    }

    async fn catalogue(&self) -> Result<Vec<StoredSeries>, StoreError> {
        let mut all: Vec<_> = self.read(|tables| {
            let kept = tables.candles.iter();
            kept.filter_map(|(series, candles)| told(series, candles))
                .collect()
        });
        all.sort_by_key(|stored| {
            let key = &stored.series.instrument;
            let words = (key.exchange.as_str(), stored.series.interval.as_str());
            (key.symbol.clone(), words)
        });
        Ok(all)
    }

    async fn delete(&self, series: &CandleSeries) -> Result<u64, StoreError> {
        self.write(|tables, _| {
            let gone = tables.candles.remove(series);
            let count = gone.map_or(0, |candles| candles.len());
            Ok(u64::try_from(count).unwrap_or(u64::MAX))
        })
    }
}
