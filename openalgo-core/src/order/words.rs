//! The closed sets of words that describe orders, as stored and as sent.

use crate::wire::wire_enum;

wire_enum! {
    /// Which way an order goes; users call it the action.
    pub enum Side as "action" {
        /// Buys.
        Buy = "BUY",
        /// Sells.
        Sell = "SELL",
    }
}

impl Side {
    /// The other way.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

wire_enum! {
    /// How long a position is meant to be kept, which decides margin and square-off.
    pub enum Product as "product" {
        /// Cash and carry: delivery of shares.
        Cnc = "CNC",
        /// Normal: derivatives carried overnight.
        Nrml = "NRML",
        /// Margin intraday square-off: closed by the end of the day.
        Mis = "MIS",
    }
}

wire_enum! {
    /// What decides the price of an order.
    pub enum PriceType as "price type" {
        /// The best price there is.
        Market = "MARKET",
        /// The limit or better.
        Limit = "LIMIT",
        /// Stop-loss limit: from the trigger on, within trigger and limit.
        StopLimit = "SL",
        /// Stop-loss market: a market order from the trigger on.
        StopMarket = "SL-M",
    }
}

wire_enum! {
    /// The stored status of an order.
    pub enum OrderStatus as "order status" {
        /// Not yet confirmed by the broker.
        Pending = "PENDING",
        /// Working at the exchange.
        Open = "OPEN",
        /// Filled as a whole.
        Complete = "COMPLETE",
        /// Cancelled; what was filled before stays filled.
        Cancelled = "CANCELLED",
        /// Refused by broker or exchange.
        Rejected = "REJECTED",
        /// A stop order whose trigger has not been met.
        TriggerPending = "TRIGGER PENDING",
    }
}

impl OrderStatus {
    /// Whether nothing can happen to the order any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Complete | Self::Cancelled | Self::Rejected)
    }
}

wire_enum! {
    /// Where an order came from.
    pub enum OrderSource as "order source" {
        /// A person at a frontend.
        Manual = "manual",
        /// A client of the API or of this crate.
        Api = "api",
        /// A webhook strategy.
        Strategy = "strategy",
        /// A Telegram command.
        Telegram = "telegram",
    }
}

wire_enum! {
    /// Whether orders of an API key go out at once or wait for approval.
    pub enum OrderMode as "order mode" {
        /// At once.
        Auto = "auto",
        /// After a person approved them.
        SemiAuto = "semi_auto",
    }
}

wire_enum! {
    /// Whether an order reaches a real broker. There is no default: an order without a known
    /// mode is refused.
    pub enum TradingMode as "trading mode" {
        /// Real money.
        Live = "live",
        /// The paper exchange; users call it analyze mode.
        Paper = "analyze",
    }
}
