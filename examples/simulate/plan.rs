//! What will be asked for on a day, drawn before it begins.

use super::clock::chrono;
use super::dice::Dice;
use super::faults::{Fault, Faults};
use super::market::{SYMBOLS, key, ticks};
use super::plan_waits::{self, GttChange, GttWish, KeyedWish, Verdict};
use openalgo::core::account::LimitChange;
use openalgo::core::id::ClientOrderId;
use openalgo::core::market::{InstrumentKey, Timestamp};
use openalgo::core::order::{NewOrder, OrderKind, Product, Side};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::{NetQuantity, Quantity};
use openalgo::engine::service::{ExitOrigin, SmartOrder};
use std::num::NonZeroU32;
use std::time::Duration;

/// Operations on the orders of a day.
const OPERATIONS: u32 = 304;

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

/// Several orders that a client wants.
#[derive(Debug, Clone)]
pub(crate) struct LegsWish {
    /// Number of the operation; its orders carry it.
    pub(crate) number: u32,
    pub(crate) account: Account,
    pub(crate) legs: Legs,
    pub(crate) id: Option<ClientOrderId>,
}

/// A basket, or an order in parts of so many units.
#[derive(Debug, Clone)]
pub(crate) enum Legs {
    Basket(Vec<NewOrder>),
    Split(Box<NewOrder>, Quantity),
}

impl LegsWish {
    /// What the strategy of the orders is called.
    pub(crate) fn strategy(&self) -> String {
        strategy_of_legs(self.number)
    }

    /// How many units are asked for.
    pub(crate) fn units(&self) -> i64 {
        match &self.legs {
            Legs::Basket(legs) => legs.iter().map(|leg| leg.quantity.get()).sum(),
            Legs::Split(order, _) => order.quantity.get(),
        }
    }
}

fn strategy_of_legs(number: u32) -> String {
    format!("legs-{number}")
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
    /// Several orders are asked for at once.
    Legs(Box<LegsWish>),
    /// A limit of risk is set, or taken away.
    Limit(Account, LimitChange),
    /// An order is to wait for a price.
    Gtt(Box<GttWish>),
    /// That of an earlier operation is modified or cancelled.
    ChangeGtt(u32, GttChange),
    /// A semi-automatic key asks for an order.
    Keyed(Box<KeyedWish>),
    /// Somebody decides on the order that a key asked for in an earlier operation.
    Decide(u32, Verdict),
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
        let operation = draw(&mut dice, (number, at));
        if let Operation::Place(wish) = &operation
            && wish.account == Account::Live
            && faults.strikes(Fault::LookAlike)
        {
            let operation = Operation::ByHand(Box::new(look_alike(&wish.order)));
            let beside = chrono::Duration::seconds(dice.between(-15, 15));
            let at = at.plus(beside);
            plan.push(Planned { at, operation });
        }
        let planned = Planned { at, operation };
        plan.extend(plan_waits::afterwards(&mut dice, &planned));
        plan.push(planned);
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

fn draw(dice: &mut Dice, (number, at): (u32, Timestamp)) -> Operation {
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
    if dice.chance(60) {
        return Operation::Legs(Box::new(legs(dice, account, number)));
    }
    if dice.chance(90) {
        let wish = plan_waits::gtt(dice, account, (number, at));
        return Operation::Gtt(Box::new(wish));
    }
    if dice.chance(90) {
        let wish = plan_waits::keyed(dice, account, number);
        return Operation::Keyed(Box::new(wish));
    }
    if dice.chance(25) {
        return Operation::Limit(account, limit(dice));
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

/// A basket, or a large order in parts.
fn legs(dice: &mut Dice, account: Account, number: u32) -> LegsWish {
    let product = *dice.pick(&[Product::Mis, Product::Cnc]);
    let mut leg = |units: &[i64]| NewOrder {
        product,
        kind: draw_kind(dice),
        strategy: Some(strategy_of_legs(number)),
        ..NewOrder::market(
            key(dice.pick::<&str>(&SYMBOLS)),
            *dice.pick(&[Side::Buy, Side::Sell]),
            Quantity::try_new(*dice.pick(units)).unwrap(),
        )
    };
    let legs = [(); 4].map(|()| leg(&[1, 5, 10, 25]));
    let large = leg(&[40, 55, 90]);
    let legs = if dice.chance(600) {
        let size = usize::try_from(dice.between(2, 4)).unwrap_or(2);
        Legs::Basket(legs.into_iter().take(size).collect())
    } else {
        Legs::Split(Box::new(large), Quantity::try_new(20).unwrap())
    };
    let has_id = dice.chance(650);
    LegsWish {
        number,
        account,
        legs,
        id: has_id.then(|| strategy_of_legs(number).parse().unwrap()),
    }
}

/// The most units of an order, or the most orders in a second.
fn limit(dice: &mut Dice) -> LimitChange {
    if dice.chance(700) {
        let most = *dice.pick(&[None, None, Some(10), Some(30)]);
        LimitChange::OrderQuantity(most.map(|units| Quantity::try_new(units).unwrap()))
    } else {
        let most = *dice.pick(&[None, Some(2), Some(5)]);
        LimitChange::OrdersPerSecond(most.and_then(NonZeroU32::new))
    }
}

pub(super) fn draw_kind(dice: &mut Dice) -> OrderKind {
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
