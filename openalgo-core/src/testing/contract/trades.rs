//! The suite of [`TradeRepository`](crate::port::TradeRepository).

use super::Repositories;
use super::given::user;
use crate::id::{BrokerName, OrderId, TradeId, UserId};
use crate::order::NewTrade;
use crate::port::{OrderQuery, StoreError};
use crate::testing::sample::{NOBODY, all_of, day, execution, intent, paper, zerodha};

/// Runs the suite of the trades; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! trade_contract {
    ($run:path) => {
        $crate::contract_cases! { trades on $run:
            a_trade_is_kept_as_given,
            trades_are_listed_newest_first_up_to_a_limit,
            trades_are_narrowed_by_user_and_broker,
            trades_follow_the_session_of_their_order,
            a_trade_of_nothing_that_exists_is_refused,
        }
    };
}

fn new_trade(user: UserId, broker: BrokerName, order: Option<OrderId>) -> NewTrade {
    NewTrade {
        user,
        broker,
        order,
        execution: execution(10),
    }
}

async fn list(store: &Repositories, query: OrderQuery) -> Vec<TradeId> {
    let trades = store.trades.list(&query).await.unwrap();
    trades.iter().map(|trade| trade.id).collect()
}

/// A trade reads back as it was answered, with its order or without one.
pub async fn a_trade_is_kept_as_given(store: &Repositories) {
    let owner = user(store, "owner").await;
    let order = store.orders.insert(&intent(owner, zerodha())).await;
    let order = order.unwrap().id;
    let mut foreign = new_trade(owner, zerodha(), None);
    foreign.execution.broker_trade_id = None;
    for trade in [new_trade(owner, zerodha(), Some(order)), foreign] {
        let kept = store.trades.insert(&trade).await.unwrap();
        assert_eq!((kept.user, &kept.broker), (trade.user, &trade.broker));
        assert_eq!(kept.order, trade.order);
        assert_eq!(kept.execution, trade.execution);
        let newest = OrderQuery {
            limit: 1,
            ..all_of(owner)
        };
        assert_eq!(store.trades.list(&newest).await.unwrap(), [kept]);
    }
}

/// The latest trade that was kept is the first of the list, which ends at its limit.
pub async fn trades_are_listed_newest_first_up_to_a_limit(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mut newest_first = Vec::new();
    for _ in 0..3 {
        let trade = new_trade(owner, paper(), None);
        let kept = store.trades.insert(&trade).await.unwrap();
        newest_first.insert(0, kept.id);
    }
    assert_eq!(list(store, all_of(owner)).await, newest_first);
    newest_first.truncate(2);
    let query = OrderQuery {
        limit: 2,
        ..all_of(owner)
    };
    assert_eq!(list(store, query).await, newest_first);
}

/// A list holds what belongs to the user, at the broker if one is named.
pub async fn trades_are_narrowed_by_user_and_broker(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let mut kept = Vec::new();
    for (user, broker) in [(owner, paper()), (owner, zerodha()), (other, paper())] {
        let trade = new_trade(user, broker, None);
        kept.push(store.trades.insert(&trade).await.unwrap().id);
    }
    let [here, there, theirs] = kept[..] else {
        panic!("three trades were kept");
    };
    assert_eq!(list(store, all_of(owner)).await, [there, here]);
    assert_eq!(list(store, all_of(other)).await, [theirs]);
    let of_paper = OrderQuery {
        broker: Some(paper()),
        ..all_of(owner)
    };
    assert_eq!(list(store, of_paper).await, [here]);
}

/// The session of a trade is that of its order; a trade without an order has none.
pub async fn trades_follow_the_session_of_their_order(store: &Repositories) {
    let owner = user(store, "owner").await;
    let foreign = new_trade(owner, zerodha(), None);
    store.trades.insert(&foreign).await.unwrap();
    for number in [24, 25] {
        let mut intent = intent(owner, zerodha());
        intent.trading_day = day(number);
        let order = store.orders.insert(&intent).await.unwrap().id;
        let trade = new_trade(owner, zerodha(), Some(order));
        let kept = store.trades.insert(&trade).await.unwrap().id;
        let of_day = OrderQuery {
            day: Some(day(number)),
            ..all_of(owner)
        };
        assert_eq!(list(store, of_day.clone()).await, [kept]);
        let elsewhere = OrderQuery {
            broker: Some(paper()),
            ..of_day
        };
        assert_eq!(list(store, elsewhere).await, []);
    }
    assert_eq!(list(store, all_of(owner)).await.len(), 3);
}

/// A trade belongs to a user who exists, and to an order that exists, if to any.
pub async fn a_trade_of_nothing_that_exists_is_refused(store: &Repositories) {
    let owner = user(store, "owner").await;
    let unknown = Some(OrderId::new(999_999));
    for trade in [
        new_trade(NOBODY, zerodha(), None),
        new_trade(owner, zerodha(), unknown),
    ] {
        let refused = store.trades.insert(&trade).await;
        assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    }
    assert_eq!(list(store, all_of(owner)).await, []);
}
