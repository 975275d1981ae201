//! How shares become holdings, and are sold from there.

use super::samples::{money, order, share, status};
use super::world::{CAPITAL, World};
use openalgo_brokers::paper::PaperBroker;
use openalgo_core::order::{NewOrder, OrderKind, OrderStatus, Product, Side};
use openalgo_core::paper::{PaperTerms, ResetDay, WeeklyReset};
use openalgo_core::port::PaperExchange;
use openalgo_core::value::{Money, Quantity};
use std::sync::Arc;

fn delivery(side: Side, quantity: i64) -> NewOrder {
    NewOrder {
        product: Product::Cnc,
        ..order(&share(), side, quantity, OrderKind::Market)
    }
}

#[test]
fn shares_bought_for_delivery_are_holdings_on_the_next_day() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, delivery(Side::Buy, 10), "1500")
        .unwrap();
    let bought = world.ledger.funds.clone();
    let cost = bought.used_margin;
    world.next_day();
    let held = &world.ledger.holdings[0];
    assert_eq!(
        (held.quantity.get(), held.cost, held.paid),
        (10, cost, cost)
    );
    assert!(world.position(&share, Product::Cnc).quantity.is_flat());
    let funds = &world.ledger.funds;
    assert_eq!(
        (funds.used_margin, funds.available),
        (Money::ZERO, bought.available)
    );
    world.check();
}

#[test]
fn a_sale_of_holdings_is_booked_against_what_they_cost() {
    let mut world = World::new();
    let share = share();
    world
        .place(&share, delivery(Side::Buy, 10), "1500")
        .unwrap();
    let cost = world.ledger.funds.used_margin;
    world.next_day();
    world.place(&share, delivery(Side::Buy, 4), "1600").unwrap();
    world.check();
    let before = world.ledger.funds.clone();
    let entry = world
        .place(&share, delivery(Side::Sell, 9), "1700")
        .unwrap();
    world.check();
    let price = entry.orders[0].trades[0].price;
    let position = world.position(&share, Product::Cnc);
    assert!(position.quantity.is_flat(), "no short position is shown");
    let held = &world.ledger.holdings[0];
    assert_eq!(held.quantity.get(), 5);
    assert_eq!(
        held.cost,
        cost.prorated(
            Quantity::try_new(5).unwrap(),
            Quantity::try_new(10).unwrap()
        )
        .unwrap()
    );
    let after = &world.ledger.funds;
    let proceeds = price.times(Quantity::try_new(9).unwrap()).unwrap();
    assert_eq!(
        after.available,
        before.available.plus(proceeds).unwrap(),
        "shares are paid for in full, so that a sale frees what it brings"
    );
    let refused = world
        .place(&share, delivery(Side::Sell, 6), "1700")
        .unwrap();
    assert_eq!(status(&refused, &world), OrderStatus::Rejected);
    world
        .place(&share, delivery(Side::Sell, 5), "1700")
        .unwrap();
    assert_eq!(world.ledger.holdings, []);
    world.check();
}

#[test]
fn delivery_on_leverage_moves_the_margin_that_was_held() {
    let mut world = World::new();
    let share = share();
    let mut terms = PaperTerms::with_capital(money(CAPITAL));
    terms.leverage.equity_cnc = 4;
    world.change_terms(terms);
    world
        .place(&share, delivery(Side::Buy, 10), "1500")
        .unwrap();
    let margin = world.ledger.funds.used_margin;
    world.next_day();
    let held = &world.ledger.holdings[0];
    assert_eq!(
        (held.paid, world.ledger.funds.used_margin),
        (margin, Money::ZERO)
    );
    world.check();
    world
        .place(&share, delivery(Side::Sell, 10), "1500")
        .unwrap();
    world.check();
    let funds = &world.ledger.funds;
    assert_eq!(funds.used_margin, Money::ZERO);
    assert_eq!(
        funds.available,
        funds.total_capital.plus(funds.realized_pnl).unwrap(),
        "what was lent for the shares is not kept"
    );
}

#[test]
fn a_week_that_ends_with_a_reset_is_reset_once() {
    let mut world = World::new();
    let share = share();
    let mut terms = PaperTerms::with_capital(money(CAPITAL));
    // The world begins on a Wednesday.
    terms.weekly_reset = WeeklyReset {
        day: ResetDay::Friday,
        time: "09:00".parse().unwrap(),
    };
    world.change_terms(terms);
    world
        .place(&share, delivery(Side::Buy, 10), "1500")
        .unwrap();
    let resets = |world: &mut World| {
        world.next_day();
        world.check();
        (world.ledger.funds.reset_count, world.ledger.holdings.len())
    };
    assert_eq!(resets(&mut world), (0, 1), "Thursday");
    assert_eq!(resets(&mut world), (1, 0), "Friday");
    world.account = PaperBroker.open(world.ledger.clone(), Arc::clone(&world.terms));
    assert_eq!(resets(&mut world), (1, 0), "Saturday, opened anew");
}
