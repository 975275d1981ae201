//! When orders fill, and at which price.

use super::samples::{id, limit, money, order, price, share, status, stop, terms};
use super::world::{CAPITAL, World};
use chrono::Duration;
use openalgo_brokers::paper::PaperBroker;
use openalgo_core::market::Quote;
use openalgo_core::order::{Executed, OrderKind, OrderState, OrderStatus, Outcome, Product, Side};
use openalgo_core::paper::{PaperRefusal, Ticket};
use openalgo_core::port::PaperExchange;
use openalgo_core::portfolio::Funds;
use openalgo_core::value::Price;

#[test]
fn a_market_order_meets_the_offer_and_reserves_a_fifth_intraday() {
    let mut world = World::new();
    let share = share();
    let entry = world.shares((Side::Buy, 10), OrderKind::Market, "1500");
    assert_eq!(status(&entry, &world), OrderStatus::Complete);
    assert_eq!(world.trades[0].price, price("1500.05"));
    assert_eq!(
        world.trades[0].broker_trade_id.as_ref().unwrap().as_str(),
        "TRADE-20261125-103000-17bfcc8a2d40"
    );
    let held = world.position(&share, Product::Mis);
    assert_eq!(held.average_price().unwrap(), price("1500.05"));
    assert_eq!(held.margin, money("3000.1"));
    assert_eq!(world.ledger.funds.available, money("996999.9"));
    world.check();
}

#[test]
fn a_limit_order_rests_until_its_price_and_fills_at_its_limit() {
    let mut world = World::new();
    let share = share();
    let entry = world.shares((Side::Buy, 10), limit("1490"), "1500");
    assert_eq!(status(&entry, &world), OrderStatus::Open);
    assert_eq!(world.ledger.funds.used_margin, money("2980"));
    assert!(world.tick(&share, "1490.05").is_none());
    let entry = world.tick(&share, "1485").unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Complete);
    assert_eq!(world.trades[0].price, price("1490"));
    world.check();
}

#[test]
fn a_marketable_limit_order_gets_the_better_price() {
    let mut world = World::new();
    world.shares((Side::Buy, 10), limit("1510"), "1500");
    assert_eq!(world.trades[0].price, price("1500"));
    world.check();
}

#[test]
fn a_stop_order_waits_for_its_trigger_and_a_stop_limit_for_its_limit_too() {
    let mut world = World::new();
    let share = share();
    let entry = world.shares((Side::Buy, 1), stop("1510"), "1500");
    assert_eq!(status(&entry, &world), OrderStatus::TriggerPending);
    let kind = OrderKind::StopLimit {
        trigger: price("1510"),
        price: price("1512"),
    };
    world.shares((Side::Buy, 2), kind, "1500");
    assert!(world.tick(&share, "1509.95").is_none());
    let entry = world.tick(&share, "1520").unwrap();
    assert_eq!(world.trades.len(), 1, "the stop at the market fills");
    assert_eq!(world.trades[0].price, price("1520"));
    assert_eq!(entry.orders.len(), 2, "the stop with a limit opens");
    assert_eq!(world.ledger.orders[0].state.status(), OrderStatus::Open);
    world.tick(&share, "1511").unwrap();
    assert_eq!(world.trades[1].price, price("1511"));
    world.check();
}

#[test]
fn cancelling_releases_exactly_what_was_reserved() {
    let mut world = World::new();
    let entry = world.shares((Side::Buy, 10), limit("1490"), "1500");
    let cancelled = world.cancel(&id(&entry)).unwrap();
    assert_eq!(status(&cancelled, &world), OrderStatus::Cancelled);
    assert_eq!(world.ledger.funds, Funds::opening(money(CAPITAL)));
    assert_eq!(
        world.cancel(&id(&entry)).unwrap_err(),
        PaperRefusal::UnknownOrder(id(&entry))
    );
}

#[test]
fn a_quote_of_two_days_at_once_fills_nothing_and_counts_as_seen() {
    let mut world = World::new();
    let share = share();
    world.shares((Side::Buy, 1), limit("1490"), "1500");
    world.clock.advance(Duration::seconds(1));
    let quote = world.incoherent_quote(&share);
    let ticket = Ticket {
        instrument: &share,
        quote: Some(&quote),
    };
    assert!(world.account.on_quote(ticket).is_none());
    assert_eq!(world.account.watches()[0].seen, quote.timestamp);
}

#[test]
fn a_quote_that_tells_no_range_fills_like_any_other() {
    let mut world = World::new();
    let share = share();
    world.shares((Side::Buy, 1), limit("1490"), "1500");
    world.clock.advance(Duration::seconds(1));
    let quote = Quote {
        low: Price::ZERO,
        high: Price::ZERO,
        ..world.quote(&share, price("1480"))
    };
    let ticket = Ticket {
        instrument: &share,
        quote: Some(&quote),
    };
    assert!(world.account.on_quote(ticket).is_some());
}

#[test]
fn an_order_that_arrives_at_a_quote_of_two_days_does_not_fill() {
    let mut world = World::new();
    let share = share();
    let market = order(&share, Side::Buy, 1, OrderKind::Market);
    assert_eq!(
        world
            .place_unpriced(&share, market)
            .unwrap_err()
            .to_string(),
        "Cannot place MARKET order for RELIANCE - unable to fetch current price. \
         Please try again later or use LIMIT order with a specific price."
    );
    let marketable = order(&share, Side::Buy, 1, limit("1490"));
    let entry = world.place_unpriced(&share, marketable).unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::Open);
    let triggered = order(&share, Side::Buy, 1, stop("1470"));
    let entry = world.place_unpriced(&share, triggered).unwrap();
    assert_eq!(status(&entry, &world), OrderStatus::TriggerPending);
    assert!(world.trades.is_empty());
    world.check();
    world.tick(&share, "1480").unwrap();
    assert_eq!(world.trades.len(), 2);
    world.check();
}

#[test]
fn a_step_that_does_not_fit_the_order_changes_nothing() {
    let mut world = World::new();
    let share = share();
    let entry = world.shares((Side::Buy, 1), limit("1490"), "1500");
    let id = id(&entry);
    // A ledger that hands out an order that is over, against its contract.
    let mut broken = world.ledger.clone();
    broken.orders[0].state = OrderState::Closed {
        broker_order_id: Some(id.clone()),
        outcome: Outcome::Cancelled {
            executed: Executed::default(),
            reason: None,
        },
    };
    world.account = PaperBroker.open(broken, terms());
    assert!(matches!(
        world.cancel(&id),
        Err(PaperRefusal::Transition(_))
    ));
    assert!(world.tick(&share, "1480").is_none());
    let entry = world.shares((Side::Buy, 1), limit("1400"), "1500");
    assert_eq!(entry.version, 2, "nothing was decided in between");
    world.check();
}
