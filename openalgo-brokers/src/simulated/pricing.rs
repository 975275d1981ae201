//! What a contract is worth when its underlying has a given price.

#![expect(
    clippy::float_arithmetic,
    reason = "carry and Black-76 are real functions; exact values begin at `float::to_price`"
)]

use super::float;
use chrono::NaiveDate;
use openalgo_core::market::{IST, OptionRight};
use openalgo_core::value::Price;

/// Interest a year, simple for carry and continuous for discount.
const RATE: f64 = 0.065;
const DAY: f64 = 86_400.0;
const DAYS_A_YEAR: f64 = 365.0;
/// Volatility gained per unit of moneyness: 0.4 points per 1 %.
const SMILE: f64 = 0.4;
/// 15:30, when contracts expire, in seconds after midnight in India.
const CLOSE: i64 = 55_800;

/// How the price of an instrument follows from that of its row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pricing {
    /// It is the same.
    Spot,
    /// With carry until the expiry.
    Future {
        /// Second of the expiry.
        expires: i64,
    },
    /// By Black-76 on the future of the same expiry.
    Option {
        /// Second of the expiry.
        expires: i64,
        /// The strike.
        strike: f64,
        /// Call or put.
        right: OptionRight,
        /// Yearly volatility at the money.
        volatility: f64,
    },
}

/// Prices from `low` to `high`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Seconds from `from` to `until`, both included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seconds {
    pub(super) from: i64,
    pub(super) until: i64,
}

/// The second in which contracts of an expiry end.
pub(super) fn expiry_second(date: NaiveDate) -> i64 {
    let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
    midnight
        .saturating_add(CLOSE)
        .saturating_sub(IST.local_minus_utc().into())
}

/// The number of a strike.
pub(super) fn strike(price: Price) -> f64 {
    float::of_decimal(price.to_decimal())
}

impl Pricing {
    /// The value at a second when the underlying stands at `spot`.
    pub(super) fn value(self, spot: f64, second: i64) -> f64 {
        match self {
            Self::Spot => spot,
            Self::Future { expires } => spot * carry(expires, second),
            Self::Option {
                expires,
                strike,
                right,
                volatility,
            } => {
                let forward = spot * carry(expires, second);
                let years = years(expires, second);
                let volatility = volatility + SMILE * moneyness(strike, forward);
                let deviation = volatility * libm::sqrt(years);
                libm::exp(-RATE * years) * black(right, forward, strike, deviation)
            }
        }
    }

    /// Bounds of the value over some seconds in which the underlying stays within `spot`.
    pub(super) fn bounds(self, spot: Bounds, seconds: Seconds) -> Bounds {
        match self {
            Self::Spot => spot,
            Self::Future { expires } => forward_bounds(spot, expires, seconds),
            Self::Option {
                expires,
                strike,
                right,
                volatility,
            } => {
                let forward = forward_bounds(spot, expires, seconds);
                let smile = moneyness_bounds(strike, forward);
                let (longest, shortest) =
                    (years(expires, seconds.from), years(expires, seconds.until));
                let calm = (volatility + SMILE * smile.low) * libm::sqrt(shortest);
                let wild = (volatility + SMILE * smile.high) * libm::sqrt(longest);
                // A call rises with its future, a put falls; both rise with the deviation.
                let (worst, best) = match right {
                    OptionRight::Call => (forward.low, forward.high),
                    OptionRight::Put => (forward.high, forward.low),
                };
                Bounds {
                    low: libm::exp(-RATE * longest) * black(right, worst, strike, calm),
                    high: libm::exp(-RATE * shortest) * black(right, best, strike, wild),
                }
            }
        }
    }
}

fn years(expires: i64, second: i64) -> f64 {
    float::of_count(expires.saturating_sub(second).max(0)) / (DAY * DAYS_A_YEAR)
}

fn carry(expires: i64, second: i64) -> f64 {
    1.0 + RATE * years(expires, second)
}

fn forward_bounds(spot: Bounds, expires: i64, seconds: Seconds) -> Bounds {
    Bounds {
        low: spot.low * carry(expires, seconds.until),
        high: spot.high * carry(expires, seconds.from),
    }
}

fn moneyness(strike: f64, forward: f64) -> f64 {
    (strike / forward - 1.0).abs()
}

fn moneyness_bounds(strike: f64, forward: Bounds) -> Bounds {
    let (a, b) = (
        moneyness(strike, forward.low),
        moneyness(strike, forward.high),
    );
    let passes = forward.low <= strike && strike <= forward.high;
    Bounds {
        low: if passes { 0.0 } else { a.min(b) },
        high: a.max(b),
    }
}

/// Black's formula without discount; `deviation` is volatility times the square root of time.
fn black(right: OptionRight, forward: f64, strike: f64, deviation: f64) -> f64 {
    let sign = match right {
        OptionRight::Call => 1.0,
        OptionRight::Put => -1.0,
    };
    let intrinsic = (sign * (forward - strike)).max(0.0);
    if deviation <= 0.0 {
        return intrinsic;
    }
    let d1 = libm::log(forward / strike) / deviation + deviation / 2.0;
    let d2 = d1 - deviation;
    let value = sign * (forward * normal(sign * d1) - strike * normal(sign * d2));
    // Far from the strike the difference of two nearly equal terms may miss by a rounding.
    value.max(intrinsic)
}

/// The normal distribution function.
fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x / core::f64::consts::SQRT_2)
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EXPIRES: i64 = 1_795_000_000;

    fn option(right: OptionRight, strike: f64) -> Pricing {
        Pricing::Option {
            expires: EXPIRES,
            strike,
            right,
            volatility: 0.13,
        }
    }

    #[test]
    fn a_known_value() {
        // Black's formula for F = K: F (2 N(s/2) - 1), here with s = 0.2.
        let value = black(OptionRight::Call, 100.0, 100.0, 0.2);
        assert!((value - 7.965_567_455).abs() < 1e-8, "{value}");
    }

    #[test]
    fn an_option_ends_at_its_intrinsic_value() {
        let call = option(OptionRight::Call, 26_000.0);
        let put = option(OptionRight::Put, 26_000.0);
        for second in [EXPIRES, EXPIRES + 5_000] {
            assert!((call.value(26_100.0, second) - 100.0).abs() < 1e-9);
            assert!(put.value(26_100.0, second).abs() < 1e-9);
        }
    }

    #[test]
    fn contracts_expire_at_half_past_three() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        // 10:00 UTC.
        assert_eq!(expiry_second(date), 1_795_428_000);
    }

    proptest! {
        #[test]
        fn call_and_put_are_in_parity(
            spot in 20_000.0_f64..32_000.0,
            strike in 20_000.0_f64..32_000.0,
            left in 0_i64..9_000_000,
        ) {
            let second = EXPIRES - left;
            let call = option(OptionRight::Call, strike).value(spot, second);
            let put = option(OptionRight::Put, strike).value(spot, second);
            let forward = Pricing::Future { expires: EXPIRES }.value(spot, second);
            let years = years(EXPIRES, second);
            let parity = (forward - strike) * libm::exp(-RATE * years);
            prop_assert!((call - put - parity).abs() < 1e-6);
        }

        #[test]
        fn a_value_stays_within_its_bounds(
            spot in 20_000.0_f64..32_000.0,
            width in 1.0_f64..1.1,
            place in (0.0_f64..=1.0, 0_i64..=100),
            strike in 20_000.0_f64..32_000.0,
            left in -1_000_i64..9_000_000,
            length in 0_i64..100_000,
        ) {
            let spots = Bounds { low: spot, high: spot * width };
            let seconds = Seconds { from: EXPIRES - left, until: EXPIRES - left + length };
            let inside = spots.low + (spots.high - spots.low) * place.0;
            let second = seconds.from + length * place.1 / 100;
            for pricing in [
                Pricing::Future { expires: EXPIRES },
                option(OptionRight::Call, strike),
                option(OptionRight::Put, strike),
            ] {
                let bounds = pricing.bounds(spots, seconds);
                let value = pricing.value(inside, second);
                prop_assert!(bounds.low - 1e-6 <= value && value <= bounds.high + 1e-6);
            }
        }
    }
}
