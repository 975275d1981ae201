//! What will be asked for on a day, drawn before it begins.

use super::clock::chrono;
use super::dice::Dice;
use super::faults::{Fault, Faults};
use super::market::{SYMBOLS, key, ticks};
use openalgo::core::market::{InstrumentKey, Timestamp};
use openalgo::core::order::{NewOrder, OrderKind, Product, Side};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::{NetQuantity, Quantity};
use openalgo::engine::service::{ExitOrigin, SmartOrder};
use std::time::Duration;

/// Operations on the orders of a day.
const OPERATIONS: u32 = 320;

/// What the strategy of an exit is called, with the number of its operation.
pub(crate) const EXIT: &str = "exit-";

/// What can be held: an instrument under a product.
pub(crate) type Slot = (InstrumentKey, Product);

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
    /// The order of an earlier operation gets another quantity and limit.
    Modify(u32, Modification),
    /// Whatever is held of an instrument is brought to a net position.
    Smart(Account, Box<SmartOrder>),
    /// Whatever is held of an instrument is closed.
    Close(Account, Slot, ExitOrigin),
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
    if number > 0 && dice.chance(200) {
        let back = dice.between(1, 12).min(number.into());
        let back = u32::try_from(back).unwrap_or(1);
        return change(dice, number - back);
    }
    let account = if dice.chance(250) {
        Account::Paper
    } else {
        Account::Live
    };
    if dice.chance(120) {
        return bring(dice, account, number);
    }
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

/// Changes the order of an earlier operation.
fn change(dice: &mut Dice, earlier: u32) -> Operation {
    if dice.chance(700) {
        return Operation::Cancel(earlier);
    }
    let quantity = Quantity::try_new(*dice.pick(&[1, 5, 10, 25, 100])).unwrap();
    let price = ticks(dice.between(29_500, 30_500));
    let change = Modification {
        quantity: Some(quantity),
        price: Some(price),
        ..Modification::default()
    };
    Operation::Modify(earlier, change)
}

/// Brings what is held to a net position, or to none.
fn bring(dice: &mut Dice, account: Account, number: u32) -> Operation {
    let instrument = key(dice.pick::<&str>(&SYMBOLS));
    let product = *dice.pick(&[Product::Mis, Product::Cnc]);
    if dice.chance(500) {
        let origin = ExitOrigin {
            strategy: Some(format!("{EXIT}{number}")),
            ..ExitOrigin::api()
        };
        return Operation::Close(account, (instrument, product), origin);
    }
    let order = NewOrder {
        product,
        strategy: Some(format!("smart-{number}")),
        ..NewOrder::market(instrument, Side::Buy, Quantity::ONE)
    };
    let position = NetQuantity::try_new(*dice.pick(&[-50, -5, 0, 5, 50])).unwrap();
    Operation::Smart(account, Box::new(SmartOrder { order, position }))
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
