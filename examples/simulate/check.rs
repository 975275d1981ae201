//! Whether every order was decided once: the broker's own book says, and the world knows whose
//! each of its orders is.

use super::World;
use super::clients::{Answer, Call};
use super::exchange::{Held, Origin};
use super::plan::Account;
use super::{check_approvals, check_exits, check_gtts, check_paper, legs, limits};
use openalgo::core::id::IntentId;
use openalgo::core::market::InstrumentKey;
use openalgo::core::order::{Order, OrderState, OrderStatus, Outcome, Side};
use openalgo::core::port::{OrderQuery, OrderRepository};
use openalgo::engine::Engine;
use std::collections::{BTreeMap, BTreeSet};

/// Accuses the engine of whatever is wrong in the evening.
pub(crate) async fn check(world: &World, engine: &Engine) {
    let ours = stored(world, Account::Live).await;
    let held = world.broker.exchange().orders.clone();
    check_none_twice(world, &held);
    check_none_lost(world, &ours, &held);
    check_each_decided(world, &ours, &held);
    check_positions(world, &ours, &held);
    check_exits::check(world, &ours, &held);
    check_answers(world, &ours, &held);
    check_gtts::check(world, &held).await;
    check_approvals::check(world, &held).await;
    legs::check(world).await;
    limits::check(world, &held).await;
    check_paper::check(world, engine).await;
}

pub(super) async fn stored(world: &World, account: Account) -> Vec<Order> {
    let mut orders = OrderRepository::list(&world.store, &query(world, account))
        .await
        .unwrap();
    orders.reverse();
    orders
}

pub(super) fn query(world: &World, account: Account) -> OrderQuery {
    OrderQuery {
        user: world.user(account),
        broker: None,
        day: None,
        limit: u32::MAX,
    }
}

fn intents(held: &[Held]) -> impl Iterator<Item = IntentId> {
    held.iter().filter_map(|held| match held.origin {
        Origin::Ours(intent) => Some(intent),
        Origin::ByHand => None,
    })
}

fn check_none_twice(world: &World, held: &[Held]) {
    let mut sent = BTreeSet::new();
    for intent in world.broker.submitted() {
        if !sent.insert(intent) {
            world.accuse(format!("intent {intent} was sent twice"));
        }
    }
    let mut ids = BTreeSet::new();
    for held in held.iter().filter(|held| held.origin != Origin::ByHand) {
        if let Some(id) = &held.asked.client_order_id
            && !ids.insert(id)
            && held.row.status != OrderStatus::Rejected
        {
            world.accuse(format!(
                "the broker has two orders for the client order id {id}"
            ));
        }
    }
}

/// Every order of ours at the broker is in our journal, as it is there.
fn check_none_lost(world: &World, ours: &[Order], held: &[Held]) {
    let known: BTreeMap<IntentId, &Order> = ours.iter().map(|it| (it.intent.id, it)).collect();
    for held in held {
        let Origin::Ours(intent) = held.origin else {
            continue;
        };
        let id = &held.row.broker_order_id;
        let Some(order) = known.get(&intent) else {
            world.accuse(format!(
                "the broker has {id}, of which the journal knows nothing"
            ));
            continue;
        };
        // Refused is refused, whether the journal knows the id or not.
        let is_refused = held.row.status == OrderStatus::Rejected && held.fills.is_empty();
        if is_refused && order.status() == OrderStatus::Rejected {
            continue;
        }
        if order.state.broker_order_id() != Some(id) {
            let state = &order.state;
            world.accuse(format!(
                "the broker has {id} for {intent}, and the journal: {state:?}"
            ));
        }
    }
}

/// Every intent ended in one state, which is that of its order at the broker.
fn check_each_decided(world: &World, ours: &[Order], held: &[Held]) {
    for order in ours {
        let intent = order.intent.id;
        let Some(id) = order.state.broker_order_id() else {
            let is_rejected = matches!(
                order.state,
                OrderState::Closed {
                    outcome: Outcome::Rejected { .. },
                    ..
                }
            );
            if !is_rejected {
                world.accuse(format!("{intent} is left undecided: {:?}", order.state));
            }
            continue;
        };
        let Some(there) = held.iter().find(|held| held.row.broker_order_id == *id) else {
            world.accuse(format!(
                "{intent} has the id {id}, which the broker does not know"
            ));
            continue;
        };
        let is_it = there.origin == Origin::Ours(intent);
        let may_stand_for_it = there.origin == Origin::ByHand && !world.broker.carries_tags;
        if !is_it && !may_stand_for_it {
            world.accuse(format!(
                "{intent} was taken for {id}, which is {:?}",
                there.origin
            ));
        }
        let row = &there.row;
        let terms = (order.intent.order.quantity, order.intent.order.kind);
        // Once an order is cancelled, nothing tells any more that it was modified just before.
        let is_told = row.status != OrderStatus::Cancelled;
        if is_told && terms != (row.quantity, row.kind) {
            world.accuse(format!("{intent} is for {terms:?}, and {id} is not"));
        }
        let stands = (
            order.status(),
            order.executed().quantity,
            order.average_price().unwrap(),
        );
        if stands != (row.status, row.filled, row.average) {
            world.accuse(format!(
                "{intent} stands at {stands:?}, and {id} at {:?}",
                (row.status, row.filled, row.average)
            ));
        }
    }
}

/// What we hold is what the broker has filled.
fn check_positions(world: &World, ours: &[Order], held: &[Held]) {
    let mut sums: BTreeMap<&InstrumentKey, (i64, i64)> = BTreeMap::new();
    let signed = |side: Side, units: i64| if side == Side::Buy { units } else { -units };
    for order in ours {
        let asked = &order.intent.order;
        let units = order.executed().quantity.get();
        sums.entry(&asked.instrument).or_default().0 += signed(asked.side, units);
    }
    let taken: BTreeSet<_> = ours
        .iter()
        .filter_map(|it| it.state.broker_order_id())
        .collect();
    for held in held {
        if held.origin == Origin::ByHand && !taken.contains(&held.row.broker_order_id) {
            continue;
        }
        let units: i64 = held.fills.iter().map(|fill| fill.quantity.get()).sum();
        sums.entry(&held.asked.instrument).or_default().1 += signed(held.asked.side, units);
    }
    for (instrument, (known, filled)) in sums {
        if known != filled {
            world.accuse(format!(
                "{known} of {instrument} are known, {filled} were filled"
            ));
        }
    }
}

/// What clients were told is true.
fn check_answers(world: &World, ours: &[Order], held: &[Held]) {
    let at_broker: BTreeSet<IntentId> = intents(held).collect();
    for call in world.calls.all() {
        let name = call.wish.order.strategy.clone();
        let of_call = |order: &&Order| order.intent.order.strategy == name;
        let placed: Vec<&Order> = ours.iter().filter(of_call).collect();
        let allowed = if call.wish.order.client_order_id.is_some() {
            1
        } else {
            call.requests()
        };
        if placed.len() > allowed {
            world.accuse(format!("{name:?} led to {} orders", placed.len()));
        }
        if call.is_refused() && placed.iter().any(|it| at_broker.contains(&it.intent.id)) {
            world.accuse(format!(
                "{name:?} was told that there is no order, and there is"
            ));
        }
        if call.wish.account == Account::Live && call.first_answers() > 1 {
            world.accuse(format!("{name:?} was told twice that its order is new"));
        }
        for (intent, status) in call.told() {
            if call.wish.account == Account::Live && !ours.iter().any(|it| it.intent.id == intent) {
                world.accuse(format!("{name:?} was told of {intent}, which is gone"));
            }
            if status == OrderStatus::Complete && !at_broker.contains(&intent) {
                check_told_complete(world, &call, ours, intent);
            }
        }
    }
}

fn check_told_complete(world: &World, call: &Call, ours: &[Order], intent: IntentId) {
    let stands_for_it = || {
        let mut ours = ours.iter();
        ours.any(|it| it.intent.id == intent && it.status() == OrderStatus::Complete)
    };
    if call.wish.account == Account::Live && !stands_for_it() {
        world.accuse(format!("{intent} was told to be complete and is not"));
    }
}

impl Call {
    fn requests(&self) -> usize {
        self.answers.len() + usize::try_from(self.unanswered).unwrap_or_default()
    }

    /// Whether everything that the client heard says that there is no order.
    fn is_refused(&self) -> bool {
        let is_refusal = |answer: &Answer| matches!(answer, Answer::Refused(_));
        self.unanswered == 0 && self.answers.iter().all(is_refusal)
    }

    fn told(&self) -> impl Iterator<Item = (IntentId, OrderStatus)> {
        self.answers.iter().filter_map(|answer| match answer {
            Answer::Placed { intent, status, .. } => Some((*intent, *status)),
            Answer::Refused(_) | Answer::Maybe(_) => None,
        })
    }

    fn first_answers(&self) -> usize {
        let is_first = |answer: &&Answer| {
            matches!(
                answer,
                Answer::Placed {
                    is_replay: false,
                    ..
                }
            )
        };
        self.answers.iter().filter(is_first).count()
    }
}
