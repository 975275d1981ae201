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
        .place(&share, order(&share, Side::Buy, 1, stop("1510")), "1500")
        .unwrap();
    let watches = world.account.watches();
    assert_eq!(watches.len(), 2);
    assert!(watches[0].band.contains(price("1490")) && !watches[0].band.contains(price("1490.05")));
    assert!(watches[1].band.contains(price("1510")) && !watches[1].band.contains(price("1509.95")));
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
fn an_order_that_waits_for_more_than_was_looked_through_was_not_looked_at() {
    let mut world = World::new();
    let share = share();
    let placed_at = world.clock.now();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1490")), "1500")
        .unwrap();
    let watches = world.account.watches();
    for nearer_or_farther in ["1495", "1480"] {
        let order = order(&share, Side::Buy, 1, limit(nearer_or_farther));
        world.place(&share, order, "1500").unwrap();
    }
    let until = placed_at.plus(Duration::minutes(5));
    world.account.seen_until(&watches, until);
    let left = world.account.watches();
    let left: Vec<_> = left.iter().map(|it| (it.band.high, it.seen)).collect();
    let nearer = (Some(price("1495")), placed_at);
    assert_eq!(left, [nearer, (Some(price("1490")), until)]);
}

#[test]
fn what_was_looked_through_from_later_on_says_nothing_of_an_earlier_order() {
    let mut world = World::new();
    let share = share();
    let first_at = world.clock.now();
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1480")), "1500")
        .unwrap();
    world.clock.advance(Duration::seconds(1));
    world
        .place(&share, order(&share, Side::Buy, 1, limit("1490")), "1500")
        .unwrap();
    let mut watches = world.account.watches();
    assert_eq!(watches.len(), 2, "they have seen different prices");
    watches.retain(|watch| watch.seen > first_at);
    world
        .account
        .seen_until(&watches, first_at.plus(Duration::minutes(5)));
    assert_eq!(world.account.watches()[0].seen, first_at);
}

#[test]
fn of_orders_that_wait_for_the_same_side_the_nearest_stands_for_all() {
    let mut world = World::new();
    let share = share();
    for price in 1_400..1_490 {
        let below = order(&share, Side::Buy, 1, limit(&price.to_string()));
        world.place(&share, below, "1500").unwrap();
        let above = order(&share, Side::Buy, 1, stop(&(price + 120).to_string()));
        world.place(&share, above, "1500").unwrap();
    }
    let watches = world.account.watches();
    let ends: Vec<_> = watches
        .iter()
        .map(|it| (it.band.low, it.band.high))
        .collect();
    let nearest = [(None, Some(price("1489"))), (Some(price("1520")), None)];
    assert_eq!(ends, nearest);
    assert_eq!(world.account.resting().len(), 180);
}

#[test]
fn a_stop_order_that_has_opened_waits_for_its_range_alone() {
    let mut world = World::new();
    let share = share();
    let kind = OrderKind::StopLimit {
        trigger: price("1510"),
        price: price("1512"),
    };
    world
        .place(&share, order(&share, Side::Buy, 1, kind), "1500")
        .unwrap();
    world.tick(&share, "1520").unwrap();
    let watches = world.account.watches();
    let range = (Some(price("1510")), Some(price("1512")));
    assert_eq!((watches[0].band.low, watches[0].band.high), range);
    assert_eq!(watches[0].seen, world.clock.now(), "it was met");
}
