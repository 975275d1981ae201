//! A data folder whose paper account was ahead of the true time, and is opened with that.

use crate::world::{MORNING, World, market};
use openalgo::core::account::User;
use openalgo::core::market::Timestamp;
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{NewOrder, OrderStatus, Product, Side};
use openalgo::core::port::Clock;
use openalgo::{HoursRule, OpenAlgo};
use openalgo_core::testing::FakeClock;

/// An intraday order.
fn intraday(side: Side, quantity: i64) -> NewOrder {
    NewOrder {
        product: Product::Mis,
        ..market(side, quantity)
    }
}

async fn opened(world: &World, clock: Option<&str>) -> OpenAlgo {
    let clock = clock.map(|at| FakeClock::at(at).now());
    let ahead = openalgo::World {
        clock,
        ..openalgo::World::default()
    };
    let builder = world.builder().market_hours(HoursRule::Bind).world(ahead);
    builder.open().await.unwrap()
}

/// What is held, and when the account changed last.
async fn held(app: &OpenAlgo, user: &User) -> (i64, Timestamp) {
    let positions = app.portfolio().positions(user.id).await.unwrap();
    let held = positions.first().map_or(0, |it| it.position.quantity.get());
    let orders = app.orders().list(user.id, 1).await.unwrap();
    (held, orders[0].intent.at)
}

#[tokio::test]
async fn it_goes_on_at_the_true_time() {
    let world = World::new();
    let app = opened(&world, Some("2026-12-07T16:30:00+05:30")).await;
    let owner = app.set_up_owner().await.unwrap().user;
    let by = Author {
        user: Some(owner.id),
        surface: Surface::Cli,
    };
    app.paper().reset(owner.id, by).await.unwrap();
    app.close().await;

    let app = opened(&world, None).await;
    let placed = app
        .orders()
        .place(owner.id, intraday(Side::Buy, 10))
        .await
        .unwrap();
    assert_eq!(placed.order.status(), OrderStatus::Complete);
    let (units, at) = held(&app, &owner).await;
    assert_eq!((units, at.to_ist().to_rfc3339()), (10, MORNING.to_owned()));
    // The intraday position ends today, and not in two weeks.
    world.clock.advance(chrono::Duration::hours(5));
    app.catch_up().await.unwrap();
    let (units, at) = held(&app, &owner).await;
    let today = world.clock.now().to_ist().date_naive();
    assert_eq!((units, at.to_ist().date_naive()), (0, today));
    app.close().await;
}

/// The figures of a day that is yet to come are not those of today.
#[tokio::test]
async fn its_day_begins_anew() {
    let world = World::new();
    let app = opened(&world, Some("2026-12-07T10:30:00+05:30")).await;
    let owner = app.set_up_owner().await.unwrap().user;
    for side in [Side::Buy, Side::Sell] {
        let placed = app.orders().place(owner.id, intraday(side, 10)).await;
        placed.unwrap();
    }
    let funds = |app: OpenAlgo| async move {
        let funds = app.paper().funds(owner.id).await.unwrap().funds;
        app.close().await;
        funds
    };
    let ahead = funds(app).await;
    assert!(!ahead.today_realized_pnl.is_zero(), "the spread is lost");
    let now = funds(opened(&world, None).await).await;
    assert!(now.today_realized_pnl.is_zero());
    assert_eq!(now.realized_pnl, ahead.realized_pnl);
}
