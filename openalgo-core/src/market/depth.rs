//! The order book of the exchange, as far as it is shown.

use super::{InstrumentKey, Timestamp};
use crate::value::{Price, Quantity};
use serde::{Deserialize, Serialize};

/// The best bids and offers of an instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depth {
    /// Which instrument.
    pub instrument: InstrumentKey,
    /// Bids, the highest first.
    pub bids: Vec<DepthLevel>,
    /// Offers, the lowest first.
    pub asks: Vec<DepthLevel>,
    /// When it was so.
    pub timestamp: Timestamp,
}

/// One price of the order book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepthLevel {
    /// The price.
    pub price: Price,
    /// Units on offer at it.
    pub quantity: Quantity,
    /// In how many orders.
    pub orders: u32,
}
