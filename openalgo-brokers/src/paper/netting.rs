//! What a fill does to a position (`docs/paper-exchange.md`).

use openalgo_core::order::Side;
use openalgo_core::portfolio::{DayTotals, Position};
use openalgo_core::value::{Money, NetQuantity, Price, Quantity, ValueError};

/// A fill, as a position sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PositionFill {
    /// Which way.
    pub(super) side: Side,
    /// How many units.
    pub(super) quantity: Quantity,
    /// At which price.
    pub(super) price: Price,
    /// Margin of the units that are not used to close something.
    pub(super) margin: Money,
}

impl PositionFill {
    /// How many of the units close a part of `position`.
    pub(super) fn closing(side: Side, quantity: Quantity, position: &Position) -> Quantity {
        let opposite = match side {
            Side::Buy => position.quantity.is_short(),
            Side::Sell => position.quantity.is_long(),
        };
        if opposite {
            quantity.min(position.quantity.size())
        } else {
            Quantity::ZERO
        }
    }
}

/// The position after a fill. The difference of its realised P&L is what the account gains.
pub(super) fn after_fill(position: &Position, fill: PositionFill) -> Result<Position, ValueError> {
    let closed = PositionFill::closing(fill.side, fill.quantity, position);
    let mut next = counted(position, fill)?;
    if !closed.is_zero() {
        close(&mut next, position, closed, fill.price)?;
    }
    let opened = fill.quantity.minus(closed)?;
    let signed = match fill.side {
        Side::Buy => NetQuantity::from(fill.quantity),
        Side::Sell => NetQuantity::from(fill.quantity).negated(),
    };
    next.quantity = position.quantity.plus(signed)?;
    next.cost = next.cost.plus(fill.price.times(opened)?)?;
    next.margin = next.margin.plus(fill.margin)?;
    next.ltp = fill.price;
    Ok(next)
}

/// Closes `closed` units: realises their profit and takes out their share of cost and margin.
///
/// The shares are rounded once and subtracted, so what is realised and what stays add up.
fn close(
    next: &mut Position,
    position: &Position,
    closed: Quantity,
    price: Price,
) -> Result<(), ValueError> {
    let size = position.quantity.size();
    let cost = position.cost.prorated(closed, size)?;
    let value = price.times(closed)?;
    let profit = if position.quantity.is_long() {
        value.minus(cost)?
    } else {
        cost.minus(value)?
    };
    next.cost = position.cost.minus(cost)?;
    next.margin = position
        .margin
        .minus(position.margin.prorated(closed, size)?)?;
    next.realized_pnl = position.realized_pnl.plus(profit)?;
    next.today_realized_pnl = position.today_realized_pnl.plus(profit)?;
    Ok(())
}

/// The position with the fill in the totals of its day.
fn counted(position: &Position, fill: PositionFill) -> Result<Position, ValueError> {
    let mut next = position.clone();
    let side = match fill.side {
        Side::Buy => &mut next.day_buy,
        Side::Sell => &mut next.day_sell,
    };
    *side = DayTotals {
        quantity: side.quantity.plus(fill.quantity)?,
        value: side.value.plus(fill.price.times(fill.quantity)?)?,
    };
    Ok(next)
}
