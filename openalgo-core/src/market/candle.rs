//! One bar of a chart.

use super::Timestamp;
use crate::value::Price;
use serde::{Deserialize, Serialize};

/// What a price did during one interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candle {
    /// The first instant of the interval.
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
