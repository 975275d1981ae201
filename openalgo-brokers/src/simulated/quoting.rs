//! The state of one instrument's market at an instant.

use super::book::{Book, BookSide};
use super::course::CourseCursor;
use super::listing::Listed;
use super::pricing::Pricing;
use super::{SimulatedError, SimulatedExchange, float};
use openalgo_core::market::{Depth, InstrumentKey, Quote, SessionBoundary, Timestamp, TradingDay};
use openalgo_core::port::MarketError;
use openalgo_core::value::{Quantity, ValueError};

/// How far apart the prices are from which the day's range is taken.
const SAMPLE_SECONDS: usize = 60;

/// About three centuries: what a clock can mean, and what a search can walk through.
const FARTHEST_SECOND: i64 = 10_000_000_000;

/// A day of the exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct Session {
    pub(super) day: TradingDay,
    /// Its first second.
    pub(super) start: i64,
}

impl Session {
    /// The session of an instant, unless that is too far away.
    pub(super) fn of(at: Timestamp) -> Result<Self, MarketError> {
        if at.to_seconds().saturating_abs() > FARTHEST_SECOND {
            return Err(failed(SimulatedError::OutOfTime(at)));
        }
        Ok(Self::on(SessionBoundary::default().day_of(at)))
    }

    /// The session of a day.
    pub(super) fn on(day: TradingDay) -> Self {
        let start = SessionBoundary::default().start_of(day).to_seconds();
        Self { day, start }
    }
}

/// Reads the values of one instrument, not yet rounded, at one second after the other.
#[derive(Debug)]
pub(super) struct Tape<'t> {
    pub(super) course: CourseCursor<'t>,
    pub(super) pricing: Pricing,
}

impl Tape<'_> {
    pub(super) fn at(&mut self, second: i64) -> f64 {
        self.pricing.value(self.course.at(second), second)
    }
}

impl SimulatedExchange {
    /// The market of an instrument at an instant.
    ///
    /// The price is constant within each whole second. The day's range is that of the prices at
    /// every full minute and the present one.
    pub fn quote_at(
        &self,
        instrument: &InstrumentKey,
        at: Timestamp,
    ) -> Result<Quote, MarketError> {
        let session = Session::of(at)?;
        let listed = self.listed(instrument, session.day)?;
        self.quote(instrument, listed, (session, at))
            .map_err(failed)
    }

    /// The best five bids and offers of an instrument at an instant.
    pub fn depth(&self, instrument: &InstrumentKey, at: Timestamp) -> Result<Depth, MarketError> {
        let session = Session::of(at)?;
        let listed = self.listed(instrument, session.day)?;
        let second = at.to_seconds();
        let ltp = float::to_price(self.tape(listed).at(second), listed.tick).map_err(failed)?;
        let book = Book::new(self.seed, (instrument, listed), (second, ltp));
        Ok(Depth {
            instrument: instrument.clone(),
            bids: book.levels(BookSide::Bids).map_err(failed)?,
            asks: book.levels(BookSide::Asks).map_err(failed)?,
            timestamp: at,
        })
    }

    pub(super) fn tape<'t>(&'t self, listed: Listed<'t>) -> Tape<'t> {
        Tape {
            course: listed.asset.course.cursor(&self.market),
            pricing: listed.pricing,
        }
    }

    pub(super) fn listed(
        &self,
        instrument: &InstrumentKey,
        day: TradingDay,
    ) -> Result<Listed<'_>, MarketError> {
        self.listing
            .find(instrument, day.date())
            .ok_or_else(|| MarketError::UnknownInstrument(instrument.clone()))
    }

    fn quote(
        &self,
        instrument: &InstrumentKey,
        listed: Listed<'_>,
        (session, at): (Session, Timestamp),
    ) -> Result<Quote, ValueError> {
        let second = at.to_seconds();
        let mut tape = self.tape(listed);
        let price = |value: f64| float::to_price(value, listed.tick);
        let prev_close = price(tape.at(session.start.saturating_sub(1)))?;
        let open = price(tape.at(session.start))?;
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for sample in (session.start..=second).step_by(SAMPLE_SECONDS) {
            let value = tape.at(sample);
            low = low.min(value);
            high = high.max(value);
        }
        let value = tape.at(second);
        let ltp = price(value)?;
        let book = Book::new(self.seed, (instrument, listed), (second, ltp));
        let bid = book.level(BookSide::Bids, 0)?;
        let ask = book.level(BookSide::Asks, 0)?;
        Ok(Quote {
            instrument: instrument.clone(),
            ltp,
            open,
            high: price(high.max(value))?,
            low: price(low.min(value))?,
            prev_close,
            volume: book.volume(session.start),
            bid: bid.map(|level| level.price),
            ask: ask.map(|level| level.price),
            bid_quantity: bid.map_or(Quantity::ZERO, |level| level.quantity),
            ask_quantity: ask.map_or(Quantity::ZERO, |level| level.quantity),
            oi: book.open_interest(),
            timestamp: at,
        })
    }
}

/// A failure that is not the asker's.
pub(super) fn failed(source: impl std::error::Error + Send + Sync + 'static) -> MarketError {
    MarketError::Failed(Box::new(source))
}
