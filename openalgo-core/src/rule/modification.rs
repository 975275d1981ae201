//! What changes about an order when it is modified, and what its line in a broker's book tells.

use crate::order::{
    KindError, NewOrder, Order, OrderKind, OrderState, OrderStatus, PriceType, Side,
};
use crate::port::BookOrder;
use crate::value::{Price, Quantity};
use thiserror::Error;

/// What should change about an order; `None` leaves a part as it is, and so does a price of zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modification {
    /// Units, those that are filled among them.
    pub quantity: Option<Quantity>,
    /// What decides the price.
    pub price_type: Option<PriceType>,
    /// The limit.
    pub price: Option<Price>,
    /// The trigger.
    pub trigger: Option<Price>,
}

/// Why an order cannot become what it should.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModificationRefusal {
    /// A limit for an order that has none.
    #[error("{0} orders do not accept a price")]
    NoPrice(PriceType),
    /// A trigger for an order that has none.
    #[error("{0} orders do not accept a trigger_price")]
    NoTrigger(PriceType),
    /// A price that the price type needs.
    #[error(transparent)]
    Kind(#[from] KindError),
    /// More is filled than the order would be for.
    #[error("quantity {quantity} is not above the {filled} units that are filled already")]
    Filled {
        /// What was asked for.
        quantity: Quantity,
        /// What is filled.
        filled: Quantity,
    },
}

/// The order as it will be.
pub fn modified(order: &Order, change: Modification) -> Result<NewOrder, ModificationRefusal> {
    let asked = &order.intent.order;
    let price_type = change.price_type.unwrap_or(asked.kind.price_type());
    let given = |price: Option<Price>| price.filter(|price| !price.is_zero());
    let (price, trigger) = (given(change.price), given(change.trigger));
    let has_price = matches!(price_type, PriceType::Limit | PriceType::StopLimit);
    let has_trigger = matches!(price_type, PriceType::StopLimit | PriceType::StopMarket);
    if price.is_some() && !has_price {
        return Err(ModificationRefusal::NoPrice(price_type));
    }
    if trigger.is_some() && !has_trigger {
        return Err(ModificationRefusal::NoTrigger(price_type));
    }
    let price = price.or(asked.kind.price());
    let trigger = trigger.or(asked.kind.trigger());
    let quantity = change.quantity.unwrap_or(asked.quantity);
    let filled = order.executed().quantity;
    if quantity <= filled {
        return Err(ModificationRefusal::Filled { quantity, filled });
    }
    Ok(NewOrder {
        quantity,
        kind: OrderKind::from_parts(price_type, price, trigger)?,
        ..asked.clone()
    })
}

/// Whether new terms of an order surely only make it smaller, or keep it further from being filled:
/// fewer units, or a lower price for what is bought with a limit.
pub fn only_reduces(before: &NewOrder, after: &NewOrder) -> bool {
    let is_no_larger = after.quantity <= before.quantity;
    let is_no_dearer = match (before.kind, after.kind) {
        (OrderKind::Limit { price }, OrderKind::Limit { price: new }) => {
            before.side == Side::Buy && new <= price
        }
        _ => false,
    };
    is_no_larger && (before.kind == after.kind || is_no_dearer)
}

/// What an order was modified to at the broker, if its line in the book says so: a modification
/// whose answer was lost, or one that was made by hand.
///
/// Brokers show some orders under another price type once they work at the exchange. Such a line
/// is no modification.
pub fn modified_at_broker(order: &Order, row: &BookOrder) -> Option<(Quantity, OrderKind)> {
    // What is left of an order that was cancelled says nothing about what it was for.
    let is_refused = matches!(row.status, OrderStatus::Cancelled | OrderStatus::Rejected);
    if is_refused || !matches!(order.state, OrderState::Open { .. }) {
        return None;
    }
    let asked = &order.intent.order;
    let filled = row.filled.max(order.executed().quantity);
    let is_possible = !row.quantity.is_zero() && row.quantity >= filled;
    let quantity = if is_possible {
        row.quantity
    } else {
        asked.quantity
    };
    let kind = if shows(asked.kind, row.kind) {
        asked.kind
    } else {
        row.kind
    };
    ((quantity, kind) != (asked.quantity, asked.kind)).then_some((quantity, kind))
}

/// Whether the line of an order in the broker's book has the terms that are on their way.
pub fn change_holds(order: &Order, row: &BookOrder) -> bool {
    let Some(change) = order.change else {
        return false;
    };
    if matches!(row.status, OrderStatus::Cancelled | OrderStatus::Rejected) {
        return false;
    }
    let known = &order.intent.order;
    let may_be_as_before = row.quantity == known.quantity && shows(known.kind, row.kind);
    let is_shown = shows(change.kind, row.kind) && !may_be_as_before;
    row.quantity == change.quantity && (row.kind == change.kind || is_shown)
}

/// Whether a book may show an order of one kind as the other, without anybody modifying it.
pub(super) fn shows(ours: OrderKind, theirs: OrderKind) -> bool {
    match (ours, theirs) {
        // What goes out at the market may be shown with a limit that protects it.
        (OrderKind::Market, _)
        | (OrderKind::StopMarket { .. }, OrderKind::Market | OrderKind::Limit { .. }) => true,
        (OrderKind::StopLimit { price, .. }, OrderKind::Limit { price: shown }) => price == shown,
        (OrderKind::StopMarket { trigger }, OrderKind::StopLimit { trigger: shown, .. }) => {
            trigger == shown
        }
        (ours, theirs) => ours == theirs,
    }
}

#[cfg(test)]
mod tests;
