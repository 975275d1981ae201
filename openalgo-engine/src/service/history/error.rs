//! Why past prices cannot be told.

use crate::market::LookupError;
use openalgo_core::market::{CandleSeries, Interval, ResampleError};
use openalgo_core::port::{MarketError, StoreError};
use thiserror::Error;

/// Why past prices cannot be told.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// There is no such instrument, or it cannot be looked up.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The source of prices failed.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// The source of prices tells no past ones.
    #[error("this source of prices tells no past prices")]
    NotOffered,
    /// The source of prices tells none of which these could be made.
    #[error("this source of prices tells no candles of {interval}, only of {}", words(.offered))]
    Unsupported {
        /// The length that was asked for.
        interval: Interval,
        /// The lengths that there are.
        offered: Vec<Interval>,
    },
    /// Nothing was kept of which these could be made.
    #[error(
        "No data found for {}:{} interval {} in local database. Download data first using Historify.",
        .0.instrument.symbol, .0.instrument.exchange, .0.interval
    )]
    NothingStored(CandleSeries),
    /// Candles of this length are not kept: they are made of others.
    #[error("candles of {0} are not kept: those of 1m and D are, and all others are made of them")]
    NotKept(Interval),
    /// So many candles are not told at once.
    #[error("these would be more than {most} candles: ask for fewer days or for longer candles")]
    TooMany {
        /// The most there can be.
        most: usize,
    },
    /// The candles make no longer ones.
    #[error(transparent)]
    Resample(#[from] ResampleError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn words(intervals: &[Interval]) -> String {
    let words: Vec<_> = intervals.iter().map(|it| it.as_str()).collect();
    words.join(", ")
}
