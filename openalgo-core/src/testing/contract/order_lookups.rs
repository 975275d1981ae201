//! The suite of how [`OrderRepository`](crate::port::OrderRepository) finds and lists orders.

use super::Repositories;
use super::given::user;
use crate::id::{BrokerName, ClientOrderId, UserId};
use crate::monitor::BodyHash;
use crate::order::{Order, OrderEventKind, OrderRequest, RequestKey, RequestKind};
use crate::port::{OrderQuery, StoreError};
use crate::testing::sample::{accepted, all_of, at, day, event, intent, paper, zerodha};

/// Runs the suite of found and listed orders; see
/// [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! order_lookup_contract {
    ($run:path) => {
        $crate::contract_cases! { order_lookups on $run:
            an_order_answers_to_each_of_its_ids,
            an_id_that_returned_names_the_order_of_the_latest_day,
            an_id_of_two_brokers_names_neither_order,
            an_id_of_a_broker_names_its_own_order,
            a_client_order_id_is_looked_up_from_a_moment_on,
            a_client_order_id_belongs_to_its_user,
            orders_are_found_by_the_request_they_came_from,
            orders_are_listed_newest_first_up_to_a_limit,
            lists_are_narrowed_by_user_broker_and_day,
            orders_are_counted_by_day_and_broker,
            orders_without_an_outcome_are_unresolved,
            orders_of_earlier_days_may_be_left_open,
        }
    };
}

async fn insert(store: &Repositories, user: UserId, broker: BrokerName, number: u32) -> Order {
    let mut intent = intent(user, broker);
    intent.trading_day = day(number);
    store.orders.insert(&intent).await.unwrap()
}

async fn append(store: &Repositories, order: &Order, kind: OrderEventKind) -> Order {
    let done = store.orders.append(order.id, &event(9, kind)).await;
    done.unwrap()
}

/// An order keeps answering to its local id after the broker gave it another; other users' orders
/// do not answer.
pub async fn an_order_answers_to_each_of_its_ids(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let order = insert(store, owner, zerodha(), 25).await;
    let local = order.intent.id.local_order_id();
    let find = async |user, id| store.orders.find(user, id).await.unwrap();
    assert_eq!(find(owner, &local).await.as_ref(), Some(&order));
    assert_eq!(find(owner, "Z1").await, None);
    let order = append(store, &order, accepted("Z1")).await;
    for id in ["Z1", &local] {
        assert_eq!(find(owner, id).await.as_ref(), Some(&order));
        assert_eq!(find(other, id).await, None);
    }
}

/// Broker ids return from day to day: the latest day counts, whichever was written last.
pub async fn an_id_that_returned_names_the_order_of_the_latest_day(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut orders = Vec::new();
    for number in [24, 26, 25] {
        let order = insert(store, owner, zerodha(), number).await;
        orders.push(append(store, &order, accepted("Z1")).await);
    }
    let found = store.orders.find(owner, "Z1").await.unwrap();
    assert_eq!(found.as_ref(), orders.get(1));
}

/// Two brokers may give out the same id on one day; the error says how each order is named. An
/// order of another day is not meant.
pub async fn an_id_of_two_brokers_names_neither_order(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut orders = Vec::new();
    for (broker, number) in [(zerodha(), 24), (paper(), 25), (zerodha(), 25)] {
        let order = insert(store, owner, broker, number).await;
        orders.push(append(store, &order, accepted("Z1")).await);
    }
    let known = |order: &Order| {
        let intent = &order.intent;
        (intent.broker.clone(), intent.id.local_order_id())
    };
    let expected: Vec<_> = orders.iter().skip(1).rev().map(known).collect();
    let refused = store.orders.find(owner, "Z1").await.unwrap_err();
    let StoreError::Ambiguous { id, candidates } = refused else {
        panic!("{refused}");
    };
    assert_eq!((id.as_str(), &candidates), ("Z1", &expected));
    for (candidate, order) in candidates.iter().zip(orders.iter().rev()) {
        let found = store.orders.find(owner, &candidate.1).await.unwrap();
        assert_eq!(found.as_ref(), Some(order));
    }
}

/// The latest day counts at each broker by itself; other users have no part in it.
pub async fn an_id_of_a_broker_names_its_own_order(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let mut orders = Vec::new();
    for (broker, number) in [(zerodha(), 24), (zerodha(), 23), (paper(), 25)] {
        let order = insert(store, owner, broker, number).await;
        orders.push(append(store, &order, accepted("Z1")).await);
    }
    let id = "Z1".parse().unwrap();
    let find = async |user, broker| {
        let found = store.orders.find_at_broker(user, &broker, &id).await;
        found.unwrap()
    };
    assert_eq!(find(owner, zerodha()).await.as_ref(), orders.first());
    assert_eq!(find(owner, paper()).await.as_ref(), orders.last());
    assert_eq!(find(other, paper()).await, None);
    let (broker, other_id) = (paper(), "Z2".parse().unwrap());
    let none = store.orders.find_at_broker(owner, &broker, &other_id).await;
    assert_eq!(none.unwrap(), None);
}

/// The moment itself belongs to the search, and the order that was written last is the answer.
pub async fn a_client_order_id_is_looked_up_from_a_moment_on(store: &Repositories) {
    let owner = user(store, "owner").await;
    let client: ClientOrderId = "mine-1".parse().unwrap();
    let mut placed = Vec::new();
    for second in [10, 20] {
        let mut intent = intent(owner, zerodha());
        intent.order.client_order_id = Some(client.clone());
        intent.at = at(second);
        placed.push(store.orders.insert(&intent).await.unwrap());
    }
    let newest = placed.last();
    for (since, expected) in [(0, newest), (10, newest), (20, newest), (21, None)] {
        let found = store.orders.find_by_client_id(owner, &client, at(since));
        assert_eq!(found.await.unwrap().as_ref(), expected);
    }
}

/// Two users may use the same id of their own, and no id is found where none was given.
pub async fn a_client_order_id_belongs_to_its_user(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let client: ClientOrderId = "mine-1".parse().unwrap();
    insert(store, owner, zerodha(), 25).await;
    let find = async |user| {
        let found = store.orders.find_by_client_id(user, &client, at(0));
        found.await.unwrap()
    };
    assert_eq!(find(owner).await, None);
    let mut intent = intent(other, zerodha());
    intent.order.client_order_id = Some(client.clone());
    let theirs = store.orders.insert(&intent).await.unwrap();
    assert_eq!(find(owner).await, None);
    assert_eq!(find(other).await, Some(theirs));
}

/// All of a request are found, whatever its body was; those of others are not, and one that came by
/// itself with the same id is another.
pub async fn orders_are_found_by_the_request_they_came_from(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let place = async |user, kind, id: &str, (part, second): (&str, i64)| {
        let mut intent = intent(user, zerodha());
        intent.order.client_order_id = Some(part.parse().unwrap());
        intent.at = at(second);
        intent.request = Some(OrderRequest {
            kind,
            id: id.parse().unwrap(),
            body: BodyHash::new([u8::try_from(second).unwrap(); 32]),
        });
        let order = store.orders.insert(&intent).await.unwrap();
        assert_eq!(order.intent, intent);
        order
    };
    let one = place(owner, RequestKind::Basket, "one", ("one-1", 10)).await;
    let two = place(owner, RequestKind::Basket, "one", ("one-2", 20)).await;
    place(other, RequestKind::Basket, "one", ("one-1", 10)).await;
    place(owner, RequestKind::Smart, "one", ("one", 10)).await;
    place(owner, RequestKind::Basket, "one-1", ("one-1-1", 10)).await;
    let key = RequestKey {
        user: owner,
        kind: RequestKind::Basket,
        id: "one".parse().unwrap(),
    };
    let find = async |since| {
        let found = store.orders.find_by_request(&key, at(since)).await;
        found.unwrap()
    };
    assert_eq!(find(10).await, [one, two.clone()]);
    assert_eq!(find(11).await, [two]);
    assert_eq!(find(21).await, []);
    for id in ["one", "one-1"] {
        let id: ClientOrderId = id.parse().unwrap();
        let alone = store.orders.find_by_client_id(owner, &id, at(0)).await;
        assert_eq!(alone.unwrap(), None);
    }
}

/// The order that was written last is the first of the list, which ends at its limit.
pub async fn orders_are_listed_newest_first_up_to_a_limit(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut newest_first = Vec::new();
    for number in [25, 24, 26] {
        newest_first.insert(0, insert(store, owner, paper(), number).await);
    }
    let list = async |limit| {
        let query = OrderQuery {
            limit,
            ..all_of(owner)
        };
        store.orders.list(&query).await.unwrap()
    };
    assert_eq!(list(3).await, newest_first);
    newest_first.truncate(2);
    assert_eq!(list(2).await, newest_first);
    assert_eq!(list(0).await, []);
}

/// A list holds the user's orders, those of one broker and one session if they are named.
pub async fn lists_are_narrowed_by_user_broker_and_day(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let a = insert(store, owner, paper(), 24).await.id;
    let b = insert(store, owner, zerodha(), 24).await.id;
    let c = insert(store, owner, paper(), 25).await.id;
    let theirs = insert(store, other, paper(), 24).await.id;
    let list = async |user, broker: Option<BrokerName>, number: Option<u32>| {
        let query = OrderQuery {
            broker,
            day: number.map(day),
            ..all_of(user)
        };
        let orders = store.orders.list(&query).await.unwrap();
        orders.iter().map(|order| order.id).collect::<Vec<_>>()
    };
    assert_eq!(list(owner, None, None).await, [c, b, a]);
    assert_eq!(list(owner, Some(paper()), None).await, [c, a]);
    assert_eq!(list(owner, None, Some(24)).await, [b, a]);
    assert_eq!(list(owner, Some(paper()), Some(24)).await, [a]);
    assert_eq!(list(owner, Some(zerodha()), Some(25)).await, []);
    assert_eq!(list(other, None, None).await, [theirs]);
}

/// Every user's orders whose outcome nobody knows are told, the oldest first.
pub async fn orders_without_an_outcome_are_unresolved(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let lost = insert(store, owner, zerodha(), 24).await;
    let refused = insert(store, owner, zerodha(), 25).await;
    let open = insert(store, owner, zerodha(), 25).await;
    let sent = insert(store, other, zerodha(), 25).await;
    let unknown = OrderEventKind::OutcomeUnknown {
        reason: "timed out".into(),
    };
    let lost = append(store, &lost, unknown).await;
    let rejected = OrderEventKind::Rejected {
        broker_order_id: None,
        reason: "no funds".into(),
    };
    append(store, &refused, rejected).await;
    append(store, &open, accepted("Z1")).await;
    let unresolved = store.orders.unresolved().await.unwrap();
    assert_eq!(unresolved, [lost.clone(), sent.clone()]);
    append(store, &lost, accepted("Z2")).await;
    assert_eq!(store.orders.unresolved().await.unwrap(), [sent]);
}

/// Those of one account that work at the broker as far as is known, whether they wait for a trigger
/// or not.
pub async fn orders_of_earlier_days_may_be_left_open(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let open = async |number, awaits_trigger| {
        let order = insert(store, owner, zerodha(), number).await;
        let accepted = OrderEventKind::Accepted {
            broker_order_id: format!("Z{number}").parse().unwrap(),
            awaits_trigger,
        };
        append(store, &order, accepted).await
    };
    let oldest = open(24, false).await;
    let older = open(25, true).await;
    open(26, false).await;
    insert(store, owner, zerodha(), 24).await;
    let elsewhere = insert(store, owner, paper(), 24).await;
    append(store, &elsewhere, accepted("P1")).await;
    let theirs = insert(store, other, zerodha(), 24).await;
    append(store, &theirs, accepted("Z1")).await;
    let broker = zerodha();
    let left = async |before| {
        let left = store.orders.left_open(owner, &broker, day(before));
        left.await.unwrap()
    };
    assert_eq!(left(26).await, [oldest.clone(), older.clone()]);
    assert_eq!(left(24).await, []);
    let over = OrderEventKind::Cancelled { reason: None };
    append(store, &oldest, over).await;
    assert_eq!(left(26).await, [older]);
}

/// Whatever became of them; those of others and of other days do not count.
pub async fn orders_are_counted_by_day_and_broker(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let first = insert(store, owner, zerodha(), 25).await;
    insert(store, owner, zerodha(), 25).await;
    insert(store, owner, paper(), 25).await;
    insert(store, owner, zerodha(), 26).await;
    insert(store, other, zerodha(), 25).await;
    let rejected = OrderEventKind::Rejected {
        broker_order_id: None,
        reason: "no margin".into(),
    };
    append(store, &first, rejected).await;
    let count = async |number| store.orders.count(owner, day(number)).await.unwrap();
    let expected = [(paper(), 1), (zerodha(), 2)];
    assert_eq!(count(25).await, expected.into());
    assert_eq!(count(26).await, [(zerodha(), 1)].into());
    assert_eq!(count(24).await, [].into());
}
