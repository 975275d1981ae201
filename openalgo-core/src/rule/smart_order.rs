//! Smart orders: from a target position to the order that leads to it.
//!
//! The table is the one that clients of the OpenAlgo API know from `placesmartorder`. Units that
//! orders under way will still add count as if they were there, so that an alert that comes twice
//! does not go for the same target twice. At the target zero they do not: that closes what is held,
//! and an exit that rests far from the price has closed nothing.

use crate::order::Side;
use crate::value::{NetQuantity, Quantity, ValueError};

/// What a smart order asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The net position that there should be.
    pub position: NetQuantity,
    /// Which way a fresh trade goes; matters only when nothing is held and nothing should be.
    pub side: Side,
    /// Units of a fresh trade.
    pub quantity: Quantity,
}

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Net units that are held.
    pub held: NetQuantity,
    /// Net units that orders under way will still add; at the target zero those that could not be
    /// cancelled.
    pub underway: NetQuantity,
}

/// What a smart order comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// This order.
    Order {
        /// Which way.
        side: Side,
        /// How many units.
        quantity: Quantity,
    },
    /// None: nothing is held, and nothing is asked for.
    NothingToExit,
    /// None: what is held, or will be, is the target.
    Matched,
}

impl Step {
    /// What clients are told when there is no order.
    pub fn message(self) -> Option<&'static str> {
        match self {
            Self::Order { .. } => None,
            Self::NothingToExit => Some("No OpenPosition Found. Not placing Exit order."),
            Self::Matched => Some("Positions Already Matched. No Action needed."),
        }
    }
}

/// The step from what there is to a target.
pub fn step(target: Target, standing: Standing) -> Result<Step, ValueError> {
    let expected = if target.position.is_flat() {
        standing.held
    } else {
        standing.held.plus(standing.underway)?
    };
    let missing = target.position.plus(expected.negated())?;
    if !missing.is_flat() {
        return Ok(Step::Order {
            side: if missing.is_long() {
                Side::Buy
            } else {
                Side::Sell
            },
            quantity: missing.size(),
        });
    }
    let (is_exit, is_settled) = (target.position.is_flat(), standing.underway.is_flat());
    Ok(match (is_settled, target.quantity.is_zero()) {
        (true, false) if is_exit => Step::Order {
            side: target.side,
            quantity: target.quantity,
        },
        // Of an entry that is under way nobody is told that there is nothing to exit from.
        (false, true) if !is_exit => Step::Matched,
        (_, true) => Step::NothingToExit,
        (_, false) => Step::Matched,
    })
}

#[cfg(test)]
mod tests;
