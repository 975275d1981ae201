//! What is asked for that waits: orders for a price, and orders of keys for a person.

use super::clock::chrono;
use super::dice::Dice;
use super::market::{SYMBOLS, key, ticks};
use super::plan::{Account, Operation, Planned, draw_kind};
use openalgo::core::market::Timestamp;
use openalgo::core::order::{
    GttLeg, GttLegs, GttProduct, NewGtt, NewOrder, Product, Side, TriggerSide,
};
use openalgo::core::value::Quantity;

/// An order that a client wants when there is a price.
#[derive(Debug, Clone)]
pub(crate) struct GttWish {
    /// Number of the operation; its orders carry it.
    pub(crate) number: u32,
    pub(crate) account: Account,
    pub(crate) asked: NewGtt,
    /// Whether it is asked for twice at once.
    pub(crate) is_twin: bool,
}

/// What becomes of one that waits for a price.
#[derive(Debug, Clone)]
pub(crate) enum GttChange {
    /// It gets other terms.
    Modify(Box<NewGtt>),
    Cancel,
}

/// An order that a semi-automatic key asks for.
#[derive(Debug, Clone)]
pub(crate) struct KeyedWish {
    /// Number of the operation; its order carries it.
    pub(crate) number: u32,
    pub(crate) account: Account,
    pub(crate) order: NewOrder,
}

/// What a person says to an order of a key, or two persons at once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict {
    Approve,
    ApproveTwice,
    Reject,
    ApproveAndReject,
}

impl GttWish {
    /// What the strategy of its orders is called.
    pub(crate) fn strategy(&self) -> String {
        format!("gtt-{}", self.number)
    }
}

impl KeyedWish {
    /// What the strategy of its order is called.
    pub(crate) fn strategy(&self) -> String {
        format!("keyed-{}", self.number)
    }
}

/// An order that is to wait for a price.
pub(super) fn gtt(dice: &mut Dice, account: Account, (number, at): (u32, Timestamp)) -> GttWish {
    let has_id = dice.chance(650);
    let lapses = dice.chance(300).then(|| dice.between(5, 120));
    let is_oco = dice.chance(600);
    let name = format!("gtt-{number}");
    let asked = NewGtt {
        instrument: key(dice.pick::<&str>(&SYMBOLS)),
        side: *dice.pick(&[Side::Buy, Side::Sell]),
        quantity: units(dice),
        product: GttProduct::Cnc,
        legs: legs(dice, is_oco),
        strategy: Some(name.clone()),
        expires_at: lapses.map(|minutes| at.plus(chrono::Duration::minutes(minutes))),
        trigger_id: has_id.then(|| name.parse().unwrap()),
    };
    GttWish {
        number,
        account,
        asked,
        is_twin: has_id && dice.chance(200),
    }
}

/// An order that waits for a person.
pub(super) fn keyed(dice: &mut Dice, account: Account, number: u32) -> KeyedWish {
    let name = format!("keyed-{number}");
    let has_id = dice.chance(650);
    let order = NewOrder {
        product: *dice.pick(&[Product::Mis, Product::Cnc]),
        kind: draw_kind(dice),
        client_order_id: has_id.then(|| name.parse().unwrap()),
        strategy: Some(name),
        ..NewOrder::market(
            key(dice.pick::<&str>(&SYMBOLS)),
            *dice.pick(&[Side::Buy, Side::Sell]),
            units(dice),
        )
    };
    KeyedWish {
        number,
        account,
        order,
    }
}

/// What is asked for later because of an operation.
pub(super) fn afterwards(dice: &mut Dice, planned: &Planned) -> Vec<Planned> {
    let mut later = Vec::new();
    let mut plan = |dice: &mut Dice, most: u64, operation| {
        let at = planned.at.plus(chrono(dice.millis(500, most)));
        later.push(Planned { at, operation });
    };
    match &planned.operation {
        Operation::Gtt(wish) => {
            let number = wish.number;
            if dice.chance(300) {
                let is_oco = wish.asked.legs.as_slice().len() > 1;
                let asked = NewGtt {
                    quantity: units(dice),
                    legs: legs(dice, is_oco),
                    ..wish.asked.clone()
                };
                let change = GttChange::Modify(Box::new(asked));
                plan(dice, 1_200_000, Operation::ChangeGtt(number, change));
            }
            if dice.chance(300) {
                let cancel = Operation::ChangeGtt(number, GttChange::Cancel);
                plan(dice, 1_800_000, cancel);
            }
        }
        Operation::Keyed(wish) => {
            for per_mille in [850, 400] {
                if dice.chance(per_mille) {
                    let verdict = draw_verdict(dice);
                    let most = *dice.pick(&[4_000, 60_000, 1_800_000]);
                    plan(dice, most, Operation::Decide(wish.number, verdict));
                }
            }
        }
        _ => {}
    }
    later
}

fn draw_verdict(dice: &mut Dice) -> Verdict {
    *dice.pick(&[
        Verdict::Approve,
        Verdict::Approve,
        Verdict::ApproveTwice,
        Verdict::Reject,
        Verdict::ApproveAndReject,
    ])
}

fn units(dice: &mut Dice) -> Quantity {
    Quantity::try_new(*dice.pick(&[1, 5, 10, 25])).unwrap()
}

/// Prices that are met now and then.
fn legs(dice: &mut Dice, is_oco: bool) -> GttLegs {
    let mut leg = |side, low, high| {
        let trigger = ticks(dice.between(low, high));
        let has_limit = dice.chance(500);
        let limit = has_limit.then(|| ticks(dice.between(29_500, 30_500)));
        GttLeg::new(side, trigger, limit)
    };
    let below = leg(TriggerSide::Below, 29_590, 29_740);
    let above = leg(TriggerSide::Above, 30_260, 30_410);
    let legs = match (is_oco, below.limit.is_some()) {
        (true, _) => vec![below, above],
        (false, true) => vec![below],
        (false, false) => vec![above],
    };
    GttLegs::try_new(legs).unwrap()
}
