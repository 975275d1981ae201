//! How shares become holdings, and how they leave them to be sold (`docs/paper-exchange.md`).

use openalgo_core::market::Timestamp;
use openalgo_core::paper::{Movement, MovementKind};
use openalgo_core::portfolio::{Holding, HoldingKey, Position};
use openalgo_core::value::{Money, NetQuantity, Quantity, ValueError};

/// A position and a holding after shares moved between them.
#[derive(Debug, Clone)]
pub(super) struct Moved {
    pub(super) position: Position,
    pub(super) holding: Holding,
    pub(super) movement: Movement,
}

/// Moves all units of a long position into the holding of the same share, at what they cost. What
/// was reserved for them is paid.
pub(super) fn deliver(
    position: &Position,
    known: Option<&Holding>,
    at: Timestamp,
) -> Result<Moved, ValueError> {
    let units = position.quantity.size();
    let mut holding = match known {
        Some(holding) => holding.clone(),
        None => empty(position),
    };
    holding.quantity = holding.quantity.plus(units)?;
    holding.cost = holding.cost.plus(position.cost)?;
    holding.paid = holding.paid.plus(position.margin)?;
    holding.ltp = position.ltp;
    holding.updated_at = at;
    let movement = movement(
        position,
        MovementKind::Delivered,
        (position.quantity.negated(), position.cost, at),
    );
    let position = Position {
        quantity: NetQuantity::FLAT,
        cost: Money::ZERO,
        margin: Money::ZERO,
        updated_at: at,
        ..position.clone()
    };
    Ok(Moved {
        position,
        holding,
        movement,
    })
}

/// Moves units of a holding back into the position that sells them, with their share of what they
/// cost and of what was paid for them.
pub(super) fn withdraw(
    holding: &Holding,
    position: &Position,
    (units, at): (Quantity, Timestamp),
) -> Result<Moved, ValueError> {
    let cost = holding.cost.prorated(units, holding.quantity)?;
    let paid = holding.paid.prorated(units, holding.quantity)?;
    let mut left = holding.clone();
    left.quantity = holding.quantity.minus(units)?;
    left.cost = holding.cost.minus(cost)?;
    left.paid = holding.paid.minus(paid)?;
    left.updated_at = at;
    let more = NetQuantity::from(units);
    let movement = movement(
        position,
        MovementKind::Withdrawn,
        (more, cost.negated(), at),
    );
    let position = Position {
        quantity: position.quantity.plus(more)?,
        cost: position.cost.plus(cost)?,
        margin: position.margin.plus(paid)?,
        updated_at: at,
        ..position.clone()
    };
    Ok(Moved {
        position,
        holding: left,
        movement,
    })
}

fn empty(position: &Position) -> Holding {
    Holding {
        key: HoldingKey {
            user: position.key.user,
            broker: position.key.broker.clone(),
            instrument: position.key.instrument.clone(),
        },
        token: position.token.clone(),
        isin: None,
        quantity: Quantity::ZERO,
        t1_quantity: Quantity::ZERO,
        cost: Money::ZERO,
        paid: Money::ZERO,
        ltp: position.ltp,
        updated_at: position.updated_at,
    }
}

fn movement(
    position: &Position,
    kind: MovementKind,
    (units, cash, at): (NetQuantity, Money, Timestamp),
) -> Movement {
    Movement {
        instrument: position.key.instrument.clone(),
        product: position.key.product,
        kind,
        units,
        cash,
        at,
    }
}
