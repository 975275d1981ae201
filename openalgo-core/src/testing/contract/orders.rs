//! The suite of what [`OrderRepository`](crate::port::OrderRepository) writes: intents and what
//! became of them.

use super::Repositories;
use super::given::user;
use crate::id::OrderId;
use crate::order::{
    Order, OrderEventKind, OrderIntent, OrderKind, OrderState, OrderStatus, Side, TradingMode,
};
use crate::port::StoreError;
use crate::testing::sample::{
    NOBODY, accepted, all_of, at, broker_id, day, event, filled, intent, paper, price, units,
    zerodha,
};

/// Runs the suite of written orders; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! order_contract {
    ($run:path) => {
        $crate::contract_cases! { orders on $run:
            an_inserted_order_is_sent_and_reads_back_whole,
            an_intent_is_kept_once,
            an_order_of_nobody_is_refused,
            an_order_is_the_fold_of_its_journal,
            a_fill_keeps_the_exact_value,
            a_refused_order_keeps_the_reason,
            an_order_that_never_left_is_cancelled_without_an_id_of_the_broker,
            an_impossible_event_changes_nothing,
            a_modified_order_reads_back_with_its_new_terms,
            an_unknown_order_has_no_journal,
            a_broker_id_names_one_order_of_an_account_and_day,
        }
    };
}

async fn insert(store: &Repositories, intent: &OrderIntent) -> Order {
    store.orders.insert(intent).await.unwrap()
}

async fn append(
    store: &Repositories,
    order: OrderId,
    kind: OrderEventKind,
) -> Result<Order, StoreError> {
    store.orders.append(order, &event(9, kind)).await
}

async fn find(store: &Repositories, order: &Order) -> Option<Order> {
    let (user, id) = (order.intent.user, order.public_id());
    store.orders.find(user, &id).await.unwrap()
}

/// An intent is kept whole, and its order is on its way, with one entry each in the journal.
pub async fn an_inserted_order_is_sent_and_reads_back_whole(store: &Repositories) {
    let owner = user(store, "owner").await;
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
        let mut intent = intent(owner, paper());
        intent.mode = TradingMode::Paper;
        intent.token = Some("408065".parse().unwrap());
        intent.order.kind = kind;
        intent.order.side = Side::Sell;
        intent.order.strategy = Some("₹ wheel".into());
        intent.order.client_order_id = Some("mine-1".parse().unwrap());
        let order = insert(store, &intent).await;
        assert_eq!(order.intent, intent);
        assert_eq!(order.state, OrderState::Sent);
        assert_eq!(find(store, &order).await.as_ref(), Some(&order));
        let journal = store.orders.journal(order.id).await.unwrap();
        let words: Vec<_> = journal.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(words, ["planned", "sent"]);
        assert!(journal.iter().all(|event| event.at == intent.at));
        assert_eq!(Order::fold(order.id, &journal), Ok(order));
    }
}

/// The same intent again is refused, and the order that is there stays.
pub async fn an_intent_is_kept_once(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut intent = intent(owner, zerodha());
    let order = insert(store, &intent).await;
    intent.order.quantity = units(7);
    let again = store.orders.insert(&intent).await.unwrap_err();
    let is_duplicate = matches!(
        again,
        StoreError::Duplicate {
            what: "order intent",
            ..
        }
    );
    assert!(is_duplicate, "{again}");
    let kept = store.orders.list(&all_of(owner)).await.unwrap();
    assert_eq!(kept, [order]);
}

/// An order belongs to a user who exists.
pub async fn an_order_of_nobody_is_refused(store: &Repositories) {
    let refused = store.orders.insert(&intent(NOBODY, zerodha())).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.to_string(), "user '999999' does not exist");
    assert_eq!(store.orders.list(&all_of(NOBODY)).await.unwrap(), []);
}

/// What was cancelled before it was sent is over, and known by our own id only.
pub async fn an_order_that_never_left_is_cancelled_without_an_id_of_the_broker(
    store: &Repositories,
) {
    let owner = user(store, "owner").await;
    let reason = "cancelled before it was sent";
    let never_left = intent(owner, zerodha());
    let cancelled = store.orders.insert_cancelled(&never_left, reason);
    let over = cancelled.await.unwrap();
    assert_eq!(over.status(), OrderStatus::Cancelled);
    assert_eq!(over.state.broker_order_id(), None);
    assert_eq!(over.state.message(), Some(reason));
    assert_eq!(find(store, &over).await, Some(over.clone()));
    assert_eq!(store.orders.unresolved().await.unwrap(), []);
    let journal = store.orders.journal(over.id).await.unwrap();
    let words: Vec<_> = journal.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(words, ["planned", "cancelled"]);
    assert_eq!(Order::fold(over.id, &journal), Ok(over));
    let again = store.orders.insert_cancelled(&never_left, reason).await;
    assert!(
        matches!(again, Err(StoreError::Duplicate { .. })),
        "{again:?}"
    );
}

/// Every event is kept in its place, and together they tell how the order stands.
pub async fn an_order_is_the_fold_of_its_journal(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut order = insert(store, &intent(owner, zerodha())).await;
    let mut journal = store.orders.journal(order.id).await.unwrap();
    let waiting = OrderEventKind::Accepted {
        broker_order_id: broker_id("Z1"),
        awaits_trigger: true,
    };
    let unknown = OrderEventKind::OutcomeUnknown {
        reason: "timed out".into(),
    };
    let cancelled = OrderEventKind::Cancelled {
        reason: Some("by hand".into()),
    };
    for (second, kind) in (1..).zip([
        unknown,
        waiting,
        OrderEventKind::Triggered,
        filled(40, "1500.05"),
        cancelled,
    ]) {
        let event = event(second, kind);
        let expected = order.clone().after(&event).unwrap();
        order = store.orders.append(order.id, &event).await.unwrap();
        journal.push(event);
        assert_eq!(order, expected);
        assert_eq!(find(store, &order).await.as_ref(), Some(&order));
        assert_eq!(store.orders.journal(order.id).await.unwrap(), journal);
    }
    assert_eq!(order.updated_at, at(5));
    assert_eq!(Order::fold(order.id, &journal), Ok(order));
}

/// What was filled keeps its exact value, whatever the average is rounded to.
pub async fn a_fill_keeps_the_exact_value(store: &Repositories) {
    let owner = user(store, "owner").await;
    let id = insert(store, &intent(owner, zerodha())).await.id;
    append(store, id, accepted("Z1")).await.unwrap();
    for (quantity, at) in [(33, "1500.05"), (34, "1499.95"), (33, "1500.0025")] {
        append(store, id, filled(quantity, at)).await.unwrap();
    }
    let order = store.orders.find(owner, "Z1").await.unwrap().unwrap();
    assert_eq!(order.status(), OrderStatus::Complete);
    assert_eq!(order.executed().value.to_string(), "150000.0325");
    assert_eq!(order.average_price().unwrap().to_string(), "1500.0003");
}

/// A refusal is kept with its words, and with the broker's id only if there is one.
pub async fn a_refused_order_keeps_the_reason(store: &Repositories) {
    let owner = user(store, "owner").await;
    for id in [None, Some(broker_id("Z1"))] {
        let order = insert(store, &intent(owner, zerodha())).await;
        let rejected = OrderEventKind::Rejected {
            broker_order_id: id.clone(),
            reason: "no funds: ₹1 short".into(),
        };
        let order = append(store, order.id, rejected).await.unwrap();
        let found = find(store, &order).await.unwrap();
        assert_eq!(found.state.message(), Some("no funds: ₹1 short"));
        assert_eq!(found.state.broker_order_id(), id.as_ref());
        assert_eq!(found, order);
    }
}

/// An event that cannot happen to the order is refused and leaves no trace.
pub async fn an_impossible_event_changes_nothing(store: &Repositories) {
    let owner = user(store, "owner").await;
    let order = insert(store, &intent(owner, zerodha())).await;
    let journal = store.orders.journal(order.id).await.unwrap();
    for kind in [
        OrderEventKind::Triggered,
        OrderEventKind::Sent,
        filled(1, "1500"),
    ] {
        let refused = append(store, order.id, kind).await;
        assert!(matches!(refused, Err(StoreError::Transition(_))));
    }
    assert_eq!(store.orders.journal(order.id).await.unwrap(), journal);
    assert_eq!(find(store, &order).await, Some(order));
}

/// What is said or asked about an order that does not exist is an error.
pub async fn an_unknown_order_has_no_journal(store: &Repositories) {
    let unknown = OrderId::new(999_999);
    let refused = append(store, unknown, accepted("Z1")).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    let refused = store.orders.journal(unknown).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
}

/// A broker's id may return on another day, at another broker or for another user, and names one
/// order otherwise. The event that would give it twice is refused.
pub async fn a_broker_id_names_one_order_of_an_account_and_day(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let today = intent(owner, zerodha());
    let mut tomorrow = intent(owner, zerodha());
    tomorrow.trading_day = day(26);
    for intent in [
        today,
        tomorrow,
        intent(owner, paper()),
        intent(other, zerodha()),
    ] {
        let order = insert(store, &intent).await;
        append(store, order.id, accepted("Z1")).await.unwrap();
    }
    let twin = insert(store, &intent(owner, zerodha())).await;
    let refused = append(store, twin.id, accepted("Z1")).await.unwrap_err();
    assert_eq!(refused.to_string(), "order id 'Z1' exists already");
    assert!(matches!(refused, StoreError::Duplicate { .. }));
    assert_eq!(store.orders.journal(twin.id).await.unwrap().len(), 2);
    assert_eq!(find(store, &twin).await, Some(twin));
}

/// An order has the terms that hold by now; its journal keeps those it began with.
pub async fn a_modified_order_reads_back_with_its_new_terms(store: &Repositories) {
    let owner = user(store, "owner").await;
    let intent = intent(owner, zerodha());
    let order = insert(store, &intent).await;
    append(store, order.id, accepted("Z-1")).await.unwrap();
    append(store, order.id, filled(40, "1500")).await.unwrap();
    let kind = OrderKind::StopLimit {
        trigger: price("99.95"),
        price: price("100.0025"),
    };
    let sent = OrderEventKind::ModificationSent {
        quantity: units(70),
        kind,
    };
    let order = append(store, order.id, sent.clone()).await.unwrap();
    assert_eq!(order.most_pending(), units(60));
    assert_eq!(find(store, &order).await.as_ref(), Some(&order));
    append(store, order.id, sent).await.unwrap_err();
    let modified = OrderEventKind::Modified {
        quantity: units(70),
        kind,
        awaits_trigger: false,
    };
    let order = append(store, order.id, modified).await.unwrap();
    assert_eq!(order.intent.order.kind, kind);
    assert_eq!(order.pending_quantity(), units(30));
    assert_eq!(find(store, &order).await.as_ref(), Some(&order));
    let less = OrderEventKind::Modified {
        quantity: units(39),
        kind,
        awaits_trigger: false,
    };
    append(store, order.id, less).await.unwrap_err();
    let journal = store.orders.journal(order.id).await.unwrap();
    assert_eq!(Order::fold(order.id, &journal), Ok(order));
    let planned = OrderEventKind::Planned {
        intent: Box::new(intent),
    };
    assert_eq!(journal.first().map(|event| &event.kind), Some(&planned));
}
