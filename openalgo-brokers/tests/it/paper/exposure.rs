//! Positions, and what orders reserve for them.

use super::samples::{limit, money, option, order, share, status};
use super::world::World;
use openalgo_core::order::{NewOrder, OrderEventKind, OrderKind, OrderStatus, Product, Side};
use openalgo_core::value::Money;

#[test]
fn closing_realises_the_profit_and_releases_the_margin() {
    let mut world = World::new();
    let share = share();
    world.shares((Side::Buy, 10), OrderKind::Market, "1500");
    world.shares((Side::Sell, 4), limit("1510"), "1510");
    let held = world.position(&share, Product::Mis);
    assert_eq!(held.quantity.get(), 6);
    assert_eq!(held.realized_pnl, money("39.8"));
    assert_eq!(held.margin, money("1800.06"));
    world.shares((Side::Sell, 6), limit("1490"), "1490");
    assert!(world.position(&share, Product::Mis).quantity.is_flat());
    assert_eq!(world.ledger.funds.used_margin, Money::ZERO);
    assert_eq!(world.ledger.funds.realized_pnl, money("-20.5"));
    assert_eq!(world.ledger.funds.today_realized_pnl, money("-20.5"));
    world.check();
}

#[test]
fn an_order_through_zero_turns_the_position_and_reserves_the_rest() {
    let mut world = World::new();
    let share = share();
    world.shares((Side::Buy, 10), limit("1500"), "1500");
    world.shares((Side::Sell, 15), limit("1500"), "1500");
    let held = world.position(&share, Product::Mis);
    assert_eq!(held.quantity.get(), -5);
    assert_eq!(held.margin, money("1500"));
    world.check();
}

#[test]
fn exits_that_wait_are_counted_so_that_together_they_do_not_reverse_for_free() {
    let mut world = World::new();
    world.shares((Side::Buy, 10), limit("1500"), "1500");
    let before = world.ledger.funds.used_margin;
    world.shares((Side::Sell, 10), limit("1550"), "1500");
    assert_eq!(
        world.ledger.funds.used_margin, before,
        "the first exit reserves nothing"
    );
    world.shares((Side::Sell, 10), limit("1560"), "1500");
    assert_eq!(
        world.ledger.funds.used_margin,
        before.plus(money("3120")).unwrap()
    );
    world.check();
}

/// An exit that rests while its position is closed otherwise would open the other side; it must
/// be able to pay for that.
#[test]
fn an_exit_whose_position_is_gone_pays_for_what_it_opens_or_is_rejected() {
    let mut world = World::new();
    let share = share();
    world.shares((Side::Buy, 1_500), limit("1500"), "1500");
    world.shares((Side::Sell, 1_500), limit("1510"), "1500");
    world.shares((Side::Sell, 1_500), limit("1500"), "1500");
    assert!(world.position(&share, Product::Mis).quantity.is_flat());
    let option = option();
    world
        .place(
            &option,
            order(&option, Side::Buy, 9_945, limit("100")),
            "100",
        )
        .unwrap();
    world.check();
    let entry = world.tick(&share, "1510").unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Rejected);
    assert!(world.position(&share, Product::Mis).quantity.is_flat());
    world.check();
}

#[test]
fn an_order_that_is_too_dear_is_refused_without_a_trace() {
    let mut world = World::new();
    let share = share();
    let refused = world.place(
        &share,
        order(&share, Side::Buy, 10_000, limit("1500")),
        "1500",
    );
    let refused = refused.unwrap_err().to_string();
    assert_eq!(
        refused,
        "Insufficient funds. Required: ₹3000000.00, Available: ₹1000000.00, Shortage: ₹2000000.00"
    );
    assert_eq!(world.ledger.version, 0);
    let entry = world.shares((Side::Buy, 1), limit("1400"), "1500");
    assert_eq!(entry.version, 1, "the refused order took no number");
}

#[test]
fn delivery_without_shares_is_stored_as_rejected() {
    let mut world = World::new();
    let share = share();
    let sale = |quantity| NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Sell, quantity, OrderKind::Market)
    };
    let entry = world.place(&share, sale(1), "1500").unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Rejected);
    let bought = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 3, OrderKind::Market)
    };
    world.place(&share, bought, "1500").unwrap();
    let entry = world.place(&share, sale(4), "1500").unwrap();
    let OrderEventKind::Rejected { reason, .. } = &entry.orders[0].events[0].kind else {
        panic!("{entry:?}");
    };
    assert_eq!(
        reason,
        "Cannot sell 4 shares of RELIANCE in CNC. Only 3 shares available (Position: 3, Holdings: 0)"
    );
    world.place(&share, sale(3), "1500").unwrap();
    world.check();
}

#[test]
fn leverage_depends_on_what_is_traded() {
    let mut world = World::new();
    let option = option();
    world
        .place(&option, order(&option, Side::Buy, 65, limit("100")), "100")
        .unwrap();
    assert_eq!(world.ledger.funds.used_margin, money("6500"));
    let share = share();
    let bought = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 1, limit("1500"))
    };
    world.place(&share, bought, "1500").unwrap();
    assert_eq!(world.ledger.funds.used_margin, money("8000"));
    world.check();
}

#[test]
fn a_new_session_starts_todays_figures_from_zero_and_keeps_the_rest() {
    let mut world = World::new();
    let share = share();
    world.shares((Side::Buy, 10), limit("1500"), "1500");
    world.shares((Side::Sell, 4), limit("1510"), "1510");
    world.next_day();
    assert_eq!(world.ledger.funds.today_realized_pnl, Money::ZERO);
    assert_eq!(world.ledger.funds.realized_pnl, money("40"));
    let held = world.position(&share, Product::Mis);
    assert!(held.day_buy.quantity.is_zero() && held.today_realized_pnl.is_zero());
    world.check();
}

#[test]
fn a_position_that_is_opened_again_goes_on_from_what_it_earned() {
    let mut world = World::new();
    let share = share();
    world.shares((Side::Buy, 10), limit("1500"), "1500");
    world.shares((Side::Sell, 10), limit("1510"), "1510");
    assert_eq!(world.next_day().positions.len(), 1, "its day starts anew");
    world.check();
    let quiet = world.next_day();
    assert!(quiet.positions.is_empty(), "nothing happened to it");
    world.shares((Side::Buy, 1), limit("1500"), "1500");
    let held = world.position(&share, Product::Mis);
    assert_eq!(held.realized_pnl, money("100"));
    assert_eq!(held.today_realized_pnl, Money::ZERO);
    world.check();
}
