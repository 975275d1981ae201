use super::*;
use crate::id::{OrderId, UserId};
use crate::order::{OrderEvent, OrderEventKind, OrderStatus, Side};
use crate::testing::sample::{
    accepted, at, broker_id, event, filled, intent, price, units, zerodha,
};

fn kind(price_type: PriceType, limit: &str, trigger: &str) -> OrderKind {
    OrderKind::from_parts(price_type, Some(price(limit)), Some(price(trigger))).unwrap()
}

/// An order for 100 units that works at the broker.
fn order(kind: OrderKind, events: &[OrderEvent]) -> Order {
    let mut intent = intent(UserId::new(1), zerodha());
    intent.order.kind = kind;
    let planned = Order::planned(OrderId::new(1), intent);
    let working = planned.after(&event(1, accepted("B-1"))).unwrap();
    events.iter().try_fold(working, Order::after).unwrap()
}

fn line(quantity: i64, kind: OrderKind) -> BookOrder {
    let asked = intent(UserId::new(1), zerodha()).order;
    BookOrder {
        broker_order_id: broker_id("B-1"),
        tag: None,
        instrument: asked.instrument,
        side: Side::Buy,
        quantity: units(quantity),
        product: asked.product,
        kind,
        status: OrderStatus::Open,
        filled: Quantity::ZERO,
        average: Price::ZERO,
        message: None,
        placed_at: at(0),
    }
}

#[test]
fn what_is_not_given_stays() {
    let before = order(kind(PriceType::StopLimit, "101", "100"), &[]);
    let change = Modification {
        price: Some(price("102")),
        trigger: Some(Price::ZERO),
        ..Modification::default()
    };
    let after = modified(&before, change).unwrap();
    assert_eq!(after.kind, kind(PriceType::StopLimit, "102", "100"));
    assert_eq!(after.quantity, units(100));
    let change = Modification {
        quantity: Some(units(50)),
        price_type: Some(PriceType::Market),
        ..Modification::default()
    };
    let after = modified(&before, change).unwrap();
    assert_eq!((after.kind, after.quantity), (OrderKind::Market, units(50)));
}

#[test]
fn prices_that_a_type_does_not_have_are_refused_and_so_are_those_it_misses() {
    let limit = order(kind(PriceType::Limit, "101", "0"), &[]);
    let change = |price_type, limit: &str, trigger: &str| Modification {
        quantity: None,
        price_type,
        price: Some(price(limit)),
        trigger: Some(price(trigger)),
    };
    for (change, text) in [
        (
            change(None, "0", "99"),
            "LIMIT orders do not accept a trigger_price",
        ),
        (
            change(Some(PriceType::StopMarket), "99", "99"),
            "SL-M orders do not accept a price",
        ),
        (
            change(Some(PriceType::StopLimit), "99", "0"),
            "SL orders require trigger_price",
        ),
    ] {
        let refusal = modified(&limit, change).unwrap_err();
        assert_eq!(refusal.to_string(), text);
    }
}

#[test]
fn what_is_filled_stays_filled() {
    let partly = order(
        kind(PriceType::Limit, "101", "0"),
        &[event(2, filled(40, "100"))],
    );
    for quantity in [1, 40] {
        let change = Modification {
            quantity: Some(units(quantity)),
            ..Modification::default()
        };
        let filled = units(40);
        let quantity = units(quantity);
        let refusal = ModificationRefusal::Filled { quantity, filled };
        assert_eq!(modified(&partly, change), Err(refusal));
    }
}

#[test]
fn a_line_tells_a_modification_from_another_way_of_showing_an_order() {
    let limit = |text: &str| kind(PriceType::Limit, text, "0");
    let stop = |text: &str| kind(PriceType::StopMarket, "0", text);
    let both = |limit: &str, trigger: &str| kind(PriceType::StopLimit, limit, trigger);
    for (ours, theirs, is_modified) in [
        (limit("100"), limit("100"), false),
        (limit("100"), limit("101"), true),
        (limit("100"), OrderKind::Market, true),
        (OrderKind::Market, limit("100"), false),
        (stop("100"), OrderKind::Market, false),
        (stop("100"), stop("101"), true),
        (stop("100"), both("99", "100"), false),
        (stop("100"), both("99", "98"), true),
        (both("99", "100"), limit("99"), false),
        (both("99", "100"), limit("98"), true),
        (both("99", "100"), both("98", "100"), true),
    ] {
        let told = modified_at_broker(&order(ours, &[]), &line(100, theirs));
        let expected = is_modified.then_some((units(100), theirs));
        assert_eq!(told, expected, "{ours:?} {theirs:?}");
    }
    let ours = order(limit("100"), &[]);
    let told = |quantity| modified_at_broker(&ours, &line(quantity, limit("100")));
    assert_eq!(told(70), Some((units(70), limit("100"))));
    // Some brokers show what is left, and nothing is left of one that is over.
    assert_eq!(told(0), None);
}

#[test]
fn an_order_that_is_over_is_not_modified() {
    let cancelled = OrderEventKind::Cancelled { reason: None };
    let over = order(kind(PriceType::Limit, "101", "0"), &[event(2, cancelled)]);
    let other = kind(PriceType::Limit, "102", "0");
    assert_eq!(modified_at_broker(&over, &line(70, other)), None);
}

/// A line may show an order in another way than it was asked for; only what it cannot have been
/// before tells that a change holds.
#[test]
fn a_line_tells_whether_a_change_under_way_holds() {
    let limit = |text: &str| kind(PriceType::Limit, text, "0");
    let stop = |text: &str| kind(PriceType::StopMarket, "0", text);
    let both = |limit: &str, trigger: &str| kind(PriceType::StopLimit, limit, trigger);
    for (before, asked, shown, holds) in [
        (limit("100"), limit("101"), limit("101"), true),
        (limit("100"), limit("101"), limit("100"), false),
        (stop("100"), limit("95"), limit("95"), true),
        (stop("100"), limit("95"), limit("94"), false),
        (stop("100"), stop("105"), both("99", "105"), true),
        (stop("100"), stop("105"), both("99", "100"), false),
        (OrderKind::Market, limit("95"), limit("95"), true),
        (limit("100"), OrderKind::Market, limit("102"), true),
        (limit("100"), OrderKind::Market, limit("100"), false),
    ] {
        let sent = OrderEventKind::ModificationSent {
            quantity: units(100),
            kind: asked,
        };
        let order = order(before, &[event(2, sent)]);
        assert_eq!(
            change_holds(&order, &line(100, shown)),
            holds,
            "{before:?} {asked:?} {shown:?}"
        );
        assert!(!change_holds(&order, &line(70, asked)));
    }
    let settled = order(limit("100"), &[]);
    assert!(!change_holds(&settled, &line(100, limit("101"))));
}

#[test]
fn what_only_reduces_has_no_more_units_and_no_other_way_to_be_filled() {
    let order = |side, units_asked, kind| NewOrder {
        side,
        quantity: units(units_asked),
        kind,
        ..intent(UserId::new(1), zerodha()).order
    };
    let limit = |price| kind(PriceType::Limit, price, "0");
    let stop = |trigger| kind(PriceType::StopMarket, "0", trigger);
    let at = |kind| order(Side::Buy, 10, kind);
    let before = at(limit("100"));
    assert!(only_reduces(&before, &order(Side::Buy, 9, limit("100"))));
    assert!(only_reduces(&before, &at(limit("99.95"))));
    assert!(!only_reduces(&before, &at(limit("100.05"))));
    assert!(!only_reduces(&before, &order(Side::Buy, 11, limit("99"))));
    assert!(!only_reduces(&before, &at(OrderKind::Market)));
    // What is sold short is worth more at a higher price, and sooner sold at a lower one.
    let short = order(Side::Sell, 10, limit("100"));
    for price in ["99.95", "100.05"] {
        assert!(!only_reduces(&short, &order(Side::Sell, 10, limit(price))));
    }
    // A trigger that is nearer is met sooner.
    assert!(!only_reduces(&at(stop("110")), &at(stop("105"))));
    assert!(only_reduces(
        &at(stop("110")),
        &order(Side::Buy, 5, stop("110"))
    ));
}
