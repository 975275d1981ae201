//! The candles of one instrument and one length.

use crate::market::{InstrumentKey, Interval, Timestamp};
use std::fmt;

/// Names the candles of one instrument and one length.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CandleSeries {
    /// Of which instrument.
    pub instrument: InstrumentKey,
    /// How long each lasts.
    pub interval: Interval,
}

impl fmt::Display for CandleSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.instrument, self.interval)
    }
}

/// What is stored of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSeries {
    /// Which one.
    pub series: CandleSeries,
    /// When its first candle begins.
    pub first: Timestamp,
    /// When its last one does.
    pub last: Timestamp,
    /// How many there are.
    pub count: u64,
}
