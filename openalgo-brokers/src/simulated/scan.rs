//! Finds the first second in which a price lies in a band, without looking at every second.
//!
//! From a price follow bounds that it cannot leave for some seconds. Where these do not meet the
//! band, the seconds are passed over; so the answer is exactly that of looking at each of them.

#![expect(
    clippy::float_arithmetic,
    reason = "bounds are taken of values before they are rounded"
)]

use super::listing::Listed;
use super::pricing::{Bounds, Seconds};
use super::quoting::{Session, Tape, failed};
use super::{SimulatedExchange, float};
use chrono::{Days, NaiveDate};
use openalgo_core::market::{InstrumentKey, Quote, Span, Timestamp, TradingDay};
use openalgo_core::paper::PriceBand;
use openalgo_core::port::{MarketError, PricePath};
use openalgo_core::value::{Price, Tick, ValueError};

/// No contract is listed longer before its expiry.
const LONGEST_LISTING: Days = Days::new(150);

/// The longest stretch that is passed over at once, about a century.
const LONGEST_STRIDE: i64 = 1 << 32;

impl PricePath for SimulatedExchange {
    /// The seconds are whole ones. A contract has no prices before it is listed and after it has
    /// expired.
    ///
    /// # Errors
    /// [`MarketError::UnknownInstrument`] when the instrument does not exist at any time of the
    /// span.
    fn first_inside(
        &self,
        instrument: &InstrumentKey,
        band: PriceBand,
        span: Span,
    ) -> Result<Option<Quote>, MarketError> {
        let (listed, seconds) = self.lifetime(instrument, span)?;
        let found = self.search(listed, band, seconds).map_err(failed)?;
        found
            .and_then(|second| Timestamp::from_micros(second.checked_mul(1_000_000)?))
            .map(|at| self.quote_at(instrument, at))
            .transpose()
    }

    fn quote_at(&self, instrument: &InstrumentKey, at: Timestamp) -> Result<Quote, MarketError> {
        Self::quote_at(self, instrument, at)
    }
}

impl SimulatedExchange {
    /// The instrument and the seconds of the span in which it exists.
    pub(super) fn lifetime(
        &self,
        instrument: &InstrumentKey,
        span: Span,
    ) -> Result<(Listed<'_>, Seconds), MarketError> {
        let (first, last) = (Session::of(span.from)?, Session::of(span.until)?);
        let mut seconds = Seconds {
            from: span.from.to_seconds().saturating_add(1),
            until: span.until.to_seconds(),
        };
        let Some(expiry) = self.listing.expiry(instrument) else {
            return Ok((self.listed(instrument, last.day)?, seconds));
        };
        let unknown = || MarketError::UnknownInstrument(instrument.clone());
        if first.day.date() > expiry {
            return Err(unknown());
        }
        // A contract, once listed, stays so until it expires.
        let listed = self.listed(instrument, last.day.min(TradingDay::new(expiry)))?;
        let born = self.listed_since(instrument, expiry).ok_or_else(unknown)?;
        seconds.from = seconds.from.max(Session::on(TradingDay::new(born)).start);
        if let Some(after) = expiry.succ_opt() {
            let end = Session::on(TradingDay::new(after)).start;
            seconds.until = seconds.until.min(end.saturating_sub(1));
        }
        Ok((listed, seconds))
    }

    fn listed_since(&self, instrument: &InstrumentKey, expiry: NaiveDate) -> Option<NaiveDate> {
        let earliest = expiry.checked_sub_days(LONGEST_LISTING)?;
        earliest
            .iter_days()
            .take_while(|day| *day <= expiry)
            .find(|day| self.listing.find(instrument, *day).is_some())
    }

    fn search(
        &self,
        listed: Listed<'_>,
        band: PriceBand,
        seconds: Seconds,
    ) -> Result<Option<i64>, ValueError> {
        let gate = Gate::new(band, listed.tick);
        let mut tape = self.tape(listed);
        let mut second = seconds.from;
        let mut stride = 1;
        while second <= seconds.until {
            let spot = tape.course.at(second);
            let value = tape.pricing.value(spot, second);
            let now = Bounds {
                low: value,
                high: value,
            };
            if gate.may_hold(now) {
                if gate.band.contains(float::to_price(value, listed.tick)?) {
                    return Ok(Some(second));
                }
                stride = 0;
            } else {
                stride = longest_miss(&gate, (listed, &tape), (spot, second), stride);
            }
            second = second.saturating_add(stride).saturating_add(1);
        }
        Ok(None)
    }
}

/// A number of seconds after `second` in which the price cannot reach the gate.
fn longest_miss(
    gate: &Gate,
    (listed, tape): (Listed<'_>, &Tape<'_>),
    (spot, second): (f64, i64),
    last: i64,
) -> i64 {
    // What was possible before is a good guess of what is possible now.
    let mut stride = last.saturating_mul(2).clamp(1, LONGEST_STRIDE);
    while stride > 0 {
        let reach = listed.asset.course.reach(stride);
        let spots = Bounds {
            low: spot / reach,
            high: spot * reach,
        };
        let seconds = Seconds {
            from: second,
            until: second.saturating_add(stride),
        };
        if !gate.may_hold(tape.pricing.bounds(spots, seconds)) {
            break;
        }
        stride /= 2;
    }
    stride
}

/// A band and its ends as numbers, a tick wider than it, so that no rounding matters.
#[derive(Debug)]
struct Gate {
    band: PriceBand,
    low: f64,
    high: f64,
    least: f64,
}

impl Gate {
    fn new(band: PriceBand, tick: Tick) -> Self {
        let number = |price: Price| float::of_decimal(price.to_decimal());
        let least = number(tick.step());
        Self {
            band,
            low: band
                .low
                .map_or(f64::NEG_INFINITY, |low| number(low) - least),
            high: band.high.map_or(f64::INFINITY, |high| number(high) + least),
            least,
        }
    }

    /// Whether one of these values may become a price inside the band.
    fn may_hold(&self, values: Bounds) -> bool {
        // A price is at least one tick.
        values.high.max(self.least) >= self.low && values.low <= self.high
    }
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small"
)]
mod tests;
