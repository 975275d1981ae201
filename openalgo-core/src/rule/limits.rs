//! Limits of risk: what one order, one day and one symbol may put at stake.
//!
//! An order that only takes risk away passes them all: nobody is kept in a position by a limit.

use crate::account::{LimitAmount, RiskLimits, SymbolRule};
use crate::market::InstrumentKey;
use crate::order::{NewOrder, Side};
use crate::value::{Money, Price, Quantity};
use thiserror::Error;

/// An order, as far as limits concern it.
#[derive(Debug, Clone, Copy)]
pub struct Exposure<'a> {
    /// What is traded.
    pub instrument: &'a InstrumentKey,
    /// How many units.
    pub quantity: Quantity,
    /// What they are worth at the price that the order is judged at ([`judged_at`]).
    pub worth: Money,
    /// Whether it only makes a position smaller.
    pub reduces: bool,
}

/// What the user's day has come to before the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Day {
    /// Orders that were taken.
    pub orders: u32,
    /// Realised and unrealised profit, negative for a loss.
    pub profit: Money,
}

/// Why an order is refused: the rule, what stands in its place, and how it is changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LimitRefusal {
    /// The order is worth too much.
    #[error("risk limit order_value: the order is worth ₹{worth} and may be worth ₹{limit}")]
    OrderValue {
        /// What it is worth.
        worth: Money,
        /// What it may be worth.
        limit: Money,
    },
    /// The order is for too many units.
    #[error("risk limit order_quantity: the order is for {quantity} units and may be for {limit}")]
    OrderQuantity {
        /// How many it is for.
        quantity: Quantity,
        /// How many it may be for.
        limit: Quantity,
    },
    /// Too much was lost today.
    #[error(
        "risk limit daily_loss: ₹{loss} are lost today and ₹{limit} may be; positions can be closed"
    )]
    DailyLoss {
        /// What was lost.
        loss: Money,
        /// What may be lost.
        limit: Money,
    },
    /// Too many orders were taken today.
    #[error(
        "risk limit daily_orders: orders taken today: {taken}, and there may be {limit}; positions can be closed"
    )]
    DailyOrders {
        /// How many were taken.
        taken: u32,
        /// How many may be taken.
        limit: u32,
    },
    /// The symbol is on the list of those that may not be traded.
    #[error("risk limit symbols: {} on {} may not be traded", .0.symbol, .0.exchange)]
    Denied(InstrumentKey),
    /// There is a list of those that may be traded, and the symbol is not on it.
    #[error(
        "risk limit symbols: only listed symbols may be traded, and {} on {} is not listed",
        .0.symbol,
        .0.exchange
    )]
    NotAllowed(InstrumentKey),
}

impl LimitRefusal {
    /// The words after `openalgo risk` that change what stands in the way.
    pub fn remedy(&self) -> String {
        let symbol = |word: &str, key: &InstrumentKey| {
            let symbol = shell_word(key.symbol.as_str());
            format!("symbol {word} {symbol} --exchange {}", key.exchange)
        };
        match self {
            Self::OrderValue { .. } => "set order_value AMOUNT".to_owned(),
            Self::OrderQuantity { .. } => "set order_quantity UNITS".to_owned(),
            Self::DailyLoss { .. } => "set daily_loss AMOUNT".to_owned(),
            Self::DailyOrders { .. } => "set daily_orders COUNT".to_owned(),
            Self::Denied(key) => symbol("remove", key),
            Self::NotAllowed(key) => symbol("allow", key),
        }
    }
}

/// A symbol as one word of a command, in quotes if a shell would take it apart.
fn shell_word(symbol: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-+".contains(&b);
    if symbol.bytes().all(is_plain) {
        symbol.to_owned()
    } else {
        format!("'{}'", symbol.replace('\'', r"'\''"))
    }
}

/// The price that an order is judged at: the last one, or that of the order where it is higher. A
/// limit far from the market says nothing about what it will be filled at, and neither does a
/// trigger that is met already.
///
/// Without a last price only the limit of what is bought bounds what it may come to.
pub fn judged_at(order: &NewOrder, last: Option<Price>) -> Option<Price> {
    let kind = order.kind;
    match (order.side, last) {
        (Side::Buy, None) => kind.price(),
        (Side::Sell, None) => None,
        // What waits for a higher price than the last one comes to that at least.
        (Side::Buy, last) => kind.price().max(kind.trigger()).max(last),
        // A stop that sells waits for a lower price.
        (Side::Sell, last) => kind.price().max(last),
    }
}

/// Lets an order pass, or says which limit it breaks first.
pub fn check(limits: &RiskLimits, order: Exposure<'_>, day: Day) -> Result<(), LimitRefusal> {
    if order.reduces {
        return Ok(());
    }
    check_symbol(limits, order.instrument)?;
    if let Some(limit) = limits.order_quantity
        && order.quantity > limit
    {
        let quantity = order.quantity;
        return Err(LimitRefusal::OrderQuantity { quantity, limit });
    }
    if let Some(limit) = limits.order_value.map(LimitAmount::get)
        && order.worth > limit
    {
        let worth = order.worth;
        return Err(LimitRefusal::OrderValue { worth, limit });
    }
    check_day(limits, day)
}

fn check_symbol(limits: &RiskLimits, key: &InstrumentKey) -> Result<(), LimitRefusal> {
    let lists_allowed = || {
        let mut rules = limits.symbols.values();
        rules.any(|rule| *rule == SymbolRule::Allow)
    };
    match limits.symbols.get(key) {
        Some(SymbolRule::Deny) => Err(LimitRefusal::Denied(key.clone())),
        None if lists_allowed() => Err(LimitRefusal::NotAllowed(key.clone())),
        Some(SymbolRule::Allow) | None => Ok(()),
    }
}

fn check_day(limits: &RiskLimits, day: Day) -> Result<(), LimitRefusal> {
    if let Some(limit) = limits.daily_orders
        && day.orders >= limit
    {
        return Err(LimitRefusal::DailyOrders {
            taken: day.orders,
            limit,
        });
    }
    let loss = day.profit.negated();
    if let Some(limit) = limits.daily_loss.map(LimitAmount::get)
        && loss >= limit
    {
        return Err(LimitRefusal::DailyLoss { loss, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
