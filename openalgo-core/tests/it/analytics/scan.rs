//! What a set of legs needs.

use openalgo_core::analytics::{OptionModel, ScanLeg, ScanMargin, ScanRule, Underlying};
use openalgo_core::market::OptionRight::{self, Call, Put};

const FORWARD: f64 = 26_000.0;
const YEARS: f64 = 7.0 / 365.0;

fn option(right: OptionRight, strike: f64, units: f64) -> ScanLeg {
    let model = OptionModel::try_new((right, Underlying::Forward(FORWARD)), strike, YEARS, 0.0);
    ScanLeg {
        option: Some((right, strike)),
        units,
        price: model.unwrap().price(0.12).unwrap(),
        forward: FORWARD,
        volatility: Some(0.12),
        years: YEARS,
    }
}

fn future(units: f64) -> ScanLeg {
    ScanLeg {
        option: None,
        units,
        price: FORWARD,
        forward: FORWARD,
        volatility: None,
        years: YEARS,
    }
}

fn margin(legs: &[ScanLeg]) -> ScanMargin {
    ScanMargin::of(legs, ScanRule::INDEX)
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 0.01, "{found} is not {expected}");
}

/// 9.3 % of 26,000 for each of 75 units, and 2 % besides.
#[test]
fn a_future_needs_the_whole_range_either_way() {
    for units in [75.0, -75.0] {
        let margin = margin(&[future(units)]);
        near(margin.span, 181_350.0);
        near(margin.exposure, 39_000.0);
        near(margin.total(), 220_350.0);
    }
}

#[test]
fn an_option_that_was_bought_and_paid_for_needs_nothing() {
    let margin = margin(&[option(Call, 26_000.0, 75.0)]);
    near(margin.total(), 0.0);
}

/// Whoever sold a call and holds the future is short of a put.
#[test]
fn a_hedge_needs_less_than_its_parts() {
    let sold = option(Call, 26_200.0, -75.0);
    let bought = option(Call, 26_600.0, 75.0);
    let (naked, spread) = (margin(&[sold]), margin(&[sold, bought]));
    assert!(spread.total() < naked.total() / 2.0, "{spread:?} {naked:?}");
    // No more than the strikes are apart, less what was received.
    assert!(spread.span <= 400.0 * 75.0 + 0.01, "{spread:?}");
    near(spread.exposure, naked.exposure);
    let straddle = margin(&[option(Call, 26_000.0, -75.0), option(Put, 26_000.0, -75.0)]);
    let alone = margin(&[option(Call, 26_000.0, -75.0)]).span;
    assert!(straddle.span < 2.0 * alone, "only one side loses at a time");
}

#[test]
fn without_a_volatility_an_option_is_worth_what_exercising_brings() {
    let deep = ScanLeg {
        volatility: None,
        price: 1_000.0,
        ..option(Call, 25_000.0, -75.0)
    };
    // It loses what the underlying gains, and the thousand received are kept back.
    near(margin(&[deep]).span, (2_418.0 + 1_000.0) * 75.0);
}

#[test]
fn shares_move_farther_than_indices() {
    let (share, index) = (ScanRule::SHARE, ScanRule::INDEX);
    let of = |rule| ScanMargin::of(&[future(75.0)], rule).total();
    assert!(of(share) > of(index));
}
