//! Orders and their journal.

use crate::support::{
    Place, accepted, all_of, at, broker_id, day, event, intent, paper, price, units, user, zerodha,
};
use openalgo_core::id::OrderId;
use openalgo_core::order::{
    Fill, Order, OrderEvent, OrderEventKind, OrderKind, OrderState, OrderStatus, Side, TradingMode,
};
use openalgo_core::port::{OrderQuery, StatusReport, StoreError};
use openalgo_store::Store;
use proptest::prelude::*;

#[tokio::test]
async fn an_inserted_order_is_sent_and_reads_back_whole() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    for kind in [
        OrderKind::Market,
        OrderKind::Limit {
            price: price("0.0025"),
        },
        OrderKind::StopLimit {
            trigger: price("99.95"),
            price: price("100"),
        },
        OrderKind::StopMarket {
            trigger: price("99999999.9999"),
        },
    ] {
        let mut intent = intent(&owner, paper());
        intent.mode = TradingMode::Paper;
        intent.order.kind = kind;
        intent.order.side = Side::Sell;
        intent.order.strategy = Some("₹ wheel".into());
        intent.order.client_order_id = Some("mine-1".parse().unwrap());
        let order = store.orders().insert(&intent).await.unwrap();
        assert_eq!(order.intent, intent);
        assert_eq!(order.state, OrderState::Sent);
        let found = store
            .orders()
            .find(owner.id, &order.public_id())
            .await
            .unwrap();
        assert_eq!(found, Some(order.clone()));
        let journal = store.orders().journal(order.id).await.unwrap();
        assert_eq!(Order::fold(order.id, &journal), Ok(order));
    }
}

#[tokio::test]
async fn an_intent_is_kept_once_and_only_for_a_user() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let mut intent = intent(&owner, zerodha());
    store.orders().insert(&intent).await.unwrap();
    let again = store.orders().insert(&intent).await;
    assert!(matches!(
        again,
        Err(StoreError::Duplicate {
            what: "order intent",
            ..
        })
    ));
    intent.user = openalgo_core::id::UserId::new(99);
    intent.id = crate::support::intent(&owner, zerodha()).id;
    let stranger = store.orders().insert(&intent).await.unwrap_err();
    assert_eq!(stranger.to_string(), "user '99' does not exist");
    assert_eq!(store.orders().list(&all_of(&owner)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_fill_keeps_the_exact_value() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let orders = store.orders();
    let id = orders.insert(&intent(&owner, zerodha())).await.unwrap().id;
    orders.append(id, &event(1, accepted("Z1"))).await.unwrap();
    for (second, quantity, at) in [(2, 33, "1500.05"), (3, 34, "1499.95"), (4, 33, "1500.0025")] {
        let fill = Fill {
            quantity: units(quantity),
            price: price(at),
        };
        orders
            .append(id, &event(second, OrderEventKind::Filled { fill }))
            .await
            .unwrap();
    }
    let order = orders.find(owner.id, "Z1").await.unwrap().unwrap();
    assert_eq!(order.status(), OrderStatus::Complete);
    assert_eq!(order.executed().value.to_string(), "150000.0325");
    assert_eq!(order.average_price().unwrap().to_string(), "1500.0003");
    assert_eq!(order.updated_at, at(4));
    assert!(store.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn an_impossible_event_changes_nothing() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let orders = store.orders();
    let order = orders.insert(&intent(&owner, zerodha())).await.unwrap();
    let refused = orders
        .append(order.id, &event(1, OrderEventKind::Triggered))
        .await;
    assert!(matches!(refused, Err(StoreError::Transition(_))));
    assert_eq!(orders.journal(order.id).await.unwrap().len(), 2);
    assert_eq!(
        orders.find(owner.id, &order.public_id()).await.unwrap(),
        Some(order)
    );
    let missing = orders
        .append(OrderId::new(99), &event(1, OrderEventKind::Sent))
        .await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
    assert!(orders.journal(OrderId::new(99)).await.is_err());
}

fn report(user: &openalgo_core::account::User, status: OrderStatus, filled: i64) -> StatusReport {
    StatusReport {
        user: user.id,
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

async fn open_order(store: &Store, user: &openalgo_core::account::User, number: u32) -> Order {
    let mut intent = intent(user, zerodha());
    intent.trading_day = day(number);
    let order = store.orders().insert(&intent).await.unwrap();
    store
        .orders()
        .append(order.id, &event(1, accepted("Z1")))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_status_report_reaches_only_the_order_it_is_about() {
    let place = Place::new();
    let store = place.create();
    let (mine, other) = (user(&store, "mine").await, user(&store, "other").await);
    let theirs = open_order(&store, &other, 25).await;
    let yesterdays = open_order(&store, &mine, 24).await;
    let todays = open_order(&store, &mine, 25).await;
    let updated = store
        .orders()
        .update_status(&report(&mine, OrderStatus::Complete, 100))
        .await
        .unwrap();
    assert_eq!(
        (updated.id, updated.status()),
        (todays.id, OrderStatus::Complete)
    );
    let mut untouched = store.orders().list(&all_of(&mine)).await.unwrap();
    assert_eq!(untouched.pop(), Some(yesterdays));
    assert_eq!(
        store.orders().list(&all_of(&other)).await.unwrap(),
        [theirs]
    );
    let elsewhere = StatusReport {
        broker: paper(),
        ..report(&mine, OrderStatus::Open, 0)
    };
    let missing = store.orders().update_status(&elsewhere).await.unwrap_err();
    assert_eq!(missing.to_string(), "order 'Z1' does not exist");
}

#[tokio::test]
async fn a_report_that_says_nothing_new_is_no_event() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let order = open_order(&store, &owner, 25).await;
    let orders = store.orders();
    let known = orders
        .update_status(&report(&owner, OrderStatus::Open, 0))
        .await
        .unwrap();
    assert_eq!(known, order);
    let half = orders
        .update_status(&report(&owner, OrderStatus::Open, 50))
        .await
        .unwrap();
    assert_eq!(half.executed().quantity, units(50));
    for _ in 0..3 {
        let done = report(&owner, OrderStatus::Cancelled, 50);
        assert_eq!(
            orders.update_status(&done).await.unwrap().status(),
            OrderStatus::Cancelled
        );
    }
    assert_eq!(orders.journal(order.id).await.unwrap().len(), 5);
    let reopened = orders
        .update_status(&report(&owner, OrderStatus::Open, 50))
        .await;
    assert!(matches!(reopened, Err(StoreError::Transition(_))));
}

#[tokio::test]
async fn the_same_broker_id_twice_a_day_is_refused() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    open_order(&store, &owner, 25).await;
    let order = store
        .orders()
        .insert(&intent(&owner, zerodha()))
        .await
        .unwrap();
    let refused = store
        .orders()
        .append(order.id, &event(1, accepted("Z1")))
        .await;
    assert!(matches!(
        refused,
        Err(StoreError::Duplicate {
            what: "order id",
            ..
        })
    ));
    assert_eq!(store.orders().journal(order.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn orders_are_found_by_every_id() {
    let place = Place::new();
    let store = place.create();
    let (mine, other) = (user(&store, "mine").await, user(&store, "other").await);
    let orders = store.orders();
    let mut intent = intent(&mine, zerodha());
    let client: openalgo_core::id::ClientOrderId = "c-1".parse().unwrap();
    intent.order.client_order_id = Some(client.clone());
    let order = orders.insert(&intent).await.unwrap();
    let order = orders
        .append(order.id, &event(1, accepted("Z1")))
        .await
        .unwrap();
    let local = intent.id.local_order_id();
    for id in ["Z1", &local] {
        assert_eq!(
            orders.find(mine.id, id).await.unwrap().as_ref(),
            Some(&order)
        );
        assert_eq!(orders.find(other.id, id).await.unwrap(), None);
    }
    let by_client = |user, since| orders.find_by_client_id(user, &client, since);
    assert_eq!(by_client(mine.id, at(0)).await.unwrap(), Some(order));
    assert_eq!(by_client(mine.id, at(1)).await.unwrap(), None);
    assert_eq!(by_client(other.id, at(0)).await.unwrap(), None);
}

#[tokio::test]
async fn lists_are_narrowed_and_newest_first() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    for (broker, number) in [(paper(), 24), (zerodha(), 24), (paper(), 25), (paper(), 25)] {
        let mut intent = intent(&owner, broker);
        intent.trading_day = day(number);
        store.orders().insert(&intent).await.unwrap();
    }
    let list = async |query: OrderQuery| -> Vec<i64> {
        let orders = store.orders().list(&query).await.unwrap();
        orders.iter().map(|order| order.id.get()).collect()
    };
    let all = all_of(&owner);
    assert_eq!(list(all.clone()).await, [4, 3, 2, 1]);
    assert_eq!(
        list(OrderQuery {
            limit: 2,
            ..all.clone()
        })
        .await,
        [4, 3]
    );
    let papers = OrderQuery {
        broker: Some(paper()),
        ..all.clone()
    };
    assert_eq!(list(papers.clone()).await, [4, 3, 1]);
    assert_eq!(
        list(OrderQuery {
            day: Some(day(24)),
            ..all
        })
        .await,
        [2, 1]
    );
    assert_eq!(
        list(OrderQuery {
            day: Some(day(24)),
            ..papers
        })
        .await,
        [1]
    );
}

#[tokio::test]
async fn what_nobody_knows_the_outcome_of_is_unresolved() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let orders = store.orders();
    let sent = orders.insert(&intent(&owner, zerodha())).await.unwrap();
    let lost = orders.insert(&intent(&owner, zerodha())).await.unwrap();
    let refused = orders.insert(&intent(&owner, zerodha())).await.unwrap();
    let unknown = OrderEventKind::OutcomeUnknown {
        reason: "timed out".into(),
    };
    let lost = orders.append(lost.id, &event(9, unknown)).await.unwrap();
    let rejected = OrderEventKind::Rejected {
        broker_order_id: None,
        reason: "no funds".into(),
    };
    let refused = orders
        .append(refused.id, &event(9, rejected))
        .await
        .unwrap();
    assert_eq!(orders.unresolved().await.unwrap(), [sent, lost.clone()]);
    assert_eq!(lost.state.message(), Some("timed out"));
    let found = orders.find(owner.id, &refused.public_id()).await.unwrap();
    assert_eq!(found, Some(refused));
}

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
