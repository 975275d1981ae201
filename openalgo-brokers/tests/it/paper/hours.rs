//! Where the hours of exchanges bind, nothing trades outside of them.

use super::samples::{id, limit, money, order, price, share, status};
use super::world::{CAPITAL, World};
use openalgo_brokers::calendar_file;
use openalgo_core::market::{MarketHours, Timestamp};
use openalgo_core::order::{NewOrder, OrderIntent, OrderKind, OrderStatus, Product, Side};
use openalgo_core::paper::{LedgerEntry, PaperRefusal, PaperTerms, Ticket};
use openalgo_core::port::Clock as _;
use std::sync::Arc;

/// An account on a Wednesday at half past ten that keeps the hours of the exchanges.
pub(super) fn bound() -> World {
    let mut world = World::new();
    let calendar = calendar_file::built_in().unwrap();
    let terms = PaperTerms {
        hours: MarketHours::Bind(Arc::new(calendar)),
        ..PaperTerms::with_capital(money(CAPITAL))
    };
    assert!(world.change_terms(terms).is_none());
    world
}

fn place(
    world: &mut World,
    side: Side,
    quantity: i64,
    kind: OrderKind,
) -> Result<LedgerEntry, PaperRefusal> {
    let share = share();
    let order = NewOrder {
        product: Product::Mis,
        ..order(&share, side, quantity, kind)
    };
    world.place(&share, order, "1500")
}

#[test]
fn an_intraday_order_is_taken_until_square_off_and_not_on_holidays() {
    let mut world = bound();
    place(&mut world, Side::Buy, 1, OrderKind::Market).unwrap();
    world.go_on_to("2026-11-25T15:15:00");
    let refused = place(&mut world, Side::Buy, 1, OrderKind::Market).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "MIS orders cannot be placed after square-off time (15:15 IST). Trading resumes at 09:00 \
         AM IST."
    );
    world.go_on_to("2026-11-29T11:00:00");
    let refused = place(&mut world, Side::Buy, 1, limit("1400")).unwrap_err();
    assert!(
        matches!(refused, PaperRefusal::NoTradingDay { .. }),
        "a Sunday"
    );
    world.go_on_to("2026-12-25T11:00:00");
    let refused = place(&mut world, Side::Buy, 1, limit("1400")).unwrap_err();
    assert!(
        matches!(refused, PaperRefusal::NoTradingDay { .. }),
        "Christmas"
    );
    world.check();
}

#[test]
fn after_square_off_an_order_may_close_what_is_left_and_no_more() {
    let mut world = bound();
    place(&mut world, Side::Buy, 10, OrderKind::Market).unwrap();
    // Nobody has had a price to close it at.
    oversleep(&mut world);
    let more = place(&mut world, Side::Buy, 1, OrderKind::Market).unwrap_err();
    assert!(matches!(more, PaperRefusal::PastSquareOff { .. }));
    let beyond = place(&mut world, Side::Sell, 11, OrderKind::Market).unwrap_err();
    assert!(
        matches!(beyond, PaperRefusal::PastSquareOff { .. }),
        "it would turn it"
    );
    place(&mut world, Side::Sell, 10, OrderKind::Market).unwrap();
    assert!(world.position(&share(), Product::Mis).quantity.is_flat());
    world.check();
}

/// Moves the clock over square-off, which nobody has come to yet.
fn oversleep(world: &mut World) {
    let later = Timestamp::of_ist("2026-11-25T15:20:00".parse().unwrap());
    world.clock.advance(later.since(world.ledger.jobs_until));
}

#[test]
fn an_intraday_order_that_rests_past_square_off_fills_no_more() {
    let mut world = bound();
    let entry = place(&mut world, Side::Buy, 5, limit("1400")).unwrap();
    oversleep(&mut world);
    assert!(world.tick(&share(), "1390").is_none());
    let changed = world.modify(&share(), &id(&entry), (5, limit("1600")));
    assert!(
        matches!(changed, Err(PaperRefusal::PastSquareOff { .. })),
        "{changed:?}"
    );
    world.check();
}

#[test]
fn an_order_from_before_square_off_opens_nothing_once_that_is_done() {
    let mut world = bound();
    place(&mut world, Side::Buy, 10, OrderKind::Market).unwrap();
    let before = world.clock.now();
    world.go_on_to("2026-11-25T15:15:00");
    let late = OrderIntent {
        at: before,
        ..world.intent(order(&share(), Side::Buy, 1, OrderKind::Market))
    };
    let quote = world.quote(&share(), price("1500"));
    let ticket = Ticket {
        instrument: &share(),
        quote: Some(&quote),
    };
    let refused = world.account.place(late, ticket, None).unwrap_err();
    assert!(matches!(refused, PaperRefusal::PastSquareOff { .. }));
    world.check();
}

#[test]
fn nothing_fills_while_the_exchange_is_closed() {
    let mut world = bound();
    let share = share();
    let delivery = |kind| NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 1, kind)
    };
    world.go_on_to("2026-11-25T18:00:00");
    let refused = world.place(&share, delivery(OrderKind::Market), "1500");
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Cannot place MARKET order for RELIANCE - NSE is closed. Please try again when it trades \
         or use LIMIT order with a specific price."
    );
    let entry = world
        .place(&share, delivery(limit("1600")), "1500")
        .unwrap();
    assert_eq!(
        status(&entry, &world),
        OrderStatus::Open,
        "it waits for the morning"
    );
    let waiting = id(&entry);
    assert!(world.tick(&share, "1450").is_none());
    let changed = (1, limit("1550"));
    world.modify(&share, &waiting, changed).unwrap();
    assert_eq!(world.trades.len(), 0, "nor does a change fill it");
    world.go_on_to("2026-11-26T09:14:58");
    assert!(world.tick(&share, "1450").is_none());
    assert!(
        world.tick(&share, "1450").is_some(),
        "the market has opened"
    );
    assert_eq!(world.trades[0].price, price("1550"));
    world.check();
}
