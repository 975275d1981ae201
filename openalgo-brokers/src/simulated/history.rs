//! Candles of the simulated exchange: exactly what its prices were in every second of them.

#![expect(
    clippy::float_arithmetic,
    reason = "bounds are taken of values before they are rounded"
)]

use super::book::Book;
use super::listing::Listed;
use super::pricing::{Bounds, Seconds};
use super::quoting::{SAMPLE_SECONDS, Session, Tape, failed};
use super::{SimulatedExchange, float};
use async_trait::async_trait;
use openalgo_core::market::{
    Candle, CandleGrid, InstrumentKey, SessionBoundary, Slot, Span, Timestamp,
};
use openalgo_core::port::{HistorySource, MarketError};
use openalgo_core::value::ValueError;
use std::sync::Arc;

/// The longest stretch of a candle that is passed over at once.
const LONGEST_STRIDE: i64 = 1 << 16;

/// The past of the simulated exchange. A candle that is not over yet goes up to the present; there
/// are none of the future.
#[derive(Debug)]
pub struct SimulatedHistory(Arc<SimulatedExchange>);

impl SimulatedHistory {
    /// The past of an exchange.
    pub fn new(exchange: Arc<SimulatedExchange>) -> Self {
        Self(exchange)
    }
}

#[async_trait]
impl HistorySource for SimulatedHistory {
    async fn candles(
        &self,
        instrument: &InstrumentKey,
        grid: &CandleGrid,
        span: Span,
    ) -> Result<Vec<Candle>, MarketError> {
        let (exchange, key, grid) = (Arc::clone(&self.0), instrument.clone(), grid.clone());
        let computed =
            tokio::task::spawn_blocking(move || exchange.candles_in(&key, &grid, span)).await;
        computed.map_err(failed)?
    }
}

impl SimulatedExchange {
    /// The candles of a grid that begin in a span.
    pub fn candles_in(
        &self,
        instrument: &InstrumentKey,
        grid: &CandleGrid,
        span: Span,
    ) -> Result<Vec<Candle>, MarketError> {
        let until = span
            .until
            .min(self.clock.now().plus(chrono::Duration::seconds(1)));
        let mut candles = Vec::new();
        if span.from >= until {
            return Ok(candles);
        }
        let (listed, alive) = self.lifetime(instrument, widest(grid, span, until))?;
        let slots = std::iter::successors(grid.first_from(span.from), |slot| grid.following(*slot));
        let mut tape = self.tape(listed);
        for slot in slots.take_while(|slot| slot.starts < until) {
            let end = grid
                .closing(slot)
                .min(self.clock.now().plus(chrono::Duration::seconds(1)));
            let seconds = Seconds {
                from: grid.opening(slot).to_seconds().max(alive.from),
                until: end.to_seconds().saturating_sub(1).min(alive.until),
            };
            if seconds.from <= seconds.until {
                let candle = self.candle((instrument, listed), &mut tape, (slot, seconds));
                candles.push(candle.map_err(failed)?);
            }
        }
        Ok(candles)
    }

    fn candle(
        &self,
        (instrument, listed): (&InstrumentKey, Listed<'_>),
        tape: &mut Tape<'_>,
        (slot, seconds): (Slot, Seconds),
    ) -> Result<Candle, ValueError> {
        let price = |value: f64| float::to_price(value, listed.tick);
        let (open, close) = (tape.at(seconds.from), tape.at(seconds.until));
        let range = extremes(listed, tape, seconds);
        let at = |second: i64| {
            let ltp = price(close)?;
            Ok::<_, ValueError>(Book::new(self.seed, (instrument, listed), (second, ltp)))
        };
        Ok(Candle {
            timestamp: slot.starts,
            open: price(open)?,
            high: price(range.high)?,
            low: price(range.low)?,
            close: price(close)?,
            volume: traded(seconds, at)?,
            oi: at(seconds.until)?.open_interest(),
        })
    }
}

/// A span in which every second lies that may belong to one of the candles.
fn widest(grid: &CandleGrid, span: Span, until: Timestamp) -> Span {
    let first = grid.first_from(span.from).map(|slot| grid.opening(slot));
    let before = chrono::Duration::seconds(-1);
    // Its own beginning is no part of a span that is looked through.
    let from = first.map_or(span.from, |first| first.plus(before));
    let last = grid.slot_at(until).map(|slot| grid.closing(slot));
    Span {
        from,
        until: last.unwrap_or(until).max(from),
    }
}

/// The lowest and the highest value in some seconds.
///
/// Where the value cannot leave what is known of them for some seconds, these are passed over; so
/// the answer is exactly that of looking at each of them.
fn extremes(listed: Listed<'_>, tape: &mut Tape<'_>, seconds: Seconds) -> Bounds {
    let mut range = Bounds {
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
    };
    let mut sample = seconds.from;
    while sample <= seconds.until {
        range = with(range, tape.at(sample));
        sample = sample.saturating_add(SAMPLE_SECONDS);
    }
    let (mut second, mut stride) = (seconds.from, 1_i64);
    while second <= seconds.until {
        let spot = tape.course.at(second);
        range = with(range, tape.pricing.value(spot, second));
        stride = stride.saturating_mul(2).clamp(1, LONGEST_STRIDE);
        while stride > 0 && !stays(range, (listed, tape), (spot, second), stride) {
            stride /= 2;
        }
        second = second.saturating_add(stride).saturating_add(1);
    }
    range
}

fn with(range: Bounds, value: f64) -> Bounds {
    Bounds {
        low: range.low.min(value),
        high: range.high.max(value),
    }
}

/// Whether the value cannot leave a range for so many seconds.
fn stays(
    range: Bounds,
    (listed, tape): (Listed<'_>, &Tape<'_>),
    (spot, second): (f64, i64),
    stride: i64,
) -> bool {
    let reach = listed.asset.course.reach(stride);
    let spots = Bounds {
        low: spot / reach,
        high: spot * reach,
    };
    let seconds = Seconds {
        from: second,
        until: second.saturating_add(stride),
    };
    let bounds = tape.pricing.bounds(spots, seconds);
    range.low <= bounds.low && bounds.high <= range.high
}

/// Units that were traded in some seconds. The volume of a day begins anew with its session.
fn traded<'b>(
    seconds: Seconds,
    at: impl Fn(i64) -> Result<Book, ValueError> + 'b,
) -> Result<i64, ValueError> {
    let (mut total, mut from) = (0_i64, seconds.from);
    while from <= seconds.until {
        let instant = Timestamp::from_micros(from.saturating_mul(1_000_000));
        let Some(instant) = instant else { break };
        let session = Session::on(SessionBoundary::default().day_of(instant));
        let next = SessionBoundary::default().next_after(instant).to_seconds();
        let until = seconds.until.min(next.saturating_sub(1));
        let day_volume = |second: i64| Ok::<_, ValueError>(at(second)?.volume(session.start));
        let before = if from > session.start {
            day_volume(from.saturating_sub(1))?
        } else {
            0
        };
        total = total.saturating_add(day_volume(until)?.saturating_sub(before));
        from = until.saturating_add(1);
    }
    Ok(total)
}
