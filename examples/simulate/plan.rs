//! What will be asked for on a day, drawn before it begins.

use super::clock::chrono;
use super::dice::Dice;
use super::faults::{Fault, Faults};
use super::market::{SYMBOLS, key, ticks};
use openalgo::core::market::Timestamp;
use openalgo::core::order::{NewOrder, OrderKind, Product, Side};
use openalgo::core::value::Quantity;
use std::time::Duration;

/// Operations on the orders of a day.
const OPERATIONS: u32 = 320;

/// Whose account an order belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    Live,
    Paper,
}

/// An order that a client wants.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// Number of the operation; its order carries it.
    pub(crate) number: u32,
    pub(crate) account: Account,
    pub(crate) order: NewOrder,
    /// Whether it is asked for twice at once.
    pub(crate) is_twin: bool,
}

/// Something that is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Place(Box<Wish>),
    /// The order of an earlier operation is cancelled.
    Cancel(u32),
    /// Somebody places an order at the broker's own website.
    ByHand(Box<NewOrder>),
}

/// An operation and its time.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) at: Timestamp,
    pub(crate) operation: Operation,
}

/// What is asked for on a day that begins at `opening`.
pub(crate) fn day(mut dice: Dice, opening: Timestamp, faults: &Faults) -> Vec<Planned> {
    let mut plan = Vec::new();
    let mut at = opening;
    for number in 0..OPERATIONS {
        at = at.plus(chrono(pause(&mut dice)));
        let operation = draw(&mut dice, number);
        if let Operation::Place(wish) = &operation
            && wish.account == Account::Live
            && faults.strikes(Fault::LookAlike)
        {
            let operation = Operation::ByHand(Box::new(look_alike(&wish.order)));
            let beside = chrono::Duration::seconds(dice.between(-15, 15));
            let at = at.plus(beside);
            plan.push(Planned { at, operation });
        }
        plan.push(Planned { at, operation });
    }
    plan.sort_by_key(|planned| planned.at);
    plan
}

/// Alerts come in bursts, people now and then.
fn pause(dice: &mut Dice) -> Duration {
    if dice.chance(350) {
        dice.millis(0, 60)
    } else {
        dice.millis(1_000, 110_000)
    }
}

fn draw(dice: &mut Dice, number: u32) -> Operation {
    if number > 0 && dice.chance(150) {
        let back = dice.between(1, 12).min(number.into());
        let back = u32::try_from(back).unwrap_or(1);
        return Operation::Cancel(number - back);
    }
    let account = if dice.chance(250) {
        Account::Paper
    } else {
        Account::Live
    };
    let has_id = dice.chance(650);
    let order = NewOrder {
        product: *dice.pick(&[Product::Mis, Product::Cnc]),
        kind: draw_kind(dice),
        strategy: Some(format!("op-{number}")),
        client_order_id: has_id.then(|| format!("id-{number}").parse().unwrap()),
        ..NewOrder::market(
            key(dice.pick::<&str>(&SYMBOLS)),
            *dice.pick(&[Side::Buy, Side::Sell]),
            Quantity::try_new(*dice.pick(&[1, 5, 10, 25, 100])).unwrap(),
        )
    };
    Operation::Place(Box::new(Wish {
        number,
        account,
        order,
        is_twin: has_id && dice.chance(200),
    }))
}

fn draw_kind(dice: &mut Dice) -> OrderKind {
    if dice.chance(600) {
        OrderKind::Market
    } else {
        let price = ticks(dice.between(29_500, 30_500));
        OrderKind::Limit { price }
    }
}

fn look_alike(order: &NewOrder) -> NewOrder {
    NewOrder {
        strategy: None,
        client_order_id: None,
        ..order.clone()
    }
}
