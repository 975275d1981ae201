//! The course of a row's price, before it is rounded to the tick.

#![expect(
    clippy::float_arithmetic,
    reason = "a course is a real function of time; exact values begin at `float::to_price`"
)]

use super::float;
use super::noise::{Noise, NoiseCursor};
use super::row::{Row, RowKind};

const TRADING_DAYS_A_YEAR: f64 = 252.0;

/// How much of a share's course is the market's.
const SHARE_OF_MARKET: f64 = 0.6;
/// The same of an index, which is hardly anything else.
const INDEX_OF_MARKET: f64 = 0.95;

/// The price of one row as a function of time.
#[derive(Debug)]
pub(super) struct Course {
    base: f64,
    /// Standard deviation of a day's change of the logarithm.
    deviation: f64,
    of_market: f64,
    of_own: f64,
    own: Noise,
}

/// Reads a [`Course`] at one second after the other.
#[derive(Debug)]
pub(super) struct CourseCursor<'c> {
    course: &'c Course,
    market: NoiseCursor<'c>,
    own: NoiseCursor<'c>,
}

impl Course {
    /// The course of a row; rows of one symbol share it whatever their exchange.
    pub(super) fn new(seed: u64, row: &Row) -> Self {
        let of_market = market_weight(row);
        Self {
            base: float::of_decimal(row.base.to_decimal()),
            deviation: yearly_volatility(row) / libm::sqrt(TRADING_DAYS_A_YEAR),
            of_market,
            of_own: libm::sqrt(1.0 - of_market * of_market),
            own: Noise::new(float::key_of(seed, row.key.symbol.as_str())),
        }
    }

    pub(super) fn cursor<'c>(&'c self, market: &'c Noise) -> CourseCursor<'c> {
        CourseCursor {
            course: self,
            market: market.cursor(),
            own: self.own.cursor(),
        }
    }

    /// A factor by which the price at most rises or falls within `seconds`.
    pub(super) fn reach(&self, seconds: i64) -> f64 {
        let noise = self.own.reach(seconds) * (self.of_market.abs() + self.of_own);
        // The addition covers what the calculation itself rounds.
        libm::exp(self.deviation * noise + 1e-9)
    }
}

impl CourseCursor<'_> {
    /// The price at a second.
    pub(super) fn at(&mut self, second: i64) -> f64 {
        let course = self.course;
        let mut noise = course.of_own * self.own.at(second);
        if course.of_market.abs() > 0.0 {
            noise += course.of_market * self.market.at(second);
        }
        course.base * libm::exp(course.deviation * noise)
    }
}

/// The yearly volatility of a row as a fraction.
pub(super) fn yearly_volatility(row: &Row) -> f64 {
    float::of_decimal(row.volatility) / 100.0
}

fn market_weight(row: &Row) -> f64 {
    match row.kind {
        RowKind::Equity => SHARE_OF_MARKET,
        // Volatility rises when the market falls.
        RowKind::Index if row.key.symbol.as_str() == "INDIAVIX" => -INDEX_OF_MARKET,
        RowKind::Index => INDEX_OF_MARKET,
        RowKind::FutureRoot => 0.0,
    }
}
