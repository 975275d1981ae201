//! What an account does by itself: each once, at its time, and at prices of then.

use super::hours::bound;
use super::samples::{id, limit, money, option, order, price, share, stop};
use super::world::{CAPITAL, World};
use openalgo_brokers::paper::PaperBroker;
use openalgo_core::market::{SessionBoundary, Timestamp};
use openalgo_core::order::{NewOrder, OrderKind, Product, Side};
use openalgo_core::paper::{
    JobPrices, LedgerEntry, MovementKind, OptionSettlement, PaperJob, PaperJobKind, PaperRefusal,
    PaperTerms,
};
use openalgo_core::port::{Clock, PaperExchange};
use openalgo_core::value::Money;
use std::sync::Arc;

fn at(local: &str) -> Timestamp {
    Timestamp::of_ist(local.parse().unwrap())
}

/// Buys ten shares intraday at 1500.05, and lets an order for more rest.
fn hold(world: &mut World) {
    let share = share();
    let bought = order(&share, Side::Buy, 10, OrderKind::Market);
    world.place(&share, bought, "1500").unwrap();
    let resting = order(&share, Side::Buy, 5, limit("1400"));
    world.place(&share, resting, "1500").unwrap();
}

fn of_kind(world: &World, kind: PaperJobKind) -> Vec<Timestamp> {
    let done = world.done.iter().filter(|job| job.kind == kind);
    done.map(|job| job.at).collect()
}

#[test]
fn intraday_orders_and_positions_end_at_square_off_by_an_order_that_says_so() {
    let mut world = bound();
    hold(&mut world);
    world.tick(&share(), "1510");
    let numbers = world.ledger.last_order_number;
    world.go_on_to("2026-11-25T15:15:00");
    assert_eq!(world.ledger.orders, [], "what rested is cancelled");
    let closed = world.position(&share(), Product::Mis);
    assert!(closed.quantity.is_flat());
    // The bid is a tick below the price.
    assert_eq!(closed.today_realized_pnl, money("99"));
    assert_eq!(world.trades.len(), 2);
    assert_eq!(world.trades[1].at, at("2026-11-25T15:15:00"));
    assert_eq!(world.trades[1].price, price("1509.95"));
    assert!(world.ledger.last_order_number > numbers);
    assert_eq!(world.ledger.funds.used_margin, Money::ZERO);
    assert_eq!(world.movements, [], "an order did it");
    world.check();
    world.go_on_to("2026-11-25T23:00:00");
    let ends = of_kind(&world, PaperJobKind::SquareOff);
    assert_eq!(ends, [at("2026-11-25T15:15:00")], "once");
}

#[test]
fn what_is_carried_over_stays_through_square_off() {
    let mut world = bound();
    let share = share();
    let delivery = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 10, OrderKind::Market)
    };
    world.place(&share, delivery, "1500").unwrap();
    let option = option();
    let carried = NewOrder {
        product: Product::Nrml,
        ..order(&option, Side::Sell, 65, OrderKind::Market)
    };
    world.place(&option, carried, "100").unwrap();
    world.go_on_to("2026-11-25T16:00:00");
    assert_eq!(of_kind(&world, PaperJobKind::SquareOff), []);
    assert_eq!(world.position(&share, Product::Cnc).quantity.get(), 10);
    assert_eq!(world.position(&option, Product::Nrml).quantity.get(), -65);
}

/// Has the account do without prices what is due until a time, and nothing after it; gives the
/// entries and what it was.
fn without_prices(world: &mut World, until: &str) -> Vec<(PaperJob, Option<LedgerEntry>)> {
    let now = at(until);
    let mut done = Vec::new();
    while let Some(job) = world.account.next_job(now) {
        let prices = JobPrices::none(world.session(), now);
        let entry = world.account.do_job(job, &prices).unwrap();
        if let Some(entry) = &entry {
            world.keep(entry);
        }
        done.push((job, entry));
        if world.account.next_job(now) == Some(job) {
            break;
        }
    }
    done
}

#[test]
fn a_position_without_a_price_waits_for_one_while_nothing_else_is_due() {
    let mut world = bound();
    hold(&mut world);
    let done = without_prices(&mut world, "2026-11-25T15:15:00");
    let (job, entry) = done[0].clone();
    let entry = entry.unwrap();
    assert_eq!(job.kind, PaperJobKind::SquareOff);
    assert_eq!(entry.orders.len(), 1, "orders need no price to end");
    assert!(entry.jobs_until < job.done());
    let again = without_prices(&mut world, "2026-11-25T15:16:00");
    assert!(again[0].0 == job && again[0].1.is_none());
    world.go_on_to("2026-11-25T15:17:00");
    assert!(world.position(&share(), Product::Mis).quantity.is_flat());
    assert_eq!(world.movements, [], "an order did it");
    world.check();
}

#[test]
fn a_position_without_a_price_keeps_nothing_else_waiting_and_ends_before_its_date_does() {
    let mut world = bound();
    hold(&mut world);
    let share = share();
    let done = without_prices(&mut world, "2026-11-25T23:58:59");
    let times: Vec<_> = done.iter().map(|(job, _)| job.at).collect();
    let square_off = |time: &str| at(&format!("2026-11-25T{time}:00"));
    let first = ["15:15", "16:45", "17:00", "23:30"].map(square_off);
    assert_eq!(times, first, "each looks for a price of what is left");
    assert_eq!(world.position(&share, Product::Mis).quantity.get(), 10);
    without_prices(&mut world, "2026-11-25T23:59:00");
    let held = world.position(&share, Product::Mis);
    assert!(held.quantity.is_flat(), "it ended at what it was bought at");
    assert_eq!(held.realized_pnl, Money::ZERO);
    assert_eq!(world.movements[0].kind, MovementKind::Settled);
    assert_eq!(world.movements[0].at, at("2026-11-25T23:59:00"));
    without_prices(&mut world, "2026-11-26T00:00:00");
    assert_eq!(world.days.len(), 1);
    world.check();
}

/// An option on its last day.
fn last_day(terms: impl FnOnce(&mut PaperTerms)) -> World {
    let mut world = World::new();
    let mut changed = PaperTerms::with_capital(money(CAPITAL));
    terms(&mut changed);
    world.change_terms(changed);
    world.go_on_to("2026-12-29T12:00:00");
    let option = option();
    for (side, quantity, kind) in [
        (Side::Sell, 130, OrderKind::Market),
        (Side::Buy, 65, stop("120")),
    ] {
        let carried = NewOrder {
            product: Product::Nrml,
            ..order(&option, side, quantity, kind)
        };
        world.place(&option, carried, "100").unwrap();
    }
    world.tick(&option, "110");
    world
}

#[test]
fn an_expired_contract_is_settled_at_its_last_price() {
    let mut world = last_day(|_| {});
    world.go_on_to("2026-12-29T15:39:59");
    assert_eq!(of_kind(&world, PaperJobKind::Settle), []);
    world.go_on_to("2026-12-29T15:40:00");
    let settled = world.position(&option(), Product::Nrml);
    assert!(settled.quantity.is_flat());
    // Sold at 99.95, settled at 110.
    assert_eq!(settled.today_realized_pnl, money("-1306.5"));
    assert_eq!(world.ledger.orders, [], "orders for it are cancelled");
    assert_eq!(world.ledger.funds.used_margin, Money::ZERO);
    assert_eq!(world.movements[0].cash, money("-14300"));
    world.check();
    let late = order(&option(), Side::Buy, 65, OrderKind::Market);
    let late = NewOrder {
        product: Product::Nrml,
        ..late
    };
    let refused = world.place(&option(), late, "110").unwrap_err();
    assert!(matches!(refused, PaperRefusal::Expired { .. }));
    let settlements = of_kind(&world, PaperJobKind::Settle);
    assert_eq!(settlements, [at("2026-12-29T15:40:00")], "once");
}

#[test]
fn an_option_may_be_settled_as_worthless() {
    let mut world = last_day(|terms| terms.expiry.options = OptionSettlement::Zero);
    world.go_on_to("2026-12-29T15:40:00");
    let settled = world.position(&option(), Product::Nrml);
    assert_eq!(settled.today_realized_pnl, money("12993.5"));
    world.check();
}

#[test]
fn a_day_is_summed_up_once_with_everything_at_its_last_price() {
    let mut world = bound();
    let share = share();
    let delivery = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 10, OrderKind::Market)
    };
    world.place(&share, delivery, "1500").unwrap();
    hold(&mut world);
    world.tick(&share, "1510");
    // Over a Saturday and a Sunday.
    world.go_on_to("2026-11-30T12:00:00");
    let days: Vec<_> = world.days.iter().map(|day| day.date.to_string()).collect();
    assert_eq!(days, ["2026-11-25", "2026-11-26", "2026-11-27"]);
    let first = &world.days[0];
    assert_eq!(first.realized, money("99"), "at square-off");
    assert_eq!(first.positions_unrealized, money("99.5"));
    assert_eq!(first.holdings_unrealized, Money::ZERO);
    assert_eq!(first.total, money("198.5"));
    let worth = first.available.plus(first.used_margin).unwrap();
    assert_eq!(first.portfolio_value, worth);
    let second = &world.days[1];
    assert_eq!(second.realized, Money::ZERO);
    assert_eq!(second.positions_unrealized, Money::ZERO);
    assert_eq!(
        second.holdings_unrealized,
        money("99.5"),
        "they were delivered"
    );
    world.check();
}

/// Ten are bought and sold at ten rupees more.
fn earn(world: &mut World) {
    let share = share();
    for (side, ltp) in [(Side::Buy, "1500"), (Side::Sell, "1510")] {
        let order = order(&share, side, 10, limit(ltp));
        world.place(&share, order, ltp).unwrap();
    }
}

#[test]
fn what_is_realised_after_the_sum_of_a_day_belongs_to_the_next_and_to_no_session() {
    let mut world = World::new();
    earn(&mut world);
    world.go_on_to("2026-11-25T23:59:30");
    earn(&mut world);
    world.go_on_to("2026-11-26T03:00:00");
    assert_eq!(world.ledger.funds.today_realized_pnl, Money::ZERO);
    earn(&mut world);
    world.go_on_to("2026-11-27T12:00:00");
    let days: Vec<_> = world.days.iter().map(|day| day.realized).collect();
    assert_eq!(days, [money("100"), money("200")]);
}

#[test]
fn a_session_that_begins_before_the_day_is_summed_up_takes_nothing_from_it() {
    let mut world = World::new();
    earn(&mut world);
    let morning = at("2026-11-26T09:00:00");
    let session = SessionBoundary::default().day_of(morning);
    let begun = world.account.begin_day(session, morning).unwrap();
    world.keep(&begun);
    world.go_on_to("2026-11-26T09:00:00");
    assert_eq!(world.days[0].realized, money("100"));
}

#[test]
fn a_day_has_what_was_realised_before_the_account_was_reset_too() {
    let mut world = World::new();
    earn(&mut world);
    world.reset();
    earn(&mut world);
    world.go_on_to("2026-11-26T09:00:00");
    assert_eq!(world.ledger.funds.realized_pnl, money("100"));
    assert_eq!(world.days[0].realized, money("200"));
}

#[test]
fn an_account_that_is_opened_again_does_nothing_twice() {
    let mut world = bound();
    hold(&mut world);
    world.go_on_to("2026-11-25T15:15:00");
    let terms = Arc::clone(&world.terms);
    world.account = PaperBroker.open(world.ledger.clone(), terms);
    assert_eq!(world.account.next_job(world.clock.now()), None);
}

#[test]
fn a_stop_is_told_before_what_may_still_fill_and_not_without_a_reason() {
    let mut world = bound();
    let until = at("2026-11-26T12:00:00");
    assert_eq!(
        world.account.next_stop(until),
        None,
        "there is nothing to end"
    );
    let resting = order(&share(), Side::Buy, 5, limit("1400"));
    let entry = world.place(&share(), resting, "1500").unwrap();
    let first = world.account.next_stop(until).unwrap();
    assert_eq!(
        (first.at, first.kind),
        (at("2026-11-25T15:15:00"), PaperJobKind::SquareOff)
    );
    world.cancel(&id(&entry)).unwrap();
    assert_eq!(world.account.next_stop(until), None);
}

#[test]
fn a_reset_at_midnight_is_not_lost_behind_the_delivery_of_midnight() {
    let mut world = bound();
    let mut terms = (*world.terms).clone();
    terms.weekly_reset.day = openalgo_core::paper::ResetDay::Saturday;
    world.change_terms(terms);
    let share = share();
    let delivery = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 10, OrderKind::Market)
    };
    world.go_on_to("2026-11-27T11:00:00");
    world.place(&share, delivery, "1500").unwrap();
    world.go_on_to("2026-11-30T11:00:00");
    assert_eq!(
        of_kind(&world, PaperJobKind::Deliver),
        [at("2026-11-28T00:00:00")]
    );
    assert_eq!(
        of_kind(&world, PaperJobKind::Reset),
        [at("2026-11-28T00:00:00")]
    );
    assert_eq!(world.ledger.holdings, []);
    world.check();
}
