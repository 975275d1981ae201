//! Price, implied volatility and Greeks.

use chrono::NaiveDate;
use openalgo_core::analytics::{Greeks, NotComputable, OptionLife, OptionModel, Underlying};
use openalgo_core::market::{Exchange, OptionRight, Timestamp};
use proptest::prelude::*;

const CALL: OptionRight = OptionRight::Call;
const PUT: OptionRight = OptionRight::Put;

fn on_future(
    (right, forward): (OptionRight, f64),
    strike: f64,
    years: f64,
    rate: f64,
) -> OptionModel {
    OptionModel::try_new((right, Underlying::Forward(forward)), strike, years, rate).unwrap()
}

fn on_spot(right: OptionRight, (price, dividend_yield): (f64, f64), strike: f64) -> OptionModel {
    let underlying = Underlying::Spot {
        price,
        dividend_yield,
    };
    OptionModel::try_new((right, underlying), strike, 0.5, 0.1).unwrap()
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} is not {expected} within {tolerance}"
    );
}

/// J. Hull, "Options, futures, and other derivatives": the examples of the chapters on
/// Black-Scholes-Merton (42, 40, 10 %, 20 %, half a year), on futures options (20, 20, 9 %, 25 %,
/// four months) and on Greeks (49, 50, 5 %, 20 %, twenty weeks).
#[test]
fn a_textbook_tells_the_same() {
    near(
        on_spot(CALL, (42.0, 0.0), 40.0).price(0.2).unwrap(),
        4.76,
        0.005,
    );
    near(
        on_spot(PUT, (42.0, 0.0), 40.0).price(0.2).unwrap(),
        0.81,
        0.005,
    );
    let put = on_future((PUT, 20.0), 20.0, 4.0 / 12.0, 0.09);
    near(put.price(0.25).unwrap(), 1.12, 0.005);
    let stock = Underlying::Spot {
        price: 49.0,
        dividend_yield: 0.0,
    };
    let call = OptionModel::try_new((CALL, stock), 50.0, 0.3846, 0.05).unwrap();
    let greeks = call.greeks(0.2).unwrap();
    near(greeks.delta, 0.522, 0.0005);
    near(greeks.gamma, 0.066, 0.0005);
    near(greeks.theta * 365.0, -4.31, 0.005);
    near(greeks.vega * 100.0, 12.1, 0.05);
    near(greeks.rho * 100.0, 8.91, 0.005);
}

/// E. G. Haug, "The complete guide to option pricing formulas": the example of Merton's model (100,
/// 95, 10 %, a yield of 5 %, 20 %, half a year) and of Black's (19, 19, 10 %, 28 %, nine months).
#[test]
fn a_book_of_formulas_tells_the_same() {
    near(
        on_spot(PUT, (100.0, 0.05), 95.0).price(0.2).unwrap(),
        2.4648,
        0.00005,
    );
    for right in [CALL, PUT] {
        let option = on_future((right, 19.0), 19.0, 0.75, 0.1);
        near(option.price(0.28).unwrap(), 1.7011, 0.00005);
    }
}

/// `scripts/option-values.py` wrote the file: deep in and out of the money, from an hour before
/// expiry to two years, calm and wild.
#[test]
fn an_independent_implementation_tells_the_same() {
    let file = include_str!("../../data/option-values.csv");
    let mut lines = 0_u32;
    for record in csv::Reader::from_reader(file.as_bytes()).into_records() {
        let record = record.unwrap();
        let number = |at: usize| record[at].parse::<f64>().unwrap();
        let underlying = match &record[0] {
            "black76" => Underlying::Forward(number(2)),
            _ => Underlying::Spot {
                price: number(2),
                dividend_yield: number(6),
            },
        };
        let right = record[1].parse().unwrap();
        let option =
            OptionModel::try_new((right, underlying), number(3), number(4), number(5)).unwrap();
        let (volatility, price) = (number(7), number(8));
        let Greeks {
            delta,
            gamma,
            theta,
            vega,
            rho,
        } = option.greeks(volatility).unwrap();
        // Prices are in the thousands: eleven digits.
        near(option.price(volatility).unwrap(), price, 1e-7);
        for (found, at) in [(delta, 9), (gamma, 10), (theta, 11), (vega, 12), (rho, 13)] {
            near(found, number(at), 1e-7);
        }
        lines += 1;
    }
    assert_eq!(lines, 672);
}

#[test]
fn what_cannot_be_computed_is_said() {
    let deep = on_future((CALL, 26_000.0), 25_000.0, 0.01, 0.0);
    assert_eq!(
        deep.implied_volatility(1_000.0),
        Err(NotComputable::NoTimeValue {
            price: 1_000.0,
            intrinsic: 1_000.0
        })
    );
    let error = deep.implied_volatility(999.95).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the price 999.95 holds no time value: the intrinsic value is 1000"
    );
    assert!(matches!(
        deep.implied_volatility(26_000.0),
        Err(NotComputable::TooDear { .. })
    ));
    for price in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = deep.implied_volatility(price).unwrap_err();
        assert!(error.to_string().starts_with("option price is"), "{error}");
    }
    let expired = OptionModel::try_new((CALL, Underlying::Forward(1.0)), 1.0, 0.0, 0.0);
    assert_eq!(expired, Err(NotComputable::Expired));
    for (forward, strike, rate, field) in [
        (0.0, 1.0, 0.0, "underlying price"),
        (1.0, -1.0, 0.0, "strike"),
        (1.0, 1.0, f64::NAN, "interest rate"),
    ] {
        let underlying = Underlying::Forward(forward);
        let error = OptionModel::try_new((CALL, underlying), strike, 1.0, rate).unwrap_err();
        assert!(error.to_string().starts_with(field), "{error}");
    }
    let mad = OptionModel::try_new((CALL, Underlying::Forward(1.0)), 1.0, 1.0, 1e6);
    assert_eq!(mad, Err(NotComputable::OutOfReach));
    assert!(deep.greeks(0.0).is_err());
}

/// The day of expiry, an hour before the end: the recorded server counts days of 24 hours.
#[test]
fn a_life_ends_at_the_cut_off_of_its_exchange() {
    let day = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    let at = |hour: u32, minute: u32| Timestamp::of_ist(day.and_hms_opt(hour, minute, 0).unwrap());
    for (exchange, hour, minute) in [
        (Exchange::Nfo, 15, 30),
        (Exchange::Bfo, 15, 30),
        (Exchange::Mcx, 23, 30),
        (Exchange::Cds, 12, 30),
    ] {
        let life = OptionLife::at(at(hour - 1, minute), (exchange, day), None);
        assert_eq!(life.ends(), at(hour, minute));
        near(life.days(), 1.0 / 24.0, 1e-12);
        near(life.years(), 1.0 / 8760.0, 1e-12);
        assert!(OptionLife::at(at(hour, minute), (exchange, day), None).is_over());
    }
    let early = "10:45".parse().unwrap();
    let life = OptionLife::at(at(10, 45), (Exchange::Nfo, day), Some(early));
    assert!(life.is_over());
}

fn models() -> impl Strategy<Value = (OptionModel, OptionModel, f64)> {
    let terms = (
        1.0..100_000.0_f64,
        0.3..3.0_f64,
        0.0001..3.0_f64,
        -0.02..0.15_f64,
        0.02..2.0_f64,
    );
    terms.prop_map(|(forward, part, years, rate, volatility)| {
        let model = |right| on_future((right, forward), forward * part, years, rate);
        (model(CALL), model(PUT), volatility)
    })
}

proptest! {
    /// Wherever the price holds a time value that a float can tell, it leads back to its volatility.
    #[test]
    fn a_price_leads_back_to_its_volatility((call, put, volatility) in models()) {
        for option in [call, put] {
            let price = option.price(volatility).unwrap();
            let time_value = price - option.intrinsic();
            match option.implied_volatility(price) {
                Ok(implied) => {
                    let again = option.price(implied).unwrap();
                    prop_assert!((again - price).abs() <= 1e-9 * price.max(1.0), "{again} {price}");
                }
                Err(error) => prop_assert!(time_value <= 1e-9 * price.max(1e-300), "{error}: {option:?}"),
            }
        }
    }

    /// Call and put of one strike differ by the discounted forward price above the strike.
    #[test]
    fn call_and_put_keep_their_parity((call, put, volatility) in models()) {
        let (bought, sold) = (call.price(volatility).unwrap(), put.price(volatility).unwrap());
        let apart = call.intrinsic() - put.intrinsic();
        prop_assert!(((bought - sold) - apart).abs() <= 1e-9 * bought.max(sold).max(1.0));
        let (call, put) = (call.greeks(volatility).unwrap(), put.greeks(volatility).unwrap());
        prop_assert!((call.gamma - put.gamma).abs() <= 1e-12 * call.gamma.max(1.0));
        prop_assert!((call.vega - put.vega).abs() <= 1e-9 * call.vega.max(1.0));
        prop_assert!((0.0..=1.2).contains(&call.delta) && (-1.2..=0.0).contains(&put.delta));
    }
}
