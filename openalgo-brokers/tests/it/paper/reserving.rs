//! What orders that wait for a price reserve.

use super::samples::{limit, money, order, share};
use super::world::World;
use openalgo_core::id::TriggerId;
use openalgo_core::order::{NewOrder, OrderKind, Product, Side};
use openalgo_core::paper::{GttOrders, OcoMargin, PaperRefusal, Reservation, Ticket};
use openalgo_core::port::Clock;
use openalgo_core::value::Money;

fn gtt(name: &str) -> TriggerId {
    name.parse().unwrap()
}

/// Reserves for an order of shares, whose legs expect these prices.
fn reserve(
    world: &mut World,
    side: Side,
    (quantity, prices): (i64, &[&str]),
) -> Result<(), PaperRefusal> {
    let share = share();
    let delivery = NewOrder {
        product: Product::Cnc,
        ..order(&share, side, quantity, OrderKind::Market)
    };
    let legs = prices.iter();
    let orders = GttOrders {
        gtt: gtt("GTT-1"),
        legs: legs
            .map(|price| (delivery.clone(), price.parse().unwrap()))
            .collect(),
        at: world.clock.now(),
    };
    if let Some(entry) = world.account.reserve(&orders, &share)? {
        world.keep(&entry);
    }
    world.check();
    Ok(())
}

fn used(world: &World) -> Money {
    world.ledger.funds.used_margin
}

#[test]
fn one_reserves_what_its_dearer_leg_needs_or_what_both_do() {
    let mut world = World::new();
    reserve(&mut world, Side::Buy, (10, &["1400", "1600"])).unwrap();
    assert_eq!(used(&world), money("16000"));
    let mut terms = (*world.terms).clone();
    terms.oco_margin = OcoMargin::Sum;
    world.change_terms(terms);
    reserve(&mut world, Side::Buy, (10, &["1400", "1600"])).unwrap();
    assert_eq!(used(&world), money("30000"), "the difference is taken");
    reserve(&mut world, Side::Buy, (5, &["1400"])).unwrap();
    assert_eq!(used(&world), money("7000"), "or given back");
    let at = world.clock.now();
    let entry = world.account.release(&gtt("GTT-1"), at).unwrap().unwrap();
    world.keep(&entry);
    world.check();
    assert_eq!(
        (used(&world), world.ledger.reservations.len()),
        (Money::ZERO, 0)
    );
    assert!(world.account.release(&gtt("GTT-1"), at).unwrap().is_none());
}

#[test]
fn one_that_is_too_dear_is_refused_and_changes_nothing() {
    let mut world = World::new();
    reserve(&mut world, Side::Buy, (100, &["1500"])).unwrap();
    let refused = reserve(&mut world, Side::Buy, (1_000, &["1500"])).unwrap_err();
    assert!(matches!(refused, PaperRefusal::InsufficientFunds { .. }));
    assert_eq!(used(&world), money("150000"));
    world.check();
}

#[test]
fn an_exit_reserves_like_any_other() {
    let mut world = World::new();
    reserve(&mut world, Side::Sell, (5, &["1349", "1511"])).unwrap();
    assert_eq!(used(&world), money("7555"), "as users of the sandbox know");
}

/// Places the order of what waited for a price, for which all of the money is reserved.
fn place_waited(world: &mut World, quantity: i64) -> Result<(), PaperRefusal> {
    let share = share();
    let delivery = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, quantity, limit("1000"))
    };
    let (quote, intent) = world.asked(&share, delivery, "1000");
    let ticket = Ticket {
        instrument: &share,
        quote: Some(&quote),
    };
    let reserved_for = gtt("GTT-1");
    let entry = world.account.place(intent, ticket, Some(&reserved_for))?;
    world.keep(&entry);
    world.check();
    Ok(())
}

#[test]
fn its_order_takes_the_reservation_and_a_refused_one_leaves_it() {
    let mut world = World::new();
    reserve(&mut world, Side::Buy, (1_000, &["1000"])).unwrap();
    assert_eq!(world.ledger.funds.available, Money::ZERO);
    let refused = place_waited(&mut world, 1_001).unwrap_err();
    assert!(matches!(refused, PaperRefusal::InsufficientFunds { .. }));
    let kept = Reservation {
        gtt: gtt("GTT-1"),
        margin: money("1000000"),
    };
    assert_eq!(world.account.reservations(), [kept]);
    place_waited(&mut world, 1_000).unwrap();
    assert_eq!(world.account.reservations(), []);
    assert_eq!(used(&world), money("1000000"), "now for the position");
}

#[test]
fn a_reset_gives_everything_back() {
    let mut world = World::new();
    reserve(&mut world, Side::Buy, (10, &["1500"])).unwrap();
    world.reset();
    assert_eq!(world.account.reservations(), []);
    world.check();
}
