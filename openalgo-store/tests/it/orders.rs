//! Orders: the row is the fold of the journal, whatever happens.

use crate::support::{Place, broker_id, event, intent, units, user, zerodha};
use openalgo_core::id::OrderId;
use openalgo_core::order::{Fill, Order, OrderEvent, OrderEventKind, OrderStatus};
use openalgo_store::Store;
use proptest::prelude::*;

fn any_price() -> impl Strategy<Value = openalgo_core::value::Price> {
    (0_i64..1_000_000_000).prop_map(|ticks| {
        format!("{}.{:04}", ticks / 10_000, ticks % 10_000)
            .parse()
            .unwrap()
    })
}

fn any_status() -> impl Strategy<Value = OrderStatus> {
    proptest::sample::select(OrderStatus::ALL)
}

/// Events of every kind; `id` stands for the broker's id of the order.
fn any_kind() -> impl Strategy<Value = OrderEventKind> {
    let id = broker_id("ID");
    prop_oneof![
        1 => Just(OrderEventKind::Sent),
        4 => any::<bool>().prop_map({
            let id = id.clone();
            move |awaits_trigger| OrderEventKind::Accepted { broker_order_id: id.clone(), awaits_trigger }
        }),
        2 => Just(OrderEventKind::Triggered),
        6 => (1_i64..60, any_price()).prop_map(|(quantity, price)| OrderEventKind::Filled {
            fill: Fill { quantity: units(quantity), price },
        }),
        1 => proptest::option::of("[ -~]{0,20}").prop_map(|reason| OrderEventKind::Cancelled { reason }),
        1 => (any::<bool>(), "\\PC{0,20}").prop_map(move |(known, reason)| OrderEventKind::Rejected {
            broker_order_id: known.then(|| id.clone()),
            reason,
        }),
        1 => "\\PC{0,20}".prop_map(|reason| OrderEventKind::OutcomeUnknown { reason }),
        2 => (any_status(), 0_i64..=100, any_price()).prop_map(|(status, filled, average)| {
            OrderEventKind::Reported { status, filled: units(filled), average }
        }),
    ]
}

/// Gives every order of the test its own broker id.
fn with_id(kind: OrderEventKind, order: OrderId) -> OrderEventKind {
    let id = broker_id(&format!("Z{order}"));
    match kind {
        OrderEventKind::Accepted { awaits_trigger, .. } => OrderEventKind::Accepted {
            broker_order_id: id,
            awaits_trigger,
        },
        OrderEventKind::Rejected {
            broker_order_id,
            reason,
        } => OrderEventKind::Rejected {
            broker_order_id: broker_order_id.map(|_| id),
            reason,
        },
        other => other,
    }
}

/// Appends events one by one, as a pure fold and in the store; both must agree throughout.
async fn follow(store: &Store, mut order: Order, events: Vec<OrderEventKind>) {
    let mut journal = store.orders().journal(order.id).await.unwrap();
    for (second, kind) in (1..).zip(events) {
        let event: OrderEvent = event(second, with_id(kind, order.id));
        let stored = store.orders().append(order.id, &event).await;
        match order.clone().after(&event) {
            Ok(after) => {
                assert_eq!(stored.unwrap(), after);
                order = after;
                journal.push(event);
            }
            Err(error) => assert_eq!(stored.unwrap_err().to_string(), error.to_string()),
        }
    }
    let read = store
        .orders()
        .find(order.intent.user, &order.public_id())
        .await
        .unwrap();
    assert_eq!(read, Some(order.clone()));
    assert_eq!(store.orders().journal(order.id).await.unwrap(), journal);
    assert_eq!(Order::fold(order.id, &journal), Ok(order));
}

#[test]
fn the_row_is_the_fold_of_the_journal() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let place = Place::new();
    let store = place.create();
    let owner = runtime.block_on(user(&store, "owner"));
    proptest!(ProptestConfig::with_cases(200), |(
        events in proptest::collection::vec(any_kind(), 0..12)
    )| {
        runtime.block_on(async {
            let order = store.orders().insert(&intent(&owner, zerodha())).await.unwrap();
            follow(&store, order, events).await;
        });
    });
    assert!(runtime.block_on(store.check()).unwrap().is_sound());
}
