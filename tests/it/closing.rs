//! Closing positions: an exit only reduces, whatever else is under way.

use crate::exchange::{Exchange, Manner, open_at};
use crate::world::{World, limit, market, reliance};
use openalgo::OpenAlgo;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::{ClientOrderId, OrderId};
use openalgo::core::market::{Exchange as Bourse, InstrumentKey, Symbol};
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{NewOrder, OrderKind, OrderStatus, Product, Side, TradingMode};
use openalgo::engine::service::{ClosePositionError, Closing, ExitOrigin, Placed};

fn infy() -> InstrumentKey {
    InstrumentKey::new(Bourse::Nse, Symbol::try_new("INFY").unwrap())
}

async fn place(app: &OpenAlgo, owner: &User, order: NewOrder) -> Placed {
    app.orders().place(owner.id, order).await.unwrap()
}

async fn close(app: &OpenAlgo, owner: &User) -> Result<Placed, ClosePositionError> {
    let slot = (reliance(), Product::Mis);
    app.orders().close(owner.id, slot, ExitOrigin::api()).await
}

async fn held(app: &OpenAlgo, owner: &User) -> i64 {
    let portfolio = app.portfolio();
    let standing = portfolio.standing(owner.id, reliance(), Product::Mis).await;
    standing.unwrap().held.get()
}

fn named(id: &str) -> ExitOrigin {
    ExitOrigin {
        client_order_id: Some(ClientOrderId::try_new(id).unwrap()),
        ..ExitOrigin::api()
    }
}

#[tokio::test]
async fn a_position_is_closed_at_the_market_in_its_own_product() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    for (side, exit) in [(Side::Buy, Side::Sell), (Side::Sell, Side::Buy)] {
        place(&app, &owner, market(side, 10)).await;
        let order = close(&app, &owner).await.unwrap().order;
        let asked = &order.intent.order;
        assert_eq!((asked.side, asked.quantity.get()), (exit, 10));
        assert_eq!(
            (asked.kind, asked.product),
            (OrderKind::Market, Product::Mis)
        );
        assert_eq!(order.status(), OrderStatus::Complete);
        assert_eq!(held(&app, &owner).await, 0);
    }
    let nothing = close(&app, &owner).await.unwrap_err();
    assert_eq!(nothing.to_string(), "No open position found for RELIANCE");
    app.close().await;
}

/// A resting exit would sell what is not there any more.
#[tokio::test]
async fn resting_exits_are_cancelled_first_and_entries_stay() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    place(&app, &owner, market(Side::Buy, 10)).await;
    let order = limit(&app, Side::Sell, 10, 2_000).await;
    let target = place(&app, &owner, order).await.order;
    let order = limit(&app, Side::Buy, 5, -2_000).await;
    let entry = place(&app, &owner, order).await.order;
    let exit = close(&app, &owner).await.unwrap().order;
    assert_eq!(exit.intent.order.quantity.get(), 10);
    let status = async |id: String| {
        let found = app.orders().find(owner.id, &id).await.unwrap();
        found.unwrap().status()
    };
    assert_eq!(status(target.public_id()).await, OrderStatus::Cancelled);
    assert_eq!(status(entry.public_id()).await, OrderStatus::Open);
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

#[tokio::test]
async fn many_exits_at_once_close_a_position_once() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    place(&app, &owner, market(Side::Buy, 10)).await;
    let exits = (0..20).map(|_| close(&app, &owner));
    let outcomes = futures_util::future::join_all(exits).await;
    let placed = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(placed, 1);
    let is_nothing =
        |outcome: &Result<_, _>| matches!(outcome, Ok(_) | Err(ClosePositionError::NothingHeld(_)));
    assert!(outcomes.iter().all(is_nothing), "{outcomes:?}");
    assert_eq!(held(&app, &owner).await, 0);
    app.close().await;
}

/// Plain orders take no claim, and the exit still does not cross zero.
#[tokio::test]
async fn an_exit_among_plain_orders_never_crosses_zero() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    place(&app, &owner, market(Side::Buy, 40)).await;
    // One after the other while the exit is on its way.
    let plain = (0..30).map(async |pauses| {
        for _ in 0..pauses {
            tokio::task::yield_now().await;
        }
        place(&app, &owner, market(Side::Sell, 1)).await;
    });
    let plain = futures_util::future::join_all(plain);
    let (exit, _) = tokio::join!(close(&app, &owner), plain);
    let exit = exit.unwrap().order;
    let orders = app.orders().list(owner.id, 100).await.unwrap();
    // In the order in which the account took them.
    let mut position = 0;
    for order in orders.iter().rev() {
        let asked = &order.intent.order;
        let units = asked.quantity.get();
        if order.id == exit.id {
            assert!(position >= units, "{position} held, {units} sold");
        }
        position += if asked.side == Side::Buy {
            units
        } else {
            -units
        };
    }
    app.close().await;
}

/// The orders of closings, and whether they were there before.
fn ids(closings: &[Closing]) -> Vec<(OrderId, bool)> {
    let placed = closings.iter().map(|it| it.outcome.as_ref().unwrap());
    let mut ids: Vec<_> = placed.map(|it| (it.order.id, it.replayed)).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn everything_is_closed_and_each_outcome_is_told() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let orders = app.orders();
    let none = orders.close_all(owner.id, named("evening")).await.unwrap();
    assert!(none.is_empty());
    place(&app, &owner, market(Side::Buy, 10)).await;
    let delivery = NewOrder {
        product: Product::Cnc,
        ..NewOrder::market(infy(), Side::Buy, 3.try_into().unwrap())
    };
    place(&app, &owner, delivery).await;
    let closings = orders.close_all(owner.id, named("evening")).await.unwrap();
    let mut told: Vec<_> = closings
        .iter()
        .map(|closing| {
            let order = &closing.outcome.as_ref().unwrap().order;
            let asked = &order.intent.order;
            (
                closing.instrument.symbol.to_string(),
                closing.product,
                asked.quantity.get(),
                order.status(),
            )
        })
        .collect();
    told.sort();
    let complete = OrderStatus::Complete;
    assert_eq!(
        told,
        [
            ("INFY".to_owned(), Product::Cnc, 3, complete),
            ("RELIANCE".to_owned(), Product::Mis, 10, complete),
        ]
    );
    // Sent again, it is answered as it was, with what is not held any more.
    let again = orders.close_all(owner.id, named("evening")).await.unwrap();
    let expected: Vec<_> = ids(&closings)
        .into_iter()
        .map(|(id, _)| (id, true))
        .collect();
    assert_eq!(ids(&again), expected);
    // What is held anew was closed with this id before.
    place(&app, &owner, market(Side::Buy, 10)).await;
    let again = orders.close_all(owner.id, named("evening")).await.unwrap();
    assert_eq!(ids(&again), expected);
    assert_eq!(held(&app, &owner).await, 10);
    app.close().await;
}

#[tokio::test]
async fn the_same_exit_again_is_the_first_one_and_another_is_a_conflict() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    place(&app, &owner, market(Side::Buy, 10)).await;
    let orders = app.orders();
    let slot = || (reliance(), Product::Mis);
    let first = orders
        .close(owner.id, slot(), named("out-1"))
        .await
        .unwrap();
    let again = orders
        .close(owner.id, slot(), named("out-1"))
        .await
        .unwrap();
    assert!(again.replayed);
    assert_eq!(again.order, first.order);
    let other = orders.close(owner.id, (infy(), Product::Mis), named("out-1"));
    let other = other.await.unwrap_err();
    assert!(other.to_string().contains("out-1"), "{other}");
    app.close().await;
}

/// Whoever stopped all trading wants to get out.
#[tokio::test]
async fn a_halt_keeps_nobody_in_a_position() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    place(&app, &owner, market(Side::Buy, 10)).await;
    let by = Author {
        user: Some(owner.id),
        surface: Surface::Embedded,
    };
    let reason = "enough".parse().unwrap();
    app.risk().halt(owner.id, reason, by).await.unwrap();
    let more = app.orders().place(owner.id, market(Side::Sell, 11)).await;
    assert!(more.is_err());
    place(&app, &owner, market(Side::Sell, 4)).await;
    close(&app, &owner).await.unwrap();
    assert_eq!(held(&app, &owner).await, 0);
    app.close().await;
}

/// What is bought by hand counts; what the broker does not cancel is left to take off its part.
#[tokio::test(start_paused = true)]
async fn at_a_broker_an_exit_leaves_what_it_cannot_cancel() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    exchange.change(|ledger| ledger.trade((reliance(), Product::Mis), Side::Buy, 30));
    let order = limit(&app, Side::Sell, 10, 2_000).await;
    let stays = place(&app, &owner, order).await.order;
    exchange.change(|ledger| ledger.refuses_cancels = true);
    let exit = close(&app, &owner).await.unwrap().order;
    assert_eq!(exit.intent.order.quantity.get(), 20);
    assert_eq!(exit.intent.mode, TradingMode::Live);
    assert_eq!(held(&app, &owner).await, 10);

    let rest = close(&app, &owner).await.unwrap_err();
    let ClosePositionError::InTheWay(orders) = rest else {
        panic!("{rest}");
    };
    assert_eq!(orders, [stays.public_id()]);

    exchange.change(|ledger| ledger.refuses_cancels = false);
    close(&app, &owner).await.unwrap();
    assert_eq!(held(&app, &owner).await, 0);
    app.close().await;
}

/// What somebody placed at the broker by hand stays there, and is told of.
#[tokio::test(start_paused = true)]
async fn orders_that_were_not_placed_here_stay_and_are_named() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    place(&app, &owner, market(Side::Buy, 10)).await;
    exchange.behaves(Manner::Rests);
    place(&app, &owner, market(Side::Sell, 1)).await;
    exchange.change(|ledger| {
        let mut by_hand = ledger.orders[1].clone();
        by_hand.broker_order_id = "HAND-1".parse().unwrap();
        by_hand.tag = None;
        ledger.orders.push(by_hand);
    });
    exchange.behaves(Manner::Plain);
    close(&app, &owner).await.unwrap();
    let others = app.orders().others_resting(owner.id).await.unwrap();
    let ids: Vec<_> = others
        .iter()
        .map(|it| it.broker_order_id.as_str())
        .collect();
    assert_eq!(ids, ["HAND-1"]);
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    let others = app.orders().others_resting(owner.id).await.unwrap();
    assert!(others.is_empty());
    app.close().await;
}

/// An exit whose answer was lost is under way: a second one does not sell the same units again.
#[tokio::test(start_paused = true)]
async fn an_exit_whose_answer_was_lost_is_not_made_twice() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    place(&app, &owner, market(Side::Buy, 10)).await;
    exchange.behaves(Manner::OrderLost);
    let lost = close(&app, &owner).await.unwrap().order;
    assert_eq!(lost.status(), OrderStatus::Pending);
    exchange.behaves(Manner::Plain);
    let second = close(&app, &owner).await.unwrap_err();
    assert!(second.to_string().contains(&lost.public_id()), "{second}");
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn everything_at_a_broker_is_closed_there_and_nothing_on_paper() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    place(&app, &owner, market(Side::Buy, 5)).await;
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    exchange.change(|ledger| {
        ledger.trade((reliance(), Product::Mis), Side::Sell, 30);
        ledger.trade((infy(), Product::Cnc), Side::Buy, 2);
    });
    let closings = app.orders().close_all(owner.id, ExitOrigin::api()).await;
    let closings = closings.unwrap();
    assert_eq!(closings.len(), 2);
    assert!(closings.iter().all(|closing| closing.outcome.is_ok()));
    let left: Vec<i64> = exchange.change(|ledger| ledger.positions.values().copied().collect());
    assert_eq!(left, [0, 0]);
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    assert_eq!(held(&app, &owner).await, 5);
    app.close().await;
}
