//! What a user may put at risk, and the switch that stops all trading.

mod change;

pub use change::{LimitChange, LimitName, LimitValueError};

use crate::market::{InstrumentKey, Timestamp};
use crate::monitor::Reason;
use crate::value::{Money, Quantity};
use crate::wire::wire_enum;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// The kill switch while it is on: no order of the user is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
}

/// An amount of rupees that something may not exceed: above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LimitAmount(Money);

impl LimitAmount {
    /// Takes an amount above zero.
    pub fn try_new(amount: Money) -> Option<Self> {
        (amount > Money::ZERO).then_some(Self(amount))
    }

    /// The amount.
    pub fn get(self) -> Money {
        self.0
    }
}

wire_enum! {
    /// What is said of a symbol. Where some are allowed, all others are not.
    pub enum SymbolRule as "symbol rule" {
        /// It may be traded.
        Allow = "allow",
        /// It may not be traded.
        Deny = "deny",
    }
}

/// What a user may put at risk. A limit that is absent does not bind; a new user has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RiskLimits {
    /// The most that one order may be worth.
    pub order_value: Option<LimitAmount>,
    /// The most units that one order may be for.
    pub order_quantity: Option<Quantity>,
    /// The most that may be lost on one day.
    pub daily_loss: Option<LimitAmount>,
    /// The most orders on one day.
    pub daily_orders: Option<u32>,
    /// The most live orders that leave for an exchange segment at a broker in any second. Where it
    /// is absent, [`ORDERS_A_SECOND`](crate::rule::governor::ORDERS_A_SECOND) holds: no user goes
    /// without one.
    pub orders_per_second: Option<NonZeroU32>,
    /// What is said of single symbols.
    pub symbols: BTreeMap<InstrumentKey, SymbolRule>,
}
