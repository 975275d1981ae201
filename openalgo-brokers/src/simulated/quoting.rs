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
pub(super) const SAMPLE_SECONDS: i64 = 60;

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

/// The range of an instrument's day at every full minute so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct DayRange {
    pub(super) session: Session,
    /// The next second that is looked at.
    next: i64,
    low: f64,
    high: f64,
}

impl DayRange {
    pub(super) fn begin(session: Session) -> Self {
        Self {
            session,
            next: session.start,
            low: f64::INFINITY,
            high: 0.0,
        }
    }

    fn extend(&mut self, tape: &mut Tape<'_>, until: i64) {
        while self.next <= until {
            let value = tape.at(self.next);
            self.low = self.low.min(value);
            self.high = self.high.max(value);
            self.next = self.next.saturating_add(SAMPLE_SECONDS);
        }
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
    pub fn depth_at(
        &self,
        instrument: &InstrumentKey,
        at: Timestamp,
    ) -> Result<Depth, MarketError> {
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
        let mut range = DayRange::begin(session);
        self.quote_in(&mut range, (instrument, listed), at)
    }

    /// The market of an instrument, whose day's range is known up to some second before.
    pub(super) fn quote_in(
        &self,
        range: &mut DayRange,
        (instrument, listed): (&InstrumentKey, Listed<'_>),
        at: Timestamp,
    ) -> Result<Quote, ValueError> {
        let session = range.session;
        let second = at.to_seconds();
        let mut tape = self.tape(listed);
        let price = |value: f64| float::to_price(value, listed.tick);
        let prev_close = price(tape.at(session.start.saturating_sub(1)))?;
        let open = price(tape.at(session.start))?;
        range.extend(&mut tape, second);
        let (low, high) = (range.low, range.high);
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
