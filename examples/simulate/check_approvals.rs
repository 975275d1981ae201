//! Whether orders of keys go out when a person has said so, once, and never otherwise.

use super::World;
use super::approvals::{KeyedCall, Told};
use super::check::stored;
use super::exchange::{Held, Origin};
use super::plan::Account;
use openalgo::core::market::Timestamp;
use openalgo::core::order::{NewOrder, Order, OrderEventKind};
use openalgo::core::port::{OrderRepository, PendingOrderRepository};
use openalgo::core::strategy::{Approval, PendingOrder};

/// Accuses the engine of whatever is wrong in the evening.
pub(super) async fn check(world: &World, held: &[Held]) {
    for account in [Account::Live, Account::Paper] {
        let (ours, rows) = (stored(world, account).await, rows(world, account).await);
        for call in world.keyed.all() {
            if call.wish.account != account {
                continue;
            }
            let name = call.wish.strategy();
            let is_its = |asked: &NewOrder| asked.strategy.as_ref() == Some(&name);
            let rows: Vec<_> = rows.iter().filter(|it| is_its(&it.asked.order)).collect();
            let ours = ours.iter().filter(|it| is_its(&it.intent.order));
            let orders: Vec<&Order> = ours.collect();
            let arrived = held.iter().filter(|it| it.origin != Origin::ByHand);
            let arrived = arrived.filter(|it| is_its(&it.asked)).count();
            if orders.len() > 1 || rows.len() > 1 || arrived > orders.len() {
                world.accuse(format!(
                    "{name}: {rows:?} led to {orders:?}, and {arrived} at the broker"
                ));
            }
            check_client(world, &call, (&rows, &orders));
            match (rows.first(), orders.first()) {
                (Some(row), Some(order)) => check_order(world, row, order).await,
                (None, Some(order)) => {
                    world.accuse(format!("{name} led to {order:?} past the queue"));
                }
                (_, None) => {}
            }
            check_told(
                world,
                &call,
                (rows.first().copied(), orders.first().copied()),
            );
        }
    }
}

/// Every order of an account that waits for a person or did, the oldest first.
pub(super) async fn rows(world: &World, account: Account) -> Vec<PendingOrder> {
    let user = world.user(account);
    let rows = PendingOrderRepository::list(&*world.memory, user, None).await;
    rows.unwrap()
        .into_iter()
        .rev()
        .map(Result::unwrap)
        .collect()
}

/// What the key was told is true.
fn check_client(world: &World, call: &KeyedCall, (rows, orders): (&[&PendingOrder], &[&Order])) {
    let name = call.wish.strategy();
    for id in &call.rows {
        if !rows.iter().any(|row| row.id == *id) {
            world.accuse(format!("{name} was told of {id}, which is gone"));
        }
    }
    let is_there = !rows.is_empty() || !orders.is_empty();
    if call.unanswered == 0 && call.is_refused && is_there {
        world.accuse(format!("{name} was refused, and there is {rows:?}"));
    }
}

/// There is an order because somebody has let it go in time, and it is what was asked for.
async fn check_order(world: &World, row: &PendingOrder, order: &Order) {
    let id = row.id;
    let is_let_go = match row.approval {
        Approval::Approved { at } => {
            at <= order.intent.at && row.asked.expires_at.is_none_or(|end| at < end)
        }
        Approval::Pending
        | Approval::NothingToDo { .. }
        | Approval::Rejected { .. }
        | Approval::Expired => false,
    };
    if !is_let_go {
        world.accuse(format!("{row:?} led to {order:?}"));
    }
    let journal = world.memory.journal(order.id).await.unwrap();
    let Some(OrderEventKind::Planned { intent }) = journal.into_iter().next().map(|it| it.kind)
    else {
        return;
    };
    let expected = NewOrder {
        client_order_id: intent.order.client_order_id.clone(),
        ..row.asked.order.clone()
    };
    let way = (intent.mode, &intent.broker);
    if intent.order != expected || way != (row.asked.mode, &row.asked.broker) {
        world.accuse(format!("pending order {id} led to {intent:?}"));
    }
}

/// The order is of somebody who let it go once more after another was told that there is none.
/// Both may be of one instant of the world's clock: then that somebody was told of the order.
fn is_let_go_later(call: &KeyedCall, told: Timestamp, order: &Order) -> bool {
    let intent = &order.intent;
    let is_of_another = |it: &Told| matches!(it, Told::Placed(id) if *id == intent.id);
    intent.at > told || (intent.at == told && call.told.iter().any(is_of_another))
}

/// What whoever decided was told is true.
fn check_told(
    world: &World,
    call: &KeyedCall,
    (row, order): (Option<&PendingOrder>, Option<&Order>),
) {
    let name = call.wish.strategy();
    for told in &call.told {
        let is_true = match told {
            Told::Placed(intent) => order.is_some_and(|order| order.intent.id == *intent),
            Told::NotPlaced(at) => order.is_none_or(|order| is_let_go_later(call, *at, order)),
            Told::Rejected => {
                let is_rejected =
                    |row: &PendingOrder| matches!(row.approval, Approval::Rejected { .. });
                order.is_none() && row.is_some_and(is_rejected)
            }
        };
        if !is_true {
            world.accuse(format!("{name} was told {told:?}: {row:?}, {order:?}"));
        }
    }
}
