//! The suite of [`PositionRepository`](crate::port::PositionRepository).

use super::Repositories;
use super::given::user;
use crate::id::BrokerName;
use crate::market::Exchange;
use crate::order::Product;
use crate::port::StoreError;
use crate::portfolio::{Position, PositionKey};
use crate::testing::sample::{NOBODY, at, instrument, money, paper, position, zerodha};
use crate::value::{Money, NetQuantity};

/// Runs the suite of the positions; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! position_contract {
    ($run:path) => {
        $crate::contract_cases! { positions on $run:
            a_position_is_kept_exactly,
            a_position_replaces_the_one_with_its_key,
            each_part_of_the_key_makes_another_position,
            positions_are_listed_by_user_and_broker,
            closed_positions_are_not_listed,
            those_closed_today_are_positions_of_the_day,
            a_position_of_nobody_is_refused,
        }
    };
}

/// Every figure reads back without rounding, however small.
pub async fn a_position_is_kept_exactly(store: &Repositories) {
    let owner = user(store, "owner").await;
    let position = position(owner, paper());
    store.positions.upsert(&position).await.unwrap();
    let listed = store.positions.list(owner, None).await.unwrap();
    assert_eq!(listed, [position]);
}

/// There is one position for a key: as it was kept last.
pub async fn a_position_replaces_the_one_with_its_key(store: &Repositories) {
    let owner = user(store, "owner").await;
    let first = position(owner, paper());
    let second = Position {
        token: None,
        quantity: NetQuantity::try_new(5).unwrap(),
        cost: money("0.0001"),
        ..Position::flat(first.key.clone(), at(9))
    };
    store.positions.upsert(&first).await.unwrap();
    store.positions.upsert(&second).await.unwrap();
    let listed = store.positions.list(owner, None).await.unwrap();
    assert_eq!(listed, [second]);
}

/// User, broker, exchange, symbol and product tell positions apart; the oldest is listed first.
pub async fn each_part_of_the_key_makes_another_position(store: &Repositories) {
    let owner = user(store, "owner").await;
    let first = position(owner, paper());
    let mut others = vec![first.clone(); 4];
    if let [broker, exchange, symbol, product] = &mut others[..] {
        broker.key.broker = zerodha();
        exchange.key.instrument.exchange = Exchange::Bse;
        symbol.key.instrument = instrument("TCS");
        product.key.product = Product::Cnc;
    }
    let kept: Vec<_> = std::iter::once(first).chain(others).collect();
    for position in &kept {
        store.positions.upsert(position).await.unwrap();
    }
    let listed = store.positions.list(owner, None).await.unwrap();
    assert_eq!(listed, kept);
}

/// A list holds what belongs to the user, at the broker if one is named.
pub async fn positions_are_listed_by_user_and_broker(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let (here, there) = (position(owner, paper()), position(owner, zerodha()));
    let theirs = position(other, paper());
    for position in [&here, &there, &theirs] {
        store.positions.upsert(position).await.unwrap();
    }
    let list = async |user, broker: Option<BrokerName>| {
        store.positions.list(user, broker.as_ref()).await.unwrap()
    };
    assert_eq!(
        list(owner, Some(paper())).await,
        std::slice::from_ref(&here)
    );
    assert_eq!(list(owner, None).await, [here, there]);
    assert_eq!(list(other, None).await, [theirs]);
    assert_eq!(list(other, Some(zerodha())).await, []);
}

/// A flat position is kept for what it earned, and is not open.
pub async fn closed_positions_are_not_listed(store: &Repositories) {
    let owner = user(store, "owner").await;
    let open = position(owner, paper());
    store.positions.upsert(&open).await.unwrap();
    let closed = Position {
        quantity: NetQuantity::FLAT,
        cost: Money::ZERO,
        margin: Money::ZERO,
        ..open.clone()
    };
    store.positions.upsert(&closed).await.unwrap();
    assert_eq!(store.positions.list(owner, None).await.unwrap(), []);
    store.positions.upsert(&open).await.unwrap();
    assert_eq!(store.positions.list(owner, None).await.unwrap(), [open]);
}

/// A flat position belongs to the day on which something was made or lost in it, an open one to
/// every day.
pub async fn those_closed_today_are_positions_of_the_day(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    let open = position(owner, paper());
    let named = |symbol, realized| Position {
        today_realized_pnl: money(realized),
        ..Position::flat(
            PositionKey {
                instrument: instrument(symbol),
                ..open.key.clone()
            },
            at(9),
        )
    };
    let (closed, even) = (named("TCS", "-12.5"), named("WIPRO", "0"));
    let yesterday = Position {
        updated_at: at(7),
        ..named("SBIN", "3")
    };
    let elsewhere = Position {
        key: position(owner, zerodha()).key,
        ..closed.clone()
    };
    let theirs = position(other, paper());
    for position in [&open, &closed, &even, &yesterday, &elsewhere, &theirs] {
        store.positions.upsert(position).await.unwrap();
    }
    let of_day = store.positions.of_day(owner, &paper(), at(8)).await;
    assert_eq!(of_day.unwrap(), [open, closed]);
}

/// A position belongs to a user who exists.
pub async fn a_position_of_nobody_is_refused(store: &Repositories) {
    let refused = store.positions.upsert(&position(NOBODY, paper())).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    assert_eq!(store.positions.list(NOBODY, None).await.unwrap(), []);
}
