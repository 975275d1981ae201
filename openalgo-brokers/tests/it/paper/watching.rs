//! What resting orders wait for.

use super::samples::{limit, order, price, share, stop};
use super::world::World;
use chrono::Duration;
use openalgo_core::market::Timestamp;
use openalgo_core::order::{OrderKind, Side};
use openalgo_core::port::Clock;

#[test]
fn what_orders_wait_for_is_what_fills_them() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1490")), "1500")
        .unwrap();
    world
        .place(&share, order(&share, Side::Sell, 1, stop("1480")), "1500")
        .unwrap();
    let watches = world.account.watches();
    assert_eq!(watches.len(), 2);
    assert!(watches[0].band.contains(price("1490")) && !watches[0].band.contains(price("1490.05")));
    assert!(watches[1].band.contains(price("1480")) && !watches[1].band.contains(price("1480.05")));
    let seen: Timestamp = world.clock.now().plus(Duration::minutes(5));
    world.account.seen_until(&watches, seen);
    assert!(
        world
            .account
            .watches()
            .iter()
            .all(|watch| watch.seen == seen)
    );
}

#[test]
fn an_order_that_arrived_during_a_search_was_not_looked_at() {
    let mut world = World::new();
    let share = share();
    let placed_at = world.clock.now();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1490")), "1500")
        .unwrap();
    let kind = OrderKind::StopLimit {
        trigger: price("1510"),
        price: price("1512"),
    };
    world
        .place(&share, order(&share, Side::Buy, 1, kind), "1500")
        .unwrap();
    let watches = world.account.watches();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1480")), "1500")
        .unwrap();
    world.tick(&share, "1520").unwrap();
    let ticked_at = world.clock.now();
    let until = ticked_at.plus(Duration::minutes(5));
    world.account.seen_until(&watches, until);
    let seen: Vec<_> = world.account.watches().iter().map(|w| w.seen).collect();
    assert_eq!(
        seen,
        [until, ticked_at, placed_at],
        "the first was looked for, the second was met, the third is yet to be looked for"
    );
}
