use super::*;
use crate::testing::sample::units;
use proptest::prelude::*;

fn net(units: i64) -> NetQuantity {
    NetQuantity::try_new(units).unwrap()
}

fn came_to(position: i64, (held, underway): (i64, i64), quantity: i64) -> Step {
    let target = Target {
        position: net(position),
        side: Side::Sell,
        quantity: units(quantity),
    };
    let standing = Standing {
        held: net(held),
        underway: net(underway),
    };
    step(target, standing).unwrap()
}

fn order(side: Side, quantity: i64) -> Step {
    Step::Order {
        side,
        quantity: units(quantity),
    }
}

#[test]
fn every_row_of_the_table() {
    for (position, held, quantity, expected) in [
        (0, 0, 7, order(Side::Sell, 7)),
        (0, 0, 0, Step::NothingToExit),
        (0, 5, 7, order(Side::Sell, 5)),
        (0, -5, 0, order(Side::Buy, 5)),
        (9, 0, 7, order(Side::Buy, 9)),
        (-9, 0, 7, order(Side::Sell, 9)),
        (9, 9, 7, Step::Matched),
        (9, 9, 0, Step::NothingToExit),
        (9, 4, 7, order(Side::Buy, 5)),
        (9, -4, 7, order(Side::Buy, 13)),
        (-9, 4, 7, order(Side::Sell, 13)),
        (3, 9, 7, order(Side::Sell, 6)),
    ] {
        assert_eq!(
            came_to(position, (held, 0), quantity),
            expected,
            "{position} {held} {quantity}"
        );
    }
}

/// An entry that comes twice would be held twice.
#[test]
fn what_is_under_way_counts() {
    assert_eq!(came_to(10, (0, 10), 10), Step::Matched);
    assert_eq!(came_to(10, (0, 10), 0), Step::Matched);
    assert_eq!(came_to(10, (0, 4), 10), order(Side::Buy, 6));
    assert_eq!(came_to(5, (-3, 10), 10), order(Side::Sell, 2));
}

/// A stop that rests has closed nothing, and an entry that rests is not held.
#[test]
fn at_zero_just_what_is_held_is_closed() {
    assert_eq!(came_to(0, (10, -10), 10), order(Side::Sell, 10));
    assert_eq!(came_to(0, (5, 10), 0), order(Side::Sell, 5));
    assert_eq!(came_to(0, (-3, 10), 10), order(Side::Buy, 3));
    assert_eq!(came_to(0, (0, 10), 10), Step::Matched);
    assert_eq!(came_to(0, (0, 10), 0), Step::NothingToExit);
}

proptest! {
    /// The order leads to the target, and there is none only where that is reached already.
    #[test]
    fn an_order_leads_to_the_target(
        position in -1_000..1_000_i64,
        held in -1_000..1_000_i64,
        underway in -1_000..1_000_i64,
        quantity in 0..1_000_i64,
    ) {
        let counted = if position == 0 { 0 } else { underway };
        let expected = held.checked_add(counted).unwrap();
        let added = match came_to(position, (held, underway), quantity) {
            Step::Order { side: Side::Buy, quantity } => quantity.get(),
            Step::Order { side: Side::Sell, quantity } => quantity.get().checked_neg().unwrap(),
            Step::NothingToExit | Step::Matched => 0,
        };
        let is_fresh = (position, held, underway) == (0, 0, 0);
        prop_assert!(is_fresh || expected.checked_add(added) == Some(position));
    }
}
