//! What no sender may do with the list of orders that wait.

use super::{Desk, done, named, order, own, waiting};
use openalgo::core::order::{OrderMode, Side};
use openalgo::engine::service::{
    ExitOrigin, KeyedError, KeyedLeg, PlaceOrderError, SmartOrder, SplitSize,
};
use openalgo_core::testing::sample::units;

/// How many orders of a user may wait.
const MOST: usize = 1_000;

#[tokio::test(start_paused = true)]
async fn no_more_orders_wait_than_a_person_decides_on() {
    let desk = Desk::new().await;
    let keyed = desk.engine.keyed_orders();
    let basket = vec![order(Side::Buy, 1); MOST - 1];
    let legs = keyed.basket(desk.user(), basket, None).await.unwrap();
    assert!(legs.iter().all(|leg| leg.outcome.is_ok()));
    // Of several at once, all wait or none does.
    let two = vec![order(Side::Buy, 1); 2];
    let legs = keyed.basket(desk.user(), two, None).await.unwrap();
    let is_full = |leg: &KeyedLeg| matches!(leg.outcome, Err(PlaceOrderError::TooManyWait { most }) if most == MOST);
    assert_eq!(legs.len(), 2);
    assert!(legs.iter().all(is_full), "{legs:?}");
    // Nor do two that are asked for at once both take the last place.
    let (one, other) = tokio::join!(
        keyed.place(desk.user(), order(Side::Buy, 1)),
        keyed.place(desk.user(), order(Side::Buy, 1)),
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    let (taken, refused) = if one.is_ok() {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!(
        refused.unwrap_err().to_string(),
        "1000 orders wait for approval, which is the most; approve or reject some first"
    );
    desk.approve(waiting(taken.unwrap()).pending.id)
        .await
        .unwrap();
    desk.queue(order(Side::Buy, 1)).await;
    desk.engine.stop().await;
}

/// The id of what comes of row N, taken before, would answer for that row.
#[tokio::test(start_paused = true)]
async fn the_ids_of_what_is_let_go_are_no_senders() {
    let desk = Desk::new().await;
    let (keyed, orders) = (desk.engine.keyed_orders(), desk.engine.orders());
    let user = desk.user();
    let taken = || named("pending-order-1", order(Side::Buy, 1));
    let smart = || SmartOrder {
        order: taken(),
        position: 1.try_into().unwrap(),
    };
    let origin = || ExitOrigin {
        client_order_id: Some(own("pending-order-1")),
        ..ExitOrigin::api()
    };
    let slot = || (taken().instrument, taken().product);
    let id = || Some(own("pending-order"));
    for mode in [OrderMode::SemiAuto, OrderMode::Auto] {
        desk.mode(mode).await;
        let is_kept = |error: &dyn std::error::Error| {
            let text = error.to_string();
            assert!(text.contains("is kept for orders that wait"), "{text}");
        };
        is_kept(&keyed.place(user, taken()).await.unwrap_err());
        is_kept(&keyed.smart(user, smart()).await.unwrap_err());
        let legs = keyed.basket(user, vec![order(Side::Buy, 1)], id()).await;
        is_kept(legs.unwrap()[0].outcome.as_ref().unwrap_err());
        let parts = keyed.split(
            user,
            named("pending-order", order(Side::Buy, 2)),
            SplitSize::Units(units(1)),
        );
        is_kept(parts.await.unwrap()[1].outcome.as_ref().unwrap_err());
        match keyed.close(user, slot(), origin()).await.unwrap_err() {
            KeyedError::SemiAuto(_) => assert_eq!(mode, OrderMode::SemiAuto),
            other => is_kept(&other),
        }
    }
    for error in [
        orders.place(user, taken()).await.unwrap_err().to_string(),
        orders.smart(user, smart()).await.unwrap_err().to_string(),
        orders
            .close(user, slot(), origin())
            .await
            .unwrap_err()
            .to_string(),
    ] {
        assert!(error.contains("is kept for orders that wait"), "{error}");
    }
    let legs = orders.basket(user, vec![taken()], None).await.unwrap();
    assert!(legs[0].outcome.is_err());
    assert_eq!(desk.broker.count(), 0);
    desk.engine.stop().await;
}

/// Only who is let go has such an id, and has it once.
#[tokio::test(start_paused = true)]
async fn what_is_let_go_has_an_id_of_its_own() {
    let desk = Desk::new().await;
    let (keyed, user) = (desk.engine.keyed_orders(), desk.user());
    desk.mode(OrderMode::SemiAuto).await;
    let id = desk.queue(order(Side::Buy, 3)).await.id;
    let approved = desk.approve(id).await.unwrap();
    assert!(!approved.replayed);
    let placed = approved.came_of.order().unwrap();
    assert_eq!(placed.intent.order.quantity.get(), 3);
    desk.mode(OrderMode::Auto).await;
    done(keyed.place(user, order(Side::Buy, 1)).await.unwrap());
    assert_eq!(desk.broker.count(), 2);
    desk.engine.stop().await;
}
