//! The suite of how [`OrderRepository`](crate::port::OrderRepository) takes over what a broker's
//! order book says.

use super::Repositories;
use super::given::user;
use crate::id::UserId;
use crate::order::{Order, OrderStatus};
use crate::port::{StatusReport, StoreError};
use crate::testing::sample::{
    accepted, all_of, at, broker_id, day, event, filled, intent, paper, price, units, zerodha,
};

/// Runs the suite of reported orders; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! order_report_contract {
    ($run:path) => {
        $crate::contract_cases! { order_reports on $run:
            a_report_is_an_event_of_the_order,
            a_report_reaches_the_latest_order_of_its_account,
            a_report_on_nothing_is_refused,
            a_report_that_says_nothing_new_is_no_event,
            a_repeated_average_keeps_the_exact_value,
            a_report_that_contradicts_the_journal_changes_nothing,
        }
    };
}

fn report(user: UserId, status: OrderStatus, filled: i64) -> StatusReport {
    StatusReport {
        user,
        broker: zerodha(),
        broker_order_id: broker_id("Z1"),
        status,
        filled: units(filled),
        average: if filled == 0 {
            price("0")
        } else {
            price("1500.1")
        },
        at: at(60),
    }
}

/// An order `Z1` that works at the broker since a day of November.
async fn open_order(store: &Repositories, user: UserId, number: u32) -> Order {
    let mut intent = intent(user, zerodha());
    intent.trading_day = day(number);
    let order = store.orders.insert(&intent).await.unwrap();
    let accepted = event(1, accepted("Z1"));
    store.orders.append(order.id, &accepted).await.unwrap()
}

async fn entries(store: &Repositories, order: &Order) -> usize {
    store.orders.journal(order.id).await.unwrap().len()
}

/// What is new is journaled, so that the order stays the fold of its journal.
pub async fn a_report_is_an_event_of_the_order(store: &Repositories) {
    let owner = user(store, "owner").await;
    open_order(store, owner, 25).await;
    let half = report(owner, OrderStatus::Open, 50);
    let order = store.orders.update_status(&half).await.unwrap();
    assert_eq!(order.status(), OrderStatus::Open);
    assert_eq!(order.executed().quantity, units(50));
    assert_eq!(order.updated_at, at(60));
    let found = store.orders.find(owner, "Z1").await.unwrap();
    assert_eq!(found.as_ref(), Some(&order));
    let journal = store.orders.journal(order.id).await.unwrap();
    assert_eq!(Order::fold(order.id, &journal), Ok(order));
}

/// Broker ids return from day to day: the report is about the order of the latest day, and never
/// about another user's.
pub async fn a_report_reaches_the_latest_order_of_its_account(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let theirs = open_order(store, other, 26).await;
    let todays = open_order(store, owner, 25).await;
    let yesterdays = open_order(store, owner, 24).await;
    let complete = report(owner, OrderStatus::Complete, 100);
    let updated = store.orders.update_status(&complete).await.unwrap();
    assert_eq!(updated.id, todays.id);
    assert_eq!(updated.status(), OrderStatus::Complete);
    let listed = store.orders.list(&all_of(owner)).await.unwrap();
    assert_eq!(listed, [yesterdays, updated]);
    let listed = store.orders.list(&all_of(other)).await.unwrap();
    assert_eq!(listed, [theirs]);
}

/// A report on an order that the account does not have is an error.
pub async fn a_report_on_nothing_is_refused(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    open_order(store, owner, 25).await;
    let open = report(owner, OrderStatus::Open, 0);
    let elsewhere = StatusReport {
        broker: paper(),
        ..open.clone()
    };
    let theirs = StatusReport {
        user: other,
        ..open.clone()
    };
    let unknown = StatusReport {
        broker_order_id: broker_id("Z2"),
        ..open
    };
    for report in [elsewhere, theirs, unknown] {
        let refused = store.orders.update_status(&report).await;
        assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    }
}

/// Order books are polled: what is known already is answered and leaves no entry, whether the
/// order works or is over.
pub async fn a_report_that_says_nothing_new_is_no_event(store: &Repositories) {
    let owner = user(store, "owner").await;
    let order = open_order(store, owner, 25).await;
    let open = report(owner, OrderStatus::Open, 0);
    let known = store.orders.update_status(&open).await.unwrap();
    assert_eq!(known, order);
    assert_eq!(entries(store, &order).await, 3);
    let done = report(owner, OrderStatus::Cancelled, 50);
    let cancelled = store.orders.update_status(&done).await.unwrap();
    assert_eq!(entries(store, &order).await, 4);
    let later = StatusReport { at: at(99), ..done };
    let again = store.orders.update_status(&later).await.unwrap();
    assert_eq!(again, cancelled);
    assert_eq!(entries(store, &order).await, 4);
}

/// An average was rounded from the value of the fills: it does not replace that value.
pub async fn a_repeated_average_keeps_the_exact_value(store: &Repositories) {
    let owner = user(store, "owner").await;
    let order = open_order(store, owner, 25).await;
    for (quantity, at) in [(1, "1500"), (2, "1500.05")] {
        let fill = event(2, filled(quantity, at));
        store.orders.append(order.id, &fill).await.unwrap();
    }
    let known = StatusReport {
        average: price("1500.0333"),
        ..report(owner, OrderStatus::Open, 3)
    };
    let order = store.orders.update_status(&known).await.unwrap();
    assert_eq!(order.executed().value.to_string(), "4500.10");
    let cancelled = StatusReport {
        status: OrderStatus::Cancelled,
        ..known
    };
    let order = store.orders.update_status(&cancelled).await.unwrap();
    assert_eq!(order.status(), OrderStatus::Cancelled);
    assert_eq!(order.executed().value.to_string(), "4500.10");
}

/// A stale or wrong report is refused: less filled than is known, more than was ordered, complete
/// with a part missing, or open again.
pub async fn a_report_that_contradicts_the_journal_changes_nothing(store: &Repositories) {
    let owner = user(store, "owner").await;
    open_order(store, owner, 25).await;
    let refuse = async |status, filled| {
        let before = store.orders.find(owner, "Z1").await.unwrap();
        let report = report(owner, status, filled);
        let refused = store.orders.update_status(&report).await;
        assert!(matches!(refused, Err(StoreError::Transition(_))));
        assert_eq!(store.orders.find(owner, "Z1").await.unwrap(), before);
    };
    let half = report(owner, OrderStatus::Open, 50);
    let order = store.orders.update_status(&half).await.unwrap();
    refuse(OrderStatus::Open, 49).await;
    refuse(OrderStatus::Open, 101).await;
    refuse(OrderStatus::Complete, 99).await;
    let done = report(owner, OrderStatus::Cancelled, 50);
    store.orders.update_status(&done).await.unwrap();
    refuse(OrderStatus::Open, 50).await;
    refuse(OrderStatus::Cancelled, 60).await;
    assert_eq!(entries(store, &order).await, 5);
}
