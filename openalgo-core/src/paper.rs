//! What the paper exchange, the engine and the store tell each other.
//!
//! The exchange is a pure machine: it decides what a command does to one account and describes
//! it as a [`LedgerEntry`]. The store commits an entry in one transaction, so that an order, its
//! fill, the position and the money change together or not at all.

mod expiry;
mod job;
mod movement;
mod reservation;
mod square_off;
mod terms;

pub use expiry::expiry_of;
pub use job::{JobPrice, JobPrices, PaperJob, PaperJobKind, WeeklyReset};
pub use movement::{DailyPnl, Movement, MovementKind};
pub use reservation::{GttOrders, OcoMargin, Reservation};
pub use square_off::SquareOffTimes;
pub use terms::{ExpiryTerms, ExpiryTiming, OptionSettlement, PaperTerms, ResetDay};

use crate::id::{BrokerName, BrokerOrderId, IntentId, UserId};
use crate::market::{
    Exchange, Instrument, InstrumentKey, Quote, Symbol, TimeOfDay, Timestamp, TradingDay,
};
use crate::order::{
    Execution, OrderEvent, OrderIntent, OrderKind, OrderState, PriceType, TransitionError,
};
use crate::portfolio::{Funds, Holding, Position};
use crate::value::{Money, NetQuantity, Price, Quantity, ValueError};
use chrono::{Duration, NaiveDate};

/// An account of the paper exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaperAccountKey {
    /// Whose account.
    pub user: UserId,
    /// The name under which the paper broker keeps it.
    pub broker: BrokerName,
}

/// What a new account starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperOpening {
    /// Its capital.
    pub capital: Money,
    /// The session in which it is opened.
    pub day: TradingDay,
    /// When it is opened.
    pub at: Timestamp,
}

/// Everything that is known about an account; what the machine starts from.
#[derive(Debug, Clone)]
pub struct PaperState {
    /// Which account.
    pub key: PaperAccountKey,
    /// Number of the last committed [`LedgerEntry`].
    pub version: u64,
    /// The session that today's figures belong to.
    pub trading_day: TradingDay,
    /// Everything that happens by itself has happened up to and including this instant.
    pub jobs_until: Timestamp,
    /// The last order number given out.
    pub last_order_number: u64,
    /// Its money.
    pub funds: Funds,
    /// Its positions, closed ones included: they keep what they earned.
    pub positions: Vec<Position>,
    /// Its delivered shares.
    pub holdings: Vec<Holding>,
    /// Orders that are not over, with the margin each reserves.
    pub orders: Vec<WorkingOrder>,
    /// What is reserved for orders that wait for a price.
    pub reservations: Vec<Reservation>,
}

/// A clock that is set right goes back no further than this, and nothing follows from it.
const SET_RIGHT: Duration = Duration::minutes(1);

impl PaperState {
    /// The account as an opening finds it. One whose time ran ahead, by a clock of its own or by one
    /// that was wrong, goes on at the instant of the opening, in a new session: nothing that it does
    /// by itself waits until that time comes again.
    #[must_use]
    pub fn as_of(mut self, opening: &PaperOpening) -> Self {
        let PaperOpening { day, at, .. } = *opening;
        if self.jobs_until <= at.plus(SET_RIGHT) {
            return self;
        }
        self.jobs_until = at;
        let before = day.date().pred_opt().map(TradingDay::new);
        self.trading_day = self.trading_day.min(before.unwrap_or(day));
        for order in &mut self.orders {
            order.updated_at = order.updated_at.min(at);
        }
        self
    }
}

/// An order that rests at the paper exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingOrder {
    /// What was decided.
    pub intent: OrderIntent,
    /// Where it stands.
    pub state: OrderState,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Margin reserved for it; exactly what a cancellation releases.
    pub margin: Money,
}

/// What an account holds of an instrument under a product, and the orders that may change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperStanding {
    /// Net units that are held.
    pub held: NetQuantity,
    /// Orders that rest, those that arrived first first.
    pub orders: Vec<WorkingOrder>,
}

/// What a day has come to in an account so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperDay {
    /// Realised today.
    pub realized: Money,
    /// What is held.
    pub open: Vec<Position>,
}

/// What one decision of the exchange changes. Committed whole or not at all.
#[derive(Debug, Clone)]
pub struct LedgerEntry {
    /// Which account.
    pub key: PaperAccountKey,
    /// Number of this entry: one more than that of the entry before it. An entry whose number
    /// does not follow the committed one was decided on something that never came true and is
    /// refused.
    pub version: u64,
    /// Orders that are new or changed.
    pub orders: Vec<OrderChange>,
    /// Whether the account starts anew: positions, holdings and reservations from before are gone.
    pub starts_anew: bool,
    /// What moved in or out of positions besides trades.
    pub movements: Vec<Movement>,
    /// A day that has ended, if one has.
    pub daily: Option<DailyPnl>,
    /// Positions as they are afterwards; only those that changed.
    pub positions: Vec<Position>,
    /// Holdings as they are afterwards; only those that changed.
    pub holdings: Vec<Holding>,
    /// What is reserved for orders that wait for a price, as it is afterwards; only what changed,
    /// and zero for what is reserved no more.
    pub reservations: Vec<Reservation>,
    /// The money afterwards.
    pub funds: Funds,
    /// The session that today's figures belong to.
    pub trading_day: TradingDay,
    /// Everything that happens by itself has happened up to and including this instant.
    pub jobs_until: Timestamp,
    /// The last order number given out.
    pub last_order_number: u64,
    /// When it was decided.
    pub at: Timestamp,
}

/// What happened to one order within a [`LedgerEntry`].
#[derive(Debug, Clone)]
pub struct OrderChange {
    /// Which order.
    pub intent: IntentId,
    /// Present when the order is new.
    pub placed: Option<OrderIntent>,
    /// What happened, in order, after the intent itself.
    pub events: Vec<OrderEvent>,
    /// The executions among them.
    pub trades: Vec<Execution>,
    /// Margin reserved for the order afterwards.
    pub margin: Money,
}

/// A range of prices in which a resting order wants to be looked at; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceBand {
    /// Lowest price of the range; `None` for no lower end.
    pub low: Option<Price>,
    /// Highest price of the range; `None` for no upper end.
    pub high: Option<Price>,
}

impl PriceBand {
    /// Whether a price lies in the range.
    pub fn contains(self, price: Price) -> bool {
        self.low.is_none_or(|low| price >= low) && self.high.is_none_or(|high| price <= high)
    }

    /// Whether all prices of another range lie in it.
    pub fn covers(self, other: Self) -> bool {
        let low = self.low.is_none_or(|low| other.low >= Some(low));
        let high = |high| other.high.is_some_and(|other| other <= high);
        low && self.high.is_none_or(high)
    }
}

/// Prices that orders wait for which rest in an account. Of those that have seen the same prices
/// of the same instrument, the one that is met first stands for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The instrument whose price matters.
    pub instrument: InstrumentKey,
    /// The prices at which something happens.
    pub band: PriceBand,
    /// Prices up to and including this instant have been looked at.
    pub seen: Timestamp,
}

/// What a paper order is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Ticket<'a> {
    /// The trading rules of what is ordered.
    pub instrument: &'a Instrument,
    /// Its market right now; `None` where nobody tells a price. A market order is refused then, and
    /// any other one rests.
    pub quote: Option<&'a Quote>,
}

/// What a resting order is changed to, and on what that is decided.
#[derive(Debug, Clone, Copy)]
pub struct Amendment<'a> {
    /// Units from now on.
    pub quantity: Quantity,
    /// Its prices from now on; the price type stays.
    pub kind: OrderKind,
    /// The market in which it rests.
    pub ticket: Ticket<'a>,
    /// When it was asked for.
    pub at: Timestamp,
}

/// Why the paper exchange does not take a command. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaperRefusal {
    /// The account cannot afford the order.
    #[error(
        "Insufficient funds. Required: ₹{required}, Available: ₹{available}, Shortage: ₹{shortage}"
    )]
    InsufficientFunds {
        /// Margin that the order needs.
        required: Money,
        /// Cash that is free.
        available: Money,
        /// What is missing.
        shortage: Money,
    },
    /// A market order has nothing to meet, as there is no price of its day.
    #[error(
        "Cannot place MARKET order for {symbol} - unable to fetch current price. Please try again later or use LIMIT order with a specific price."
    )]
    NoPrice {
        /// The symbol of the order.
        symbol: Symbol,
    },
    /// Intraday positions have ended for the day.
    #[error(
        "MIS orders cannot be placed after square-off time ({square_off} IST). Trading resumes at 09:00 AM IST."
    )]
    PastSquareOff {
        /// When they end.
        square_off: TimeOfDay,
    },
    /// There are no intraday positions on a day without trading.
    #[error(
        "MIS orders cannot be placed on {date}, as {exchange} does not trade then. Trading resumes at 09:00 AM IST{}.", on_date(*resumes)
    )]
    NoTradingDay {
        /// Which exchange.
        exchange: Exchange,
        /// Which day.
        date: NaiveDate,
        /// The next day on which it trades, if it is known.
        resumes: Option<NaiveDate>,
    },
    /// A market order has nothing to meet, as the exchange is closed.
    #[error(
        "Cannot place MARKET order for {symbol} - {exchange} is closed. Please try again when it trades or use LIMIT order with a specific price."
    )]
    Closed {
        /// Which exchange.
        exchange: Exchange,
        /// The symbol of the order.
        symbol: Symbol,
    },
    /// The contract has ended and is settled.
    #[error("Cannot trade {symbol} - the contract expired on {expiry}.")]
    Expired {
        /// The symbol of the order.
        symbol: Symbol,
        /// Its last day.
        expiry: NaiveDate,
    },
    /// No order of that id rests in the account.
    #[error("Order {0} not found")]
    UnknownOrder(BrokerOrderId),
    /// An order keeps the price type that it was placed with.
    #[error(
        "price type cannot be changed on an order of the paper exchange ({from} -> {to}). Cancel and re-place."
    )]
    PriceType {
        /// The one it has.
        from: PriceType,
        /// The one that was asked for.
        to: PriceType,
    },
    /// More would be sold than there is.
    #[error("{0}")]
    NotCovered(String),
    /// The account has given out every order number of the day.
    #[error("the paper exchange has no order numbers left for today")]
    NoOrderNumber,
    /// The order cannot take that step.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// A sum left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}

fn on_date(date: Option<NaiveDate>) -> String {
    date.map_or_else(String::new, |date| format!(" on {date}"))
}
