//! Intraday positions on a market of which only the present price is known, when the program is on
//! again too late, or nobody looks at the market.

use crate::in_memory::{Place, traded};
use openalgo::brokers::calendar_file;
use openalgo::core::market::{Exchange, MarketHours, TimeOfDay, Timestamp};
use openalgo::core::order::{NewOrder, Order, OrderStatus, Side};
use openalgo::core::paper::{Movement, MovementKind};
use openalgo::core::value::Money;
use openalgo::engine::{Engine, EngineConfig};
use openalgo_core::testing::sample::{money, units};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::advance;

/// A calendar without holidays, one of which the day would be.
const HOURS: &str = "\
date,type,description,closed,open
2020-01-01,HOURS,Hours of the exchange,,NSE 09:15-15:30
";

/// An engine that keeps the hours of the exchanges.
async fn start(place: &Place) -> Engine {
    let mut ports = place.ports();
    let calendar = calendar_file::parse(HOURS).unwrap();
    ports.market.hours = MarketHours::Bind(Arc::new(calendar));
    place.start_on(ports, EngineConfig::default()).await
}

/// Ten bought at a hundred rupees; then the price is another one, and the program comes back at a
/// time of the same day or a later one.
async fn back_at(time: &str) -> (Place, Engine) {
    let place = Place::new(Vec::new()).await;
    let engine = start(&place).await;
    let bought = NewOrder::market(traded(Exchange::Nse), Side::Buy, units(10));
    let placed = engine.orders().place(place.owner.id, bought).await.unwrap();
    assert_eq!(placed.order.status(), OrderStatus::Complete);
    let now = engine.now();
    engine.stop().await;
    place.price("110");
    let back = Timestamp::of_ist(time.parse().unwrap());
    let off = back.since(now).to_std().unwrap();
    advance(off.saturating_sub(Duration::from_millis(1))).await;
    let engine = start(&place).await;
    (place, engine)
}

async fn last_order(place: &Place, engine: &Engine) -> Order {
    let orders = engine.orders().list(place.owner.id, 1).await.unwrap();
    orders.into_iter().next().unwrap()
}

async fn movements(place: &Place, engine: &Engine) -> Vec<Movement> {
    engine.paper().movements(place.owner.id, 10).await.unwrap()
}

async fn realized(place: &Place, engine: &Engine) -> (Money, Money) {
    let funds = engine.paper().funds(place.owner.id).await.unwrap().funds;
    assert_eq!(funds.used_margin, money("0"));
    (funds.realized_pnl, funds.today_realized_pnl)
}

#[tokio::test(start_paused = true)]
async fn later_on_the_same_day_they_are_closed_by_an_order_at_the_present_price() {
    let (place, engine) = back_at("2026-11-24T15:20:00").await;
    let order = last_order(&place, &engine).await;
    let strategy = order.intent.order.strategy.as_deref();
    assert_eq!(strategy, Some("AUTO_SQUARE_OFF"));
    assert_eq!(TimeOfDay::at(order.intent.at).to_string(), "15:19");
    let hundred = money("100");
    assert_eq!(realized(&place, &engine).await, (hundred, hundred));
    assert_eq!(movements(&place, &engine).await, []);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn before_the_exchange_opens_again_they_are_settled_at_its_last_price() {
    let (place, engine) = back_at("2026-11-25T08:00:00").await;
    let moved = movements(&place, &engine).await;
    assert_eq!(moved.len(), 1);
    assert_eq!(
        (moved[0].kind, moved[0].cash),
        (MovementKind::Settled, money("1100"))
    );
    let yesterdays = (money("100"), Money::ZERO);
    assert_eq!(realized(&place, &engine).await, yesterdays);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn once_it_has_they_are_settled_at_the_last_price_that_the_account_saw() {
    let (place, engine) = back_at("2026-11-25T11:00:00").await;
    let moved = movements(&place, &engine).await;
    assert_eq!((moved.len(), moved[0].cash), (1, money("1000")));
    assert_eq!(realized(&place, &engine).await.0, Money::ZERO);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_due_is_done_before_an_order_though_nobody_looks_at_the_market() {
    let place = Place::new(Vec::new()).await;
    let engine = start(&place).await;
    let owner = place.owner.id;
    let order = |side| NewOrder::market(traded(Exchange::Nse), side, units(10));
    engine
        .orders()
        .place(owner, order(Side::Buy))
        .await
        .unwrap();
    let later = Timestamp::of_ist("2026-11-24T15:20:00".parse().unwrap());
    advance(later.since(engine.now()).to_std().unwrap()).await;
    place.price("110");
    let late = engine.orders().place(owner, order(Side::Sell)).await;
    let late = late.unwrap_err().to_string();
    assert!(late.contains("after square-off time"), "{late}");
    let closed = last_order(&place, &engine).await;
    let strategy = closed.intent.order.strategy.as_deref();
    assert_eq!(strategy, Some("AUTO_SQUARE_OFF"));
    assert_eq!(realized(&place, &engine).await.0, money("100"));
    engine.stop().await;
}
