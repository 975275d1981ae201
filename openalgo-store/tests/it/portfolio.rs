//! Trades, positions and holdings.

use crate::support::{
    Place, all_of, at, day, instrument, intent, money, paper, price, units, user, zerodha,
};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Double;
use openalgo_core::account::User;
use openalgo_core::id::UserId;
use openalgo_core::order::{Execution, NewTrade, Product, Side};
use openalgo_core::port::{OrderQuery, StoreError};
use openalgo_core::portfolio::{DayTotals, Holding, HoldingKey, Position, PositionKey};
use openalgo_core::value::NetQuantity;

fn position(user: &User) -> Position {
    let key = PositionKey {
        user: user.id,
        broker: paper(),
        instrument: instrument("INFY"),
        product: Product::Mis,
    };
    Position {
        token: Some("408065".parse().unwrap()),
        quantity: NetQuantity::try_new(-3).unwrap(),
        cost: money("1000"),
        margin: money("200.0001"),
        realized_pnl: money("-12.5"),
        today_realized_pnl: money("7.25"),
        day_buy: DayTotals {
            quantity: units(4),
            value: money("1333.3333"),
        },
        day_sell: DayTotals {
            quantity: units(7),
            value: money("2333.3333"),
        },
        ltp: price("331.1"),
        ..Position::flat(key, at(5))
    }
}

#[tokio::test]
async fn a_position_is_kept_exactly_beside_its_rounded_figures() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let position = position(&owner);
    store
        .positions()
        .upsert(&Position::flat(position.key.clone(), at(1)))
        .await
        .unwrap();
    store.positions().upsert(&position).await.unwrap();
    assert_eq!(
        store.positions().list(owner.id, None).await.unwrap(),
        [position]
    );
    let figures = sql::<(Double, Double, Double, Double)>(
        "SELECT average_price, pnl, pnl_percent, day_buy_avg FROM positions",
    )
    .get_result::<(f64, f64, f64, f64)>(&mut place.raw())
    .unwrap();
    assert_eq!(format!("{figures:?}"), "(333.3333, 13.95, 1.395, 333.3333)");
}

#[tokio::test]
async fn closed_positions_are_not_listed() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let open = position(&owner);
    let mut elsewhere = open.clone();
    elsewhere.key.broker = zerodha();
    let mut closed = open.clone();
    closed.key.product = Product::Nrml;
    closed.quantity = NetQuantity::FLAT;
    closed.cost = money("0");
    for position in [&open, &elsewhere, &closed] {
        store.positions().upsert(position).await.unwrap();
    }
    let positions = store.positions();
    let of_paper = positions.list(owner.id, Some(&paper())).await.unwrap();
    assert_eq!(of_paper, std::slice::from_ref(&open));
    let all = positions.list(owner.id, None).await.unwrap();
    assert_eq!(all, [open, elsewhere]);
    let mut stranger = closed;
    stranger.key.user = UserId::new(99);
    let refused = positions.upsert(&stranger).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn a_holding_is_one_row_per_symbol() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let mut holding = Holding {
        key: HoldingKey {
            user: owner.id,
            broker: paper(),
            instrument: instrument("INFY"),
        },
        token: None,
        isin: Some("INE009A01021".into()),
        quantity: units(3),
        t1_quantity: units(1),
        cost: money("1000"),
        ltp: price("331.1"),
        updated_at: at(5),
    };
    let holdings = store.holdings();
    holdings.upsert(&holding).await.unwrap();
    holding.key.instrument.exchange = openalgo_core::market::Exchange::Bse;
    holding.isin = None;
    holdings.upsert(&holding).await.unwrap();
    assert_eq!(
        holdings.list(owner.id, Some(&paper())).await.unwrap(),
        [holding.clone()]
    );
    assert_eq!(holdings.list(owner.id, Some(&zerodha())).await.unwrap(), []);
    holding.quantity = units(0);
    holding.t1_quantity = units(0);
    holding.cost = money("0");
    holdings.upsert(&holding).await.unwrap();
    assert_eq!(holdings.list(owner.id, None).await.unwrap(), []);
}

fn trade(user: &User) -> NewTrade {
    NewTrade {
        user: user.id,
        broker: zerodha(),
        order: None,
        execution: Execution {
            broker_trade_id: Some("T1".parse().unwrap()),
            instrument: instrument("INFY"),
            side: Side::Buy,
            quantity: units(10),
            price: price("1500.0525"),
            product: Product::Cnc,
            at: at(7),
        },
    }
}

#[tokio::test]
async fn trades_follow_the_session_of_their_order() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let mut trade = trade(&owner);
    store.trades().insert(&trade).await.unwrap();
    for number in [24, 25] {
        let mut intent = intent(&owner, zerodha());
        intent.trading_day = day(number);
        trade.order = Some(store.orders().insert(&intent).await.unwrap().id);
        let kept = store.trades().insert(&trade).await.unwrap();
        assert_eq!(kept.order, trade.order);
        assert_eq!(kept.execution, trade.execution);
    }
    let list = async |broker, day, limit| -> Vec<i64> {
        let query = OrderQuery {
            broker,
            day,
            limit,
            ..all_of(&owner)
        };
        let trades = store.trades().list(&query).await.unwrap();
        assert!(trades.iter().all(|kept| kept.execution == trade.execution));
        trades.iter().map(|kept| kept.id.get()).collect()
    };
    assert_eq!(list(None, None, 9).await, [3, 2, 1]);
    assert_eq!(list(None, None, 1).await, [3]);
    assert_eq!(list(None, Some(day(24)), 9).await, [2]);
    assert_eq!(list(Some(zerodha()), Some(day(25)), 9).await, [3]);
    assert!(list(Some(paper()), None, 9).await.is_empty());
}
