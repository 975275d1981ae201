//! Orders of days that are over.

use super::unstored::Told;
use super::{FakeBroker, Way, again, open, place};
use crate::in_memory::{Place, traded};
use crate::world::{World, market};
use chrono::Duration;
use openalgo::core::market::Exchange;
use openalgo::core::order::{NewOrder, OrderState, OrderStatus, Side};
use openalgo::core::port::{BrokerSession, StatusReport};
use openalgo::core::value::Quantity;
use openalgo::engine::Settlement;
use openalgo_core::testing::sample;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio::time::{advance, sleep};

/// The book of the next day has none of them, and ids return.
#[tokio::test(start_paused = true)]
async fn an_order_of_an_earlier_day_comes_to_an_end() {
    let world = World::new();
    let broker = FakeBroker::new(&world, true, Way::Answered);
    let (app, owner) = open(&world, &broker).await;
    let rested = place(&app, &owner).await;
    let filled = place(&app, &owner).await;
    *broker.way.lock().unwrap() = Way::OrderLost;
    let lost = place(&app, &owner).await;
    world.clock.advance(Duration::days(1));
    broker.change(|book| {
        book.orders.remove(0);
        book.orders[0].status = OrderStatus::Complete;
        book.orders[0].filled = Quantity::ONE;
        book.orders[0].average = "1450.5".parse().unwrap();
    });
    let brokers = app.brokers();
    brokers.connect(owner.id, broker.session()).await.unwrap();
    app.reconcile().await.unwrap();
    let rested = again(&app, &owner, &rested).await;
    assert_eq!(rested.status(), OrderStatus::Cancelled);
    let why = rested.state.message().unwrap();
    assert!(why.contains("its day is over"), "{why}");
    let filled = again(&app, &owner, &filled).await;
    assert_eq!(filled.status(), OrderStatus::Complete);
    // No book of today tells of it.
    let lost = again(&app, &owner, &lost).await;
    assert!(matches!(lost.state, OrderState::Unconfirmed { .. }));
    let id = lost.intent.id.local_order_id();
    let never = Settlement::NeverArrived;
    app.orders().settle(owner.id, &id, never).await.unwrap();
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn where_no_book_is_shown_its_day_ends_it_too() {
    let world = World::new();
    let broker = FakeBroker::new(&world, true, Way::Answered);
    let (app, owner) = open(&world, &broker).await;
    let session = || BrokerSession {
        order_book: None,
        ..broker.session()
    };
    let brokers = app.brokers();
    brokers.connect(owner.id, session()).await.unwrap();
    let rested = app.orders().place(owner.id, market(Side::Buy, 1)).await;
    let rested = rested.unwrap().order;
    app.reconcile().await.unwrap();
    assert_eq!(
        again(&app, &owner, &rested).await.status(),
        OrderStatus::Open
    );
    world.clock.advance(Duration::days(1));
    brokers.connect(owner.id, session()).await.unwrap();
    app.reconcile().await.unwrap();
    let rested = again(&app, &owner, &rested).await;
    assert_eq!(rested.status(), OrderStatus::Cancelled);
    app.close().await;
}

/// What a broker says today about an id is not about the order that had it yesterday.
#[tokio::test(start_paused = true)]
async fn a_report_of_today_is_about_no_order_of_yesterday() {
    let (tell, told) = mpsc::channel(1);
    let broker = FakeBroker::new(&World::new(), true, Way::Answered);
    let place = Place::new(vec![broker.session()]).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let order = NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(1));
    let order = orders.place(owner, order).await.unwrap().order;
    advance(std::time::Duration::from_hours(24)).await;
    // So that the order is not ended before.
    broker.change(|book| {
        book.complete = false;
        book.orders.clear();
    });
    let session = BrokerSession {
        order_updates: Some(Arc::new(Told(Mutex::new(Some(told))))),
        ..broker.session()
    };
    engine.brokers().connect(owner, session).await.unwrap();
    let report = StatusReport {
        user: owner,
        broker: order.intent.broker.clone(),
        broker_order_id: "B-1".parse().unwrap(),
        status: OrderStatus::Complete,
        filled: Quantity::ONE,
        average: "100".parse().unwrap(),
        at: engine.now(),
    };
    tell.send(report).await.unwrap();
    sleep(std::time::Duration::from_secs(1)).await;
    let known = orders.find(owner, &order.intent.id.local_order_id()).await;
    assert_eq!(known.unwrap().unwrap().status(), OrderStatus::Open);
    engine.stop().await;
}
