//! The state of a market at one instant.

use super::{InstrumentKey, Timestamp};
use crate::order::Side;
use crate::value::{Price, Quantity};

/// The last price of an instrument and what surrounds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Which instrument.
    pub instrument: InstrumentKey,
    /// Last traded price.
    pub ltp: Price,
    /// First price of the day.
    pub open: Price,
    /// Highest price of the day.
    pub high: Price,
    /// Lowest price of the day.
    pub low: Price,
    /// Closing price of the day before.
    pub prev_close: Price,
    /// Units traded today.
    pub volume: i64,
    /// Best bid; `None` when nobody bids, as for an index.
    pub bid: Option<Price>,
    /// Best offer; `None` when nobody offers.
    pub ask: Option<Price>,
    /// Units at the best bid.
    pub bid_quantity: Quantity,
    /// Units at the best offer.
    pub ask_quantity: Quantity,
    /// Open interest; `None` for what has none.
    pub oi: Option<i64>,
    /// When the market was so.
    pub timestamp: Timestamp,
}

impl Quote {
    /// What a market order of this side meets: the offer for a buyer, the bid for a seller, the
    /// last price where there is neither.
    pub fn market_price(&self, side: Side) -> Price {
        let opposite = match side {
            Side::Buy => self.ask,
            Side::Sell => self.bid,
        };
        opposite
            .filter(|price| !price.is_zero())
            .unwrap_or(self.ltp)
    }

    /// Whether the last price lies inside its own day's range.
    ///
    /// A quote for which it does not mixes two days and must not fill an order. One that tells no
    /// range has none to lie outside of.
    pub fn is_coherent(&self) -> bool {
        let has_range = !self.low.is_zero() || !self.high.is_zero();
        let is_inside = (self.low..=self.high).contains(&self.ltp);
        !self.ltp.is_zero() && (is_inside || !has_range)
    }
}
