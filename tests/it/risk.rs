//! The kill switch: while it is on, nothing is placed and everything can be cancelled.

use crate::world::{World, limit, market};
use openalgo::core::account::User;
use openalgo::core::id::ClientOrderId;
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{NewOrder, OrderStatus, Side};
use openalgo::engine::HaltedError;
use openalgo::engine::service::PlaceOrderError;
use openalgo_core::port::Clock;

pub(crate) fn by(user: &User) -> Author {
    Author {
        user: Some(user.id),
        surface: Surface::Embedded,
    }
}

#[tokio::test]
async fn a_halted_user_places_nothing_and_cancels_what_rests() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let order = limit(&app, Side::Buy, 1, -200).await;
    let resting = app.orders().place(owner.id, order).await.unwrap().order;
    let reason = "prices look wrong".parse().unwrap();
    let halt = app.risk().halt(owner.id, reason, by(&owner)).await.unwrap();
    assert_eq!(halt.since, world.clock.now());

    let refused = app.orders().place(owner.id, market(Side::Sell, 1)).await;
    let Err(PlaceOrderError::Halted(HaltedError::Halted(met, _))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(met, halt);
    assert_eq!(app.orders().list(owner.id, 9).await.unwrap().len(), 1);
    let id = resting.public_id();
    let cancelled = app.orders().cancel(owner.id, &id).await.unwrap();
    assert_eq!(cancelled.status(), OrderStatus::Cancelled);

    assert!(app.risk().resume(owner.id, by(&owner)).await.unwrap());
    app.orders()
        .place(owner.id, market(Side::Buy, 1))
        .await
        .unwrap();
    app.close().await;
}

#[tokio::test]
async fn a_halt_outlives_the_program() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let reason = "restored".parse().unwrap();
    let halt = app.risk().halt(owner.id, reason, by(&owner)).await.unwrap();
    app.close().await;

    let app = world.open().await;
    assert_eq!(app.risk().status(owner.id).await.unwrap(), Some(halt));
    let refused = app.orders().place(owner.id, market(Side::Buy, 1)).await;
    assert!(matches!(refused, Err(PlaceOrderError::Halted(_))));
    assert!(app.risk().resume(owner.id, by(&owner)).await.unwrap());
    app.close().await;

    let app = world.open().await;
    app.orders()
        .place(owner.id, market(Side::Buy, 1))
        .await
        .unwrap();
    app.close().await;
}

#[tokio::test]
async fn the_first_halt_stands_and_ends_once() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let risk = app.risk();
    assert_eq!(risk.status(owner.id).await.unwrap(), None);
    assert!(!risk.resume(owner.id, by(&owner)).await.unwrap());
    let first = risk
        .halt(owner.id, "first".parse().unwrap(), by(&owner))
        .await
        .unwrap();
    world.clock.advance(chrono::Duration::minutes(5));
    let second = risk
        .halt(owner.id, "second".parse().unwrap(), by(&owner))
        .await
        .unwrap();
    assert_eq!(second, first);
    assert!(risk.resume(owner.id, by(&owner)).await.unwrap());
    assert!(!risk.resume(owner.id, by(&owner)).await.unwrap());
    app.close().await;
}

/// Repeating an order is a question about the first one, which was answered.
#[tokio::test]
async fn an_order_placed_before_the_halt_is_still_answered_again() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let order = NewOrder {
        client_order_id: Some(ClientOrderId::try_new("morning-1").unwrap()),
        ..market(Side::Buy, 1)
    };
    let first = app.orders().place(owner.id, order.clone()).await.unwrap();
    let reason = "enough".parse().unwrap();
    app.risk().halt(owner.id, reason, by(&owner)).await.unwrap();
    let again = app.orders().place(owner.id, order).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.order.id, first.order.id);
    app.close().await;
}

/// Only a plain 0 is off: whatever else stands in the file, no order is placed until somebody
/// has decided.
#[tokio::test]
async fn a_damaged_switch_refuses_orders_until_it_is_lifted() {
    let world = World::new();
    let (mut app, owner) = world.open_with_owner().await;
    for (cells, column) in [
        ("kill_switch = 2", "kill_switch"),
        ("kill_switch = 'off'", "kill_switch"),
        ("kill_reason = NULL", "kill_reason"),
        ("kill_since = 'soon'", "kill_since"),
    ] {
        let reason = "enough".parse().unwrap();
        app.risk().halt(owner.id, reason, by(&owner)).await.unwrap();
        world
            .damage(app, &format!("UPDATE risk_limits SET {cells}"))
            .await;
        app = world.open().await;
        let refused = app.orders().place(owner.id, market(Side::Buy, 1)).await;
        let Err(PlaceOrderError::Halted(HaltedError::Unreadable(cause))) = refused else {
            panic!("{cells}: {refused:?}");
        };
        assert!(cause.to_string().contains(column), "{cause}");
        let report = app.check().await.unwrap();
        let findings: Vec<_> = report.findings().collect();
        let [("values", finding)] = findings[..] else {
            panic!("{cells}: {findings:?}");
        };
        let named = format!("risk_limits.{column} of row 1 is damaged");
        assert!(finding.starts_with(&named), "{finding}");

        assert!(app.risk().resume(owner.id, by(&owner)).await.unwrap());
        let order = market(Side::Buy, 1);
        app.orders().place(owner.id, order).await.unwrap();
        assert!(app.check().await.unwrap().is_sound());
    }
    app.close().await;
}
