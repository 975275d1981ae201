//! What changes a position of the paper exchange besides its trades.

use crate::market::{InstrumentKey, Timestamp};
use crate::order::Product;
use crate::value::{Money, NetQuantity};
use crate::wire::wire_enum;
use chrono::NaiveDate;

wire_enum! {
    /// Why units or money moved in or out of a position without a trade.
    pub enum MovementKind as "kind of movement" {
        /// Shares bought for delivery became a holding, at what they cost.
        Delivered = "delivered",
        /// Shares left a holding to be sold, at what they cost.
        Withdrawn = "withdrawn",
        /// A contract expired, or an intraday position was left from an earlier day: it was
        /// closed at a price, by no order.
        Settled = "settled",
        /// The account started anew.
        Reset = "reset",
        /// The broker took its part of a trade.
        Brokerage = "brokerage",
        /// The tax on transactions was taken for a trade.
        Stt = "stt",
        /// The exchange took its part.
        ExchangeFee = "exchange_fee",
        /// The supervisor took its part.
        SebiFee = "sebi_fee",
        /// The tax on services was taken on these.
        Gst = "gst",
        /// Stamp duty was taken for a trade.
        StampDuty = "stamp_duty",
    }
}

/// Units that moved in or out of a position without a trade, at a value, or money alone.
///
/// A position is what its trades and its movements come to, in units and in cash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Of what.
    pub instrument: InstrumentKey,
    /// Under which product.
    pub product: Product,
    /// Why.
    pub kind: MovementKind,
    /// How many units the position has more.
    pub units: NetQuantity,
    /// What was received for units that left, less what was paid for those that came.
    pub cash: Money,
    /// When.
    pub at: Timestamp,
}

/// What a day came to in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyPnl {
    /// Which day.
    pub date: NaiveDate,
    /// Realised on it: since the day that was summed up before it.
    pub realized: Money,
    /// Profit of the positions that were open when it ended.
    pub positions_unrealized: Money,
    /// Profit of the holdings.
    pub holdings_unrealized: Money,
    /// All of these.
    pub total: Money,
    /// Cash that was free.
    pub available: Money,
    /// Cash that was reserved.
    pub used_margin: Money,
    /// Both of these.
    pub portfolio_value: Money,
}
