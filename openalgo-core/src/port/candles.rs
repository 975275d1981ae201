//! Candles that are kept.

use super::StoreError;
use crate::market::{Candle, CandleSeries, Span, StoredSeries};
use async_trait::async_trait;
use std::fmt;

/// Keeps candles. One is known by its series and the whole second in which it begins; what is finer
/// is not kept.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait CandleRepository: fmt::Debug + Send + Sync {
    /// Keeps candles of a series, all of them or none. One that begins when another one does takes
    /// its place.
    async fn save(&self, series: &CandleSeries, candles: &[Candle]) -> Result<(), StoreError>;

    /// The candles of a series that begin in a span, its beginning included and its end not, the
    /// oldest first.
    async fn read(&self, series: &CandleSeries, span: Span) -> Result<Vec<Candle>, StoreError>;

    /// What is kept of a series; `None` of one without candles.
    async fn find(&self, series: &CandleSeries) -> Result<Option<StoredSeries>, StoreError>;

    /// What is kept, by symbol, exchange and length, each in the order of their words.
    async fn catalogue(&self) -> Result<Vec<StoredSeries>, StoreError>;

    /// Takes the candles of a series away; how many there were.
    async fn delete(&self, series: &CandleSeries) -> Result<u64, StoreError>;
}
