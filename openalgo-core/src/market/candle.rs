//! Candles: what a price did during one interval.
//!
//! | file | what is in it |
//! |---|---|
//! | `grid` | which intervals there are, by the hours of the exchanges |
//! | `builder` | candles of prices as they come |
//! | `resample` | longer candles of shorter ones |
//! | `series` | the candles of one instrument and one length, and what is kept of them |

mod builder;
mod grid;
mod resample;
mod series;

pub use builder::{CandleBuilder, CandleRefusal, MadeCandle};
pub use grid::{CandleGrid, Slot};
pub use resample::{ResampleError, Resampled, resample};
pub use series::{CandleSeries, StoredSeries};

use super::{IST, Interval, Timestamp};
use crate::value::Price;
use serde::{Deserialize, Serialize};

/// What a price did during one interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candle {
    /// The first instant of the interval. Candles of a day and longer are named by a date: theirs
    /// is midnight in India, at which that date begins.
    pub timestamp: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Units traded.
    pub volume: i64,
    /// Open interest at the end; `None` for what has none.
    pub oi: Option<i64>,
}

impl Candle {
    /// Whether its prices can be: none lies outside the range from the lowest to the highest, and
    /// less than nothing was traded in no interval.
    pub fn is_coherent(&self) -> bool {
        let range = self.low..=self.high;
        range.contains(&self.open) && range.contains(&self.close) && self.volume >= 0
    }

    /// Takes what came later in the same interval.
    fn join(&mut self, later: &Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume = self.volume.saturating_add(later.volume);
        self.oi = later.oi.or(self.oi);
    }
}

/// The seconds since 1970 by which clients know a candle of this interval that begins at `at`.
///
/// A candle of a day or longer is known by its date read as if it were one of UTC, so that a client
/// that takes the number for a time without a zone sees the right date. Others are known by the
/// instant at which they begin.
pub fn client_seconds(interval: Interval, at: Timestamp) -> i64 {
    let ahead = if interval.is_by_date() {
        IST.local_minus_utc().into()
    } else {
        0
    };
    at.to_seconds().saturating_add(ahead)
}
