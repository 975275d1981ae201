//! What every order must satisfy before anything is decided about it.
//!
//! The texts are those that existing clients know (`docs/paper-exchange.md`); where a
//! rule is ours, so is the text. They are produced here and nowhere else.

use super::split::largest_order;
use crate::market::{Instrument, InstrumentKey, LotError};
use crate::order::{NewOrder, OrderKind, Product, Side, TradingMode};
use crate::text::is_line;
use crate::value::{Price, Quantity, Tick, ValueError};
use thiserror::Error;

/// Why an order is refused before it is decided on. Nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OrderRefusal {
    /// Orders need at least one unit.
    #[error("Quantity must be positive")]
    NoQuantity,
    /// Overnight derivatives product in the cash segment.
    #[error(
        "NRML product not allowed for {exchange} equity segment. Use CNC for delivery or MIS for intraday."
    )]
    NrmlInCash {
        /// The exchange of the order.
        exchange: crate::market::Exchange,
    },
    /// Delivery product outside the cash segment.
    #[error(
        "CNC product not allowed for {exchange} derivatives segment. Use NRML for carryforward or MIS for intraday."
    )]
    CncInDerivatives {
        /// The exchange of the order.
        exchange: crate::market::Exchange,
    },
    /// Indices are quoted, not traded.
    #[error(
        "{symbol} is an index and cannot be traded. Trade one of its futures or options instead."
    )]
    NotTradable {
        /// The symbol of the order.
        symbol: String,
    },
    /// Crypto quantities are fractional, which is not supported.
    #[error("orders on CRYPTO are not supported yet, because their quantities may be fractional")]
    CryptoUnsupported,
    /// A strategy name that cannot be shown on one line.
    #[error(
        "strategy must have at most {LONGEST_STRATEGY} characters, and none that are invisible"
    )]
    BadStrategy,
    /// No whole number of lots.
    #[error(transparent)]
    Lot(#[from] LotError),
    /// A price between two ticks.
    #[error(
        "{which} {price} is not a multiple of the tick size {tick}. The nearest prices are {below} and {above}."
    )]
    OffTick {
        /// `price` or `trigger_price`.
        which: &'static str,
        /// The price as given.
        price: Price,
        /// The instrument's tick.
        tick: Tick,
        /// The next price below.
        below: Price,
        /// The next price above.
        above: Price,
    },
    /// A stop order with a limit that no price beyond its trigger meets.
    #[error(
        "SL {side} orders need a price {} their trigger_price, or nothing can fill them: price {price}, trigger_price {trigger}. Set price to {trigger} or {}.",
        allowed(*.side).0,
        allowed(*.side).1
    )]
    LimitBeforeTrigger {
        /// Which way the order goes.
        side: Side,
        /// The limit as given.
        price: Price,
        /// The trigger as given.
        trigger: Price,
    },
    /// The exchange freezes an order of so many units.
    #[error(
        "quantity {quantity} is more than {} takes in one order of {}, which is {most}. Split it into several orders.",
        key.exchange,
        key.symbol
    )]
    Frozen {
        /// What is traded.
        key: InstrumentKey,
        /// The quantity of the order.
        quantity: Quantity,
        /// The most that is taken.
        most: Quantity,
    },
    /// A sum left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// The longest name of a strategy, in characters.
const LONGEST_STRATEGY: usize = 256;

fn is_strategy(text: &str) -> bool {
    text.chars().count() <= LONGEST_STRATEGY && is_line(text)
}

/// Checks an order against the trading rules of its instrument.
pub fn check_order(order: &NewOrder, instrument: &Instrument) -> Result<(), OrderRefusal> {
    let exchange = order.instrument.exchange;
    if order.quantity.is_zero() {
        return Err(OrderRefusal::NoQuantity);
    }
    if exchange == crate::market::Exchange::Crypto {
        return Err(OrderRefusal::CryptoUnsupported);
    }
    if !instrument.is_tradable() {
        return Err(OrderRefusal::NotTradable {
            symbol: order.instrument.symbol.to_string(),
        });
    }
    match order.product {
        Product::Nrml if exchange.is_cash() => return Err(OrderRefusal::NrmlInCash { exchange }),
        Product::Cnc if exchange.is_derivative() => {
            return Err(OrderRefusal::CncInDerivatives { exchange });
        }
        Product::Cnc | Product::Nrml | Product::Mis => {}
    }
    if !order.strategy.as_deref().is_none_or(is_strategy) {
        return Err(OrderRefusal::BadStrategy);
    }
    instrument.check_lot(order.quantity)?;
    within_trigger_and_limit(order.side, order.kind)?;
    on_tick("price", order.kind.price(), instrument.tick)?;
    on_tick("trigger_price", order.kind.trigger(), instrument.tick)
}

/// Checks that an exchange takes so many units of an instrument in one order. On paper nothing is
/// frozen.
pub fn check_freeze(
    (quantity, mode): (Quantity, TradingMode),
    instrument: &Instrument,
) -> Result<(), OrderRefusal> {
    let most = match mode {
        TradingMode::Live => largest_order(instrument),
        TradingMode::Paper => None,
    };
    match most {
        Some(most) if quantity > most => Err(OrderRefusal::Frozen {
            key: instrument.key.clone(),
            quantity,
            most,
        }),
        Some(_) | None => Ok(()),
    }
}

/// Where the limit of a stop order may lie, seen from its trigger.
fn allowed(side: Side) -> (&'static str, &'static str) {
    match side {
        Side::Buy => ("at or above", "above"),
        Side::Sell => ("at or below", "below"),
    }
}

fn within_trigger_and_limit(side: Side, kind: OrderKind) -> Result<(), OrderRefusal> {
    let OrderKind::StopLimit { trigger, price } = kind else {
        return Ok(());
    };
    let impossible = match side {
        Side::Buy => price < trigger,
        Side::Sell => price > trigger,
    };
    if impossible {
        return Err(OrderRefusal::LimitBeforeTrigger {
            side,
            price,
            trigger,
        });
    }
    Ok(())
}

pub(super) fn on_tick(
    which: &'static str,
    price: Option<Price>,
    tick: Tick,
) -> Result<(), OrderRefusal> {
    match price {
        Some(price) if !tick.allows(price) => {
            let (below, above) = tick.around(price)?;
            Err(OrderRefusal::OffTick {
                which,
                price,
                tick,
                below,
                above,
            })
        }
        Some(_) | None => Ok(()),
    }
}
