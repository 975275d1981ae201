//! Smart orders: one order at most leads to the target, however often it is asked for.

use crate::exchange::{Exchange, Manner, open_at};
use crate::world::{World, limit, market, reliance};
use openalgo::OpenAlgo;
use openalgo::core::account::{LimitChange, User};
use openalgo::core::id::ClientOrderId;
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{NewOrder, Order, OrderKind, OrderStatus, Product, Side};
use openalgo::core::value::NetQuantity;
use openalgo::engine::service::{SmartOrder, SmartOrderError, SmartOutcome};

fn target(position: i64, quantity: i64) -> SmartOrder {
    SmartOrder {
        order: market(Side::Sell, quantity),
        position: NetQuantity::try_new(position).unwrap(),
    }
}

/// What a smart order came to: units with their sign, or the reason for none.
async fn came_to(app: &OpenAlgo, owner: &User, smart: SmartOrder) -> Result<i64, &'static str> {
    match app.orders().smart(owner.id, smart).await.unwrap() {
        SmartOutcome::Placed(placed) => {
            let order = &placed.order.intent.order;
            let units = order.quantity.get();
            Ok(if order.side == Side::Buy {
                units
            } else {
                -units
            })
        }
        SmartOutcome::NoOrder(step) => Err(step.message().unwrap()),
    }
}

const NOTHING: &str = "No OpenPosition Found. Not placing Exit order.";
const MATCHED: &str = "Positions Already Matched. No Action needed.";

async fn every_row(app: &OpenAlgo, owner: &User) {
    for (position, quantity, expected) in [
        (0, 0, Err(NOTHING)),
        (0, 7, Ok(-7)),
        (0, 7, Ok(7)),
        (9, 7, Ok(9)),
        (9, 7, Err(MATCHED)),
        (9, 0, Err(NOTHING)),
        (12, 7, Ok(3)),
        (-5, 7, Ok(-17)),
        (-2, 7, Ok(3)),
        (0, 0, Ok(2)),
    ] {
        let smart = target(position, quantity);
        assert_eq!(
            came_to(app, owner, smart).await,
            expected,
            "{position} {quantity}"
        );
    }
}

#[tokio::test]
async fn the_table_on_paper() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    every_row(&app, &owner).await;
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn the_table_at_a_broker() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    every_row(&app, &owner).await;
    app.close().await;
}

/// An alert that comes twice, and one whose order rests, is carried out once.
#[tokio::test(start_paused = true)]
async fn orders_under_way_count() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let resting = SmartOrder {
        order: NewOrder {
            side: Side::Buy,
            ..limit(&app, Side::Buy, 10, -200).await
        },
        ..target(10, 10)
    };
    let kind = resting.order.kind;
    assert_eq!(came_to(&app, &owner, resting.clone()).await, Ok(10));
    let placed = app.orders().list(owner.id, 1).await.unwrap();
    assert_eq!(
        placed[0].intent.order.kind, kind,
        "the price type is honoured"
    );
    assert_ne!(kind, OrderKind::Market);
    assert_eq!(came_to(&app, &owner, resting).await, Err(MATCHED));
    assert_eq!(came_to(&app, &owner, target(4, 1)).await, Ok(-6));
    app.close().await;
}

/// An order for units of RELIANCE that rests far from the price.
async fn rests(app: &OpenAlgo, owner: &User, order: NewOrder) -> Order {
    let placed = app.orders().place(owner.id, order).await.unwrap().order;
    assert!(!placed.status().is_final(), "{placed:?}");
    placed
}

/// A stop that protects what is held.
async fn stop(app: &OpenAlgo, (side, units): (Side, i64), paise: i64) -> NewOrder {
    let order = limit(app, side, units, paise).await;
    let trigger = order.kind.price().unwrap();
    NewOrder {
        kind: OrderKind::StopMarket { trigger },
        ..order
    }
}

/// What is held, and how many orders are under way.
async fn left(app: &OpenAlgo, owner: &User) -> (i64, usize) {
    let portfolio = app.portfolio();
    let standing = portfolio.standing(owner.id, reliance(), Product::Mis).await;
    let standing = standing.unwrap();
    (standing.held.get(), standing.under_way.len())
}

/// Long or short, with exits or entries at rest, more than there is or fewer: to zero is to zero.
async fn to_zero_whatever_rests(app: &OpenAlgo, owner: &User) {
    for (held, exit, resting) in [
        (10, -10, stop(app, (Side::Sell, 10), -2_000).await),
        (10, -10, limit(app, Side::Sell, 4, 2_000).await),
        (5, -5, limit(app, Side::Buy, 10, -2_000).await),
        (-10, 10, stop(app, (Side::Buy, 10), 2_000).await),
        (-5, 5, limit(app, Side::Sell, 10, 2_000).await),
    ] {
        let case = format!("{held} {resting:?}");
        came_to(app, owner, target(held, 0)).await.unwrap();
        let resting = rests(app, owner, resting).await;
        let came_to = came_to(app, owner, target(0, 0)).await;
        assert_eq!(came_to, Ok(exit), "{case}");
        assert_eq!(left(app, owner).await, (0, 0), "{case}");
        let found = app.orders().find(owner.id, &resting.public_id()).await;
        let status = found.unwrap().unwrap().status();
        assert_eq!(status, OrderStatus::Cancelled, "{case}");
    }
}

#[tokio::test]
async fn on_paper_zero_is_reached_past_what_rests() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    to_zero_whatever_rests(&app, &owner).await;
    // What rested was the trade: it is taken back, and no other is made of it.
    let entry = limit(&app, Side::Buy, 10, -2_000).await;
    rests(&app, &owner, entry).await;
    assert_eq!(came_to(&app, &owner, target(0, 7)).await, Err(NOTHING));
    assert_eq!(left(&app, &owner).await, (0, 0));
    // To another target what rests counts.
    let entry = limit(&app, Side::Buy, 10, -2_000).await;
    rests(&app, &owner, entry).await;
    assert_eq!(came_to(&app, &owner, target(10, 0)).await, Err(MATCHED));
    assert_eq!(left(&app, &owner).await, (0, 1));
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn at_a_broker_zero_is_reached_past_what_rests() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    to_zero_whatever_rests(&app, &owner).await;
    app.close().await;
}

/// A limit or a halt keeps nobody in a position.
#[tokio::test]
async fn to_zero_passes_limits_and_a_halt() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let by = Author {
        user: Some(owner.id),
        surface: Surface::Embedded,
    };
    let orders = app.orders();
    orders.place(owner.id, market(Side::Buy, 8)).await.unwrap();
    let entry = limit(&app, Side::Buy, 5, -2_000).await;
    rests(&app, &owner, entry).await;
    let change = LimitChange::OrderQuantity(Some(3.try_into().unwrap()));
    let risk = app.risk();
    risk.change_limit(owner.id, change, by).await.unwrap();
    let reason = "enough for today".parse().unwrap();
    risk.halt(owner.id, reason, by).await.unwrap();
    assert_eq!(came_to(&app, &owner, target(0, 0)).await, Ok(-8));
    assert_eq!(left(&app, &owner).await, (0, 0));
    app.close().await;
}

#[tokio::test]
async fn fifty_alerts_at_once_reach_the_target_once() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let alerts = (0..50).map(|_| came_to(&app, &owner, target(10, 10)));
    let outcomes = futures_util::future::join_all(alerts).await;
    let placed: Vec<_> = outcomes.iter().filter(|outcome| outcome.is_ok()).collect();
    assert_eq!(placed, [&Ok(10)]);
    let portfolio = app.portfolio();
    let standing = portfolio.standing(owner.id, reliance(), Product::Mis).await;
    assert_eq!(standing.unwrap().held.get(), 10);
    app.close().await;
}

/// The position may hold an order already whose answer was lost: nobody guesses.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_found_out_before_the_next_step() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    exchange.behaves(Manner::AnswerLost);
    exchange.change(|ledger| ledger.hides_orders = true);
    let lost = app.orders().place(owner.id, market(Side::Buy, 10)).await;
    let lost = lost.unwrap().order;
    exchange.behaves(Manner::Plain);
    let error = app.orders().smart(owner.id, target(10, 1)).await;
    let error = error.unwrap_err();
    let SmartOrderError::Unsettled(order) = &error else {
        panic!("{error}");
    };
    assert_eq!(*order, lost.public_id());
    exchange.change(|ledger| ledger.hides_orders = false);
    assert_eq!(came_to(&app, &owner, target(10, 1)).await, Err(MATCHED));
    app.close().await;
}

/// An order whose answer is on its way may be in the position as well as under way.
#[tokio::test(start_paused = true)]
async fn an_order_in_flight_is_waited_for() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    exchange.behaves(Manner::AnswerLost);
    let plain = app.orders().place(owner.id, market(Side::Buy, 10));
    let smart = async {
        while exchange.count() == 0 {
            tokio::task::yield_now().await;
        }
        came_to(&app, &owner, target(10, 1)).await
    };
    let (plain, smart) = tokio::join!(plain, smart);
    plain.unwrap();
    assert_eq!(smart, Err(MATCHED));
    assert_eq!(exchange.change(|ledger| ledger.orders.len()), 1);
    app.close().await;
}

#[tokio::test]
async fn the_same_smart_order_again_is_the_first_one() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let mut smart = target(10, 10);
    smart.order.client_order_id = Some(ClientOrderId::try_new("alert-1").unwrap());
    let place = async || app.orders().smart(owner.id, smart.clone()).await.unwrap();
    let SmartOutcome::Placed(first) = place().await else {
        panic!("no order");
    };
    came_to(&app, &owner, target(3, 0)).await.unwrap();
    let SmartOutcome::Placed(again) = place().await else {
        panic!("no order");
    };
    assert!(again.replayed);
    assert_eq!(again.order.id, first.order.id);
    app.close().await;
}

#[tokio::test]
async fn a_symbol_that_does_not_exist_is_not_a_flat_position() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let mut smart = target(0, 0);
    smart.order.instrument.symbol = "RELIANSE".parse().unwrap();
    let error = app.orders().smart(owner.id, smart).await.unwrap_err();
    assert_eq!(error.to_string(), "Symbol RELIANSE not found on NSE");
    app.close().await;
}
