//! The same client order id is the same order.

mod requests;

use crate::world::{World, market};
use chrono::Duration;
use openalgo::core::order::{NewOrder, Side};
use openalgo::engine::service::PlaceOrderError;
use std::sync::Arc;

fn named(id: &str, quantity: i64) -> NewOrder {
    NewOrder {
        client_order_id: Some(id.parse().unwrap()),
        ..market(Side::Buy, quantity)
    }
}

#[tokio::test]
async fn the_same_order_twice_is_one_order_also_after_a_restart() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let first = app.orders().place(owner.id, named("a", 1)).await.unwrap();
    let second = app.orders().place(owner.id, named("a", 1)).await.unwrap();
    assert!(!first.replayed && second.replayed);
    assert_eq!(first.order, second.order);
    app.close().await;
    let app = world.open().await;
    let third = app.orders().place(owner.id, named("a", 1)).await.unwrap();
    assert!(third.replayed);
    assert_eq!(app.orders().list(owner.id, 10).await.unwrap().len(), 1);
    app.close().await;
}

#[tokio::test]
async fn another_order_under_a_used_id_is_a_conflict() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    app.orders().place(owner.id, named("a", 1)).await.unwrap();
    let conflict = app.orders().place(owner.id, named("a", 2)).await;
    assert!(matches!(conflict, Err(PlaceOrderError::Conflict { .. })));
    assert_eq!(app.orders().list(owner.id, 10).await.unwrap().len(), 1);
    app.close().await;
}

#[tokio::test]
async fn an_id_is_remembered_for_a_week_and_then_free() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    app.orders().place(owner.id, named("a", 1)).await.unwrap();
    world.clock.advance(Duration::days(7));
    assert!(
        app.orders()
            .place(owner.id, named("a", 1))
            .await
            .unwrap()
            .replayed
    );
    world.clock.advance(Duration::seconds(1));
    assert!(
        !app.orders()
            .place(owner.id, named("a", 1))
            .await
            .unwrap()
            .replayed
    );
    app.close().await;
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    assert!(app.orders().place(owner.id, named("a", 0)).await.is_err());
    assert!(
        !app.orders()
            .place(owner.id, named("a", 1))
            .await
            .unwrap()
            .replayed
    );
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_senders_of_one_order_place_it_once() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let app = Arc::new(app);
    let tasks = (0..50).map(|_| {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let mut replays = 0;
            for _ in 0..20 {
                let placed = app
                    .orders()
                    .place(owner.id, named("same", 1))
                    .await
                    .unwrap();
                replays += u32::from(placed.replayed);
            }
            replays
        })
    });
    let mut replays = 0;
    for task in tasks.collect::<Vec<_>>() {
        replays += task.await.unwrap();
    }
    assert_eq!(replays, 999);
    assert_eq!(app.orders().list(owner.id, 10).await.unwrap().len(), 1);
    Arc::into_inner(app).unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_gives_up_does_not_let_a_twin_place_it_again() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let app = Arc::new(app);
    for round in 0..50 {
        let id = format!("round-{round}");
        let sender = Arc::clone(&app);
        let order = named(&id, 1);
        let first = tokio::spawn(async move { sender.orders().place(owner.id, order).await });
        tokio::task::yield_now().await;
        first.abort();
        app.orders().place(owner.id, named(&id, 1)).await.unwrap();
    }
    let orders = app.orders().list(owner.id, 200).await.unwrap();
    let ids: std::collections::BTreeSet<_> = orders
        .iter()
        .map(|order| order.intent.order.client_order_id.clone())
        .collect();
    assert_eq!((orders.len(), ids.len()), (50, 50));
    Arc::into_inner(app).unwrap().close().await;
}
