//! Delivery on paper: what is bought becomes a holding overnight, and is sold from there.

use crate::world::{World, market};
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::order::{NewOrder, Product, Side};
use openalgo::core::paper::MovementKind;
use openalgo::core::value::Money;
use openalgo_core::port::Clock;

fn delivery(side: Side, quantity: i64) -> NewOrder {
    NewOrder {
        product: Product::Cnc,
        ..market(side, quantity)
    }
}

async fn order(app: &OpenAlgo, owner: &User, order: NewOrder) {
    app.orders().place(owner.id, order).await.unwrap();
}

async fn is_sound(app: &OpenAlgo) {
    let report = app.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

/// What is held and what rests, in units.
async fn units(app: &OpenAlgo, owner: &User) -> (i64, i64) {
    let portfolio = app.portfolio();
    let positions = portfolio.positions(owner.id).await.unwrap();
    let holdings = portfolio.holdings(owner.id).await.unwrap();
    (
        positions.iter().map(|it| it.position.quantity.get()).sum(),
        holdings.iter().map(|it| it.quantity.get()).sum(),
    )
}

#[tokio::test(start_paused = true)]
async fn what_is_bought_becomes_a_holding_once_also_while_the_program_is_off() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    order(&app, &owner, delivery(Side::Buy, 10)).await;
    assert_eq!(units(&app, &owner).await, (10, 0));
    app.close().await;
    world.clock.advance(Duration::days(3));
    let app = world.open().await;
    assert_eq!(units(&app, &owner).await, (0, 10));
    is_sound(&app).await;
    let funds = app.paper().funds(owner.id).await.unwrap().funds;
    assert_eq!(funds.used_margin, Money::ZERO);

    order(&app, &owner, delivery(Side::Sell, 4)).await;
    assert_eq!(units(&app, &owner).await, (0, 6));
    let sold = app.paper().funds(owner.id).await.unwrap().funds;
    assert!(sold.available > funds.available, "the proceeds are free");
    assert!(
        !sold.realized_pnl.is_zero(),
        "booked against what they cost"
    );
    app.close().await;

    let app = world.open().await;
    world.clock.advance(Duration::days(1));
    app.catch_up().await.unwrap();
    assert_eq!(units(&app, &owner).await, (0, 6));
    let moved = app.paper().movements(owner.id, 10).await.unwrap();
    let kinds: Vec<_> = moved.iter().map(|it| (it.kind, it.units.get())).collect();
    assert_eq!(
        kinds,
        [(MovementKind::Withdrawn, 4), (MovementKind::Delivered, -10)]
    );
    is_sound(&app).await;
}

/// Thirty days of a program that runs: each night delivers once, each Saturday begins anew.
#[tokio::test(start_paused = true)]
async fn a_month_has_its_nights_and_its_resets() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let settings = app.settings();
    settings
        .set(SettingKey::ResetDay, "Saturday")
        .await
        .unwrap();
    settings.set(SettingKey::ResetTime, "08:00").await.unwrap();
    let (mut resets, mut held) = (0, 0);
    for day in 0..30 {
        order(&app, &owner, delivery(Side::Buy, 1)).await;
        let weekday = world.clock.now().to_ist().format("%a").to_string();
        let before = app.paper().funds(owner.id).await.unwrap().funds.reset_count;
        assert_eq!(before, resets, "{weekday} {day}");
        for _ in 0..24 {
            world.clock.advance(Duration::hours(1));
            app.catch_up().await.unwrap();
        }
        held += 1;
        if weekday == "Fri" {
            (resets, held) = (resets + 1, 0);
        }
        assert_eq!(units(&app, &owner).await, (0, held), "{weekday} {day}");
    }
    assert_eq!(resets, 4);
    is_sound(&app).await;
}
