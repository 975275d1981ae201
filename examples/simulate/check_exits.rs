//! Whether an exit has taken a position across zero.
//!
//! What is held can change on the exit's way to the exchange by an order that somebody places
//! meanwhile; that is not the exit's doing. Where nothing but exits was filled since it was
//! decided, it must have made the position smaller. One that comes after the time of grace has
//! counted as lost meanwhile, so that another could take its place; it is nobody's doing, either.

use super::World;
use super::exchange::{Filled, Held, Origin};
use super::plan::{EXIT, Slot};
use openalgo::core::id::IntentId;
use openalgo::core::market::Timestamp;
use openalgo::core::order::{Order, Side};
use openalgo::core::rule::reconcile::GRACE;
use std::collections::BTreeMap;

/// Accuses the engine of every exit that went too far.
pub(super) fn check(world: &World, ours: &[Order], held: &[Held]) {
    let decided: BTreeMap<IntentId, Timestamp> = ours
        .iter()
        .map(|order| (order.intent.id, order.intent.at))
        .collect();
    let mut slots: BTreeMap<Slot, Vec<(Filled, &Held)>> = BTreeMap::new();
    for held in held {
        let slot = (held.row.instrument.clone(), held.row.product);
        let fills = held.fills.iter().map(|fill| (*fill, held));
        slots.entry(slot).or_default().extend(fills);
    }
    for (slot, mut fills) in slots {
        fills.sort_by_key(|(fill, _)| fill.at);
        check_slot(world, &decided, (&slot, &fills));
    }
}

fn check_slot(
    world: &World,
    decided: &BTreeMap<IntentId, Timestamp>,
    (slot, fills): (&Slot, &[(Filled, &Held)]),
) {
    let mut position = 0;
    let mut last_other = None;
    for (fill, held) in fills {
        let units = fill.quantity.get();
        let after = position
            + if held.row.side == Side::Buy {
                units
            } else {
                -units
            };
        let decided_at = exit(held).and_then(|intent| decided.get(&intent));
        match decided_at.filter(|at| fill.at <= at.plus(GRACE)) {
            Some(at) if last_other.is_none_or(|other| other < *at) => {
                let is_smaller =
                    after.signum() * position.signum() >= 0 && after.abs() < position.abs();
                if !is_smaller {
                    let id = &held.row.broker_order_id;
                    world.accuse(format!(
                        "the exit {id} takes {slot:?} from {position} to {after}"
                    ));
                }
            }
            Some(_) => {}
            None => last_other = Some(fill.at),
        }
        position = after;
    }
}

fn exit(held: &Held) -> Option<IntentId> {
    let strategy = held.asked.strategy.as_deref()?;
    match held.origin {
        Origin::Ours(intent) if strategy.starts_with(EXIT) => Some(intent),
        Origin::Ours(_) | Origin::ByHand => None,
    }
}
