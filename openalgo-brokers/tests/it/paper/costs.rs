//! What trades cost besides their price, where that is asked for.

use super::samples::{limit, money, option, order, price, share};
use super::world::World;
use openalgo_brokers::charges_file::{self, ChargesFileError};
use openalgo_brokers::paper::PaperBroker;
use openalgo_core::order::{NewOrder, OrderKind, Product, Side};
use openalgo_core::paper::{MovementKind, PaperRefusal};
use openalgo_core::port::PaperExchange;
use openalgo_core::rule::charges::{ChargeProfile, ChargesOf};
use openalgo_core::value::Money;

/// An account that bears the charges of a broker, and so many ticks of slippage.
fn bearing(of: ChargesOf, slippage: u8) -> World {
    let mut world = World::new();
    let mut terms = (*world.terms).clone();
    terms.charges = PaperBroker.charges(of);
    terms.slippage = slippage;
    world.change_terms(terms);
    world
}

/// What was taken so far, by its kind.
fn taken(world: &World) -> Vec<(MovementKind, Money)> {
    let moved = world.movements.iter();
    moved.map(|it| (it.kind, it.cash.negated())).collect()
}

#[test]
fn intraday_shares_cost_brokerage_and_taxes_each_to_the_paisa() {
    let mut world = bearing(ChargesOf::Zerodha, 0);
    let share = share();
    let bought = order(&share, Side::Buy, 100, OrderKind::Market);
    world.place(&share, bought, "1500").unwrap();
    // Of 150,005 rupees.
    let due = [
        (MovementKind::Brokerage, money("20")),
        (MovementKind::ExchangeFee, money("4.61")),
        (MovementKind::SebiFee, money("0.15")),
        (MovementKind::Gst, money("4.46")),
        (MovementKind::StampDuty, money("4.50")),
    ];
    assert_eq!(taken(&world), due);
    assert_eq!(world.ledger.funds.realized_pnl, money("-33.72"));
    world.check();
    world.movements.clear();
    let sold = order(&share, Side::Sell, 100, OrderKind::Market);
    world.place(&share, sold, "1510").unwrap();
    // Of 150,995 rupees.
    let due = [
        (MovementKind::Brokerage, money("20")),
        (MovementKind::Stt, money("37.75")),
        (MovementKind::ExchangeFee, money("4.64")),
        (MovementKind::SebiFee, money("0.15")),
        (MovementKind::Gst, money("4.46")),
    ];
    assert_eq!(taken(&world), due);
    assert_eq!(world.ledger.funds.today_realized_pnl, money("889.28"));
}

#[test]
fn options_cost_a_sum_for_each_order_and_more_tax_on_their_premium() {
    let mut world = bearing(ChargesOf::Zerodha, 0);
    let option = option();
    let sold = order(&option, Side::Sell, 65, OrderKind::Market);
    world.place(&option, sold, "100").unwrap();
    // Of 6,496.75 rupees.
    let due = [
        (MovementKind::Brokerage, money("20")),
        (MovementKind::Stt, money("9.75")),
        (MovementKind::ExchangeFee, money("2.31")),
        (MovementKind::SebiFee, money("0.01")),
        (MovementKind::Gst, money("4.02")),
    ];
    assert_eq!(taken(&world), due);
    world.check();
}

#[test]
fn an_order_that_opens_exposure_must_afford_its_charges_and_an_exit_always_passes() {
    let mut world = bearing(ChargesOf::Zerodha, 0);
    let share = share();
    let all = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 1_000, limit("1000"))
    };
    let refused = world.place(&share, all, "1000").unwrap_err();
    assert!(matches!(refused, PaperRefusal::InsufficientFunds { .. }));
    assert_eq!(world.movements, [], "nothing was traded");
    let less = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Buy, 998, limit("1000"))
    };
    world.place(&share, less, "1000").unwrap();
    let sold = NewOrder {
        product: Product::Cnc,
        ..order(&share, Side::Sell, 998, OrderKind::Market)
    };
    world.place(&share, sold, "1000").unwrap();
    world.check();
}

#[test]
fn nothing_is_taken_unless_that_is_asked_for() {
    let mut world = World::new();
    let share = share();
    let bought = order(&share, Side::Buy, 100, OrderKind::Market);
    world.place(&share, bought, "1500").unwrap();
    assert_eq!(world.movements, []);
    assert_eq!(world.trades[0].price, price("1500.05"));
    assert!(PaperBroker.charges(ChargesOf::None).is_none());
}

#[test]
fn what_trades_at_the_market_does_so_some_ticks_worse_and_limits_hold() {
    let mut world = bearing(ChargesOf::None, 2);
    let share = share();
    for (side, kind) in [
        (Side::Buy, OrderKind::Market),
        (Side::Sell, OrderKind::Market),
        (Side::Buy, limit("1500")),
    ] {
        world
            .place(&share, order(&share, side, 1, kind), "1500")
            .unwrap();
    }
    let prices: Vec<_> = world.trades.iter().map(|it| it.price).collect();
    assert_eq!(prices, [price("1500.15"), price("1499.85"), price("1500")]);
    world.check();
}

#[test]
fn every_broker_has_charges_in_the_file_of_the_program() {
    for of in ChargesOf::ALL {
        let profile = charges_file::built_in(*of).unwrap();
        let is_empty = profile == ChargeProfile::default();
        assert_eq!(is_empty, *of == ChargesOf::None, "{of}");
        assert_eq!(PaperBroker.charges(*of).is_none(), is_empty, "{of}");
    }
}

#[test]
fn a_file_that_is_wrong_is_told_by_row_and_column() {
    let text = "profile,since,exchange,segment,brokerage,most_brokerage,stt_buy,stt_sell,\
                exchange_fee,sebi_fee,stamp_buy,gst\n\
                zerodha,2024-10-01,NSE,delivery,0,0,dear,0.1,0,0,0,18\n";
    let wrong = charges_file::parse(text, ChargesOf::Zerodha).unwrap_err();
    let told = "row 2 of the charges: column 'stt_buy' cannot be 'dear'";
    assert_eq!(wrong.to_string(), told);
    let missing = charges_file::parse("profile\nzerodha\n", ChargesOf::Zerodha);
    let missing = missing.unwrap_err();
    assert!(matches!(
        missing,
        ChargesFileError::MissingColumn { column: "since" }
    ));
}
