//! A recording as a market whose prices are a function of the time: who was away finds out what
//! its orders met meanwhile, in the order of time.

use super::replay::NoPrice;
use super::{Ending, RecordingError, RecordingReader};
use crate::polled_feed::{MarketView, Modes, PolledFeed, PolledMarket};
use async_trait::async_trait;
use chrono::NaiveDate;
use openalgo_core::market::{
    Depth, FeedMode, Instrument, InstrumentKey, Quote, Span, Tick, TickSource, Timestamp,
};
use openalgo_core::paper::PriceBand;
use openalgo_core::port::{
    Clock, DepthSource, InstrumentSource, MarketError, MarketSource, PriceOrigin, PricePath,
    QuoteSource,
};
use openalgo_core::rule::known_market::KnownMarket;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

/// All of them are kept in memory.
const MOST_PRICES: usize = 2_000_000;

/// How often the feed looks at the time.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What became of one instrument.
#[derive(Debug, Default)]
struct Line {
    /// Its markets, each dated with when its price arrived.
    quotes: Vec<Quote>,
    depths: Vec<Depth>,
}

/// The prices of a recording, by instrument and time. Those that cannot be are left out.
#[derive(Debug)]
pub struct RecordedCourse {
    begun: Timestamp,
    last: Timestamp,
    ending: Ending,
    instruments: Vec<Instrument>,
    lines: BTreeMap<InstrumentKey, Line>,
}

impl RecordedCourse {
    /// Reads a recording to its end; blocks meanwhile.
    pub fn read(mut reader: RecordingReader<impl Read>) -> Result<Self, RecordingError> {
        let preamble = reader.preamble().clone();
        let listed = preamble.instruments.iter().map(|it| it.key.clone());
        let mut lines: BTreeMap<_, _> = listed.map(|key| (key, Line::default())).collect();
        let mut known = BTreeMap::<InstrumentKey, KnownMarket>::new();
        let (mut last, mut count) = (preamble.begun, 0_usize);
        while let Some(ticks) = reader.next_block()? {
            count = count.saturating_add(ticks.len());
            if count > MOST_PRICES {
                return Err(RecordingError::TooManyPrices { most: MOST_PRICES });
            }
            for tick in ticks {
                last = last.max(tick.received_at);
                let market = known.entry(tick.instrument.clone()).or_default();
                if market.take(&tick).is_ok()
                    && let Some(line) = lines.get_mut(&tick.instrument)
                {
                    line.push(market, tick, last);
                }
            }
        }
        Ok(Self {
            begun: preamble.begun,
            last,
            ending: reader.ending().unwrap_or(Ending::Whole),
            instruments: preamble.instruments,
            lines,
        })
    }

    /// When it was begun.
    pub fn begun(&self) -> Timestamp {
        self.begun
    }

    /// When its last price came.
    pub fn last(&self) -> Timestamp {
        self.last
    }

    /// How the file ends.
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// A market with these prices, in all its roles; what it tells is that of the instant, by
    /// `clock`.
    pub fn source(self: &Arc<Self>, clock: Arc<dyn Clock>) -> MarketSource {
        let market = Arc::new(CourseMarket {
            course: Arc::clone(self),
            clock,
        });
        MarketSource {
            path: Some(Arc::<Self>::clone(self)),
            feed: Some(Arc::new(PolledFeed::new(Arc::clone(&market), LOOK_EVERY))),
            depth: Some(Arc::<CourseMarket>::clone(&market)),
            origin: PriceOrigin::Staged,
            ..MarketSource::new(Arc::<CourseMarket>::clone(&market), market)
        }
    }

    fn line(&self, key: &InstrumentKey) -> Result<&Line, MarketError> {
        let line = self.lines.get(key);
        line.ok_or_else(|| MarketError::UnknownInstrument(key.clone()))
    }

    fn depth_at(&self, key: &InstrumentKey, at: Timestamp) -> Result<Depth, MarketError> {
        let depths = &self.line(key)?.depths;
        let depth = up_to(depths, at, |depth| depth.timestamp).last().cloned();
        depth.ok_or_else(|| NoPrice::NoDepth(key.clone()).into())
    }
}

impl Line {
    /// Takes the market after a price that came at `at`.
    fn push(&mut self, market: &KnownMarket, tick: Tick, at: Timestamp) {
        self.quotes.extend(market.quote().map(|quote| Quote {
            timestamp: at,
            ..quote.clone()
        }));
        self.depths.extend(tick.depth.map(|depth| Depth {
            timestamp: at,
            ..depth
        }));
    }
}

/// The beginning of a list in the order of time, as far as it goes up to an instant.
fn up_to<T>(all: &[T], at: Timestamp, time: impl Fn(&T) -> Timestamp) -> &[T] {
    let count = all.partition_point(|it| time(it) <= at);
    all.get(..count).unwrap_or_default()
}

impl PricePath for RecordedCourse {
    fn first_inside(
        &self,
        instrument: &InstrumentKey,
        band: PriceBand,
        span: Span,
    ) -> Result<Option<Quote>, MarketError> {
        let told = up_to(&self.line(instrument)?.quotes, span.until, |it| {
            it.timestamp
        });
        let first = up_to(told, span.from, |it| it.timestamp).len();
        let mut rest = told.iter().skip(first);
        Ok(rest.find(|quote| band.contains(quote.ltp)).cloned())
    }

    fn quote_at(&self, instrument: &InstrumentKey, at: Timestamp) -> Result<Quote, MarketError> {
        let quotes = &self.line(instrument)?.quotes;
        let quote = up_to(quotes, at, |quote| quote.timestamp).last().cloned();
        quote.ok_or_else(|| NoPrice::NotYet(instrument.clone()).into())
    }
}

/// The prices of a recording at the time of a clock.
#[derive(Debug)]
pub struct CourseMarket {
    course: Arc<RecordedCourse>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl QuoteSource for CourseMarket {
    async fn quote(&self, instrument: &InstrumentKey) -> Result<Quote, MarketError> {
        self.course.quote_at(instrument, self.clock.now())
    }
}

#[async_trait]
impl DepthSource for CourseMarket {
    async fn depth(&self, instrument: &InstrumentKey) -> Result<Depth, MarketError> {
        self.course.depth_at(instrument, self.clock.now())
    }
}

#[async_trait]
impl InstrumentSource for CourseMarket {
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let listed = self.course.instruments.iter();
        let alive = listed.filter(|it| it.expiry.is_none_or(|expiry| expiry >= date));
        Ok(alive.cloned().collect())
    }
}

impl PolledMarket for CourseMarket {
    type View = CourseView;

    fn view(self: &Arc<Self>) -> CourseView {
        CourseView {
            told: self.clock.now(),
            market: Arc::clone(self),
        }
    }
}

/// The prices of a recording as one stream sees them.
#[derive(Debug)]
pub struct CourseView {
    market: Arc<CourseMarket>,
    /// The time of the last look, or at which the stream was opened.
    told: Timestamp,
}

#[async_trait]
impl MarketView for CourseView {
    async fn look(&mut self) -> bool {
        let before = std::mem::replace(&mut self.told, self.market.clock.now());
        let mut lines = self.market.course.lines.values();
        let count = |line: &Line, at| up_to(&line.quotes, at, |quote| quote.timestamp).len();
        lines.any(|line| count(line, before) != count(line, self.told))
    }

    fn price(&mut self, key: &InstrumentKey, mode: FeedMode) -> Result<Tick, MarketError> {
        let course = &self.market.course;
        let quote = course.quote_at(key, self.told)?;
        if mode == FeedMode::Ltp {
            let at = quote.timestamp;
            return Ok(Tick {
                received_at: self.told,
                ..Tick::ltp(key.clone(), quote.ltp, at, TickSource::Recorded)
            });
        }
        let mut tick = Tick::of_quote(&quote, self.told, TickSource::Recorded);
        if mode == FeedMode::Depth {
            tick.depth = course.depth_at(key, self.told).ok();
        }
        Ok(tick)
    }

    fn keep(&mut self, _wanted: &Modes) {}
}
