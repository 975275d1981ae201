//! What an order must reserve, and what of a delivery can be sold
//! (`docs/paper-exchange.md`).

use openalgo_core::market::Instrument;
use openalgo_core::order::{NewOrder, Product, Side};
use openalgo_core::paper::PaperRefusal;
use openalgo_core::portfolio::Position;
use openalgo_core::rule::margin::Leverage;
use openalgo_core::value::{Money, Price, Quantity, ValueError};

/// Units of an order that open exposure: those that no part of the position is left for.
pub(super) fn opening(
    order: &NewOrder,
    position: Option<&Position>,
    resting: Quantity,
) -> Quantity {
    let closable = match (position, order.side) {
        (Some(held), Side::Buy) if held.quantity.is_short() => held.quantity.size(),
        (Some(held), Side::Sell) if held.quantity.is_long() => held.quantity.size(),
        _ => Quantity::ZERO,
    };
    let left = closable.minus(resting.min(closable)).unwrap_or_default();
    order
        .quantity
        .minus(left.min(order.quantity))
        .unwrap_or_default()
}

/// Margin of `opening` units of an order at `price`. Selling delivered shares reserves nothing.
pub(super) fn margin(
    leverage: Leverage,
    order: &NewOrder,
    instrument: &Instrument,
    (opening, price): (Quantity, Price),
) -> Result<Money, ValueError> {
    if order.product == Product::Cnc && order.side == Side::Sell {
        return Ok(Money::ZERO);
    }
    leverage.margin((instrument, order.side, order.product), opening, price)
}

/// Refuses a margin that the free cash does not cover.
pub(super) fn affordable(required: Money, available: Money) -> Result<(), PaperRefusal> {
    if required <= available || required.is_zero() {
        return Ok(());
    }
    let shortage = required.minus(available)?;
    Err(PaperRefusal::InsufficientFunds {
        required,
        available,
        shortage,
    })
}

/// Why a delivery sale is not covered by shares; `None` when it is.
///
/// Covered are the day's net purchases and the holdings, less what other sales wait for.
pub(super) fn uncovered(
    order: &NewOrder,
    position: Option<&Position>,
    delivered: Quantity,
    resting: Quantity,
) -> Option<String> {
    if order.product != Product::Cnc || order.side != Side::Sell {
        return None;
    }
    let symbol = &order.instrument.symbol;
    let bought = position.map_or(0, |held| held.quantity.get());
    let held = delivered.get();
    let available = bought.saturating_add(held).saturating_sub(resting.get());
    if available <= 0 {
        return Some(format!(
            "Cannot sell {symbol} in CNC. No positions or holdings available. CNC (delivery) \
             requires existing shares. Use MIS for intraday short selling."
        ));
    }
    (order.quantity.get() > available).then(|| {
        format!(
            "Cannot sell {} shares of {symbol} in CNC. Only {available} shares available \
             (Position: {bought}, Holdings: {held})",
            order.quantity
        )
    })
}
