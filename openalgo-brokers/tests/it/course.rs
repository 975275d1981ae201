//! A recording as a market whose prices are a function of the time.

use crate::recording::{instruments, ltp, written};
use openalgo_brokers::recording::{RecordedCourse, RecordingReader};
use openalgo_core::market::{Depth, FeedMode, InstrumentKey, Quote, Span, Tick, TickSource};
use openalgo_core::paper::PriceBand;
use openalgo_core::port::{MarketError, MarketSource, PricePath, Subscription};
use openalgo_core::testing::FakeClock;
use openalgo_core::testing::sample::{self, at, price};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

fn course(ticks: &[Tick]) -> Arc<RecordedCourse> {
    let reader = RecordingReader::open(Cursor::new(written(ticks))).unwrap();
    Arc::new(RecordedCourse::read(reader).unwrap())
}

/// Its market at a second of the recording, and the clock that says so.
fn market(ticks: &[Tick], second: i64) -> (MarketSource, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::at(&at(second).to_ist().to_rfc3339()));
    (course(ticks).source(Arc::clone(&clock) as _), clock)
}

fn infy() -> InstrumentKey {
    instruments()[0].key.clone()
}

fn told(quote: Result<Quote, MarketError>) -> String {
    quote.map_or_else(|error| error.to_string(), |quote| quote.ltp.to_string())
}

#[test]
fn prices_are_those_of_the_time() {
    let course = course(&[ltp(0, "1500", 5), ltp(1, "3000", 6), ltp(0, "1501", 9)]);
    let price_at = |second| told(course.quote_at(&infy(), at(second)));
    let early = course.quote_at(&infy(), at(4));
    assert!(matches!(early, Err(MarketError::Failed(_))), "{early:?}");
    let told = [5, 8, 9, 4_000].map(price_at);
    assert_eq!(told, ["1500.00", "1500.00", "1501.00", "1501.00"]);
    let unknown = course.quote_at(&sample::instrument("SBIN"), at(9));
    assert!(matches!(unknown, Err(MarketError::UnknownInstrument(_))));
    assert_eq!((course.begun(), course.last()), (at(0), at(9)));
}

#[test]
fn the_first_price_inside_a_band_is_found_after_the_beginning_of_a_span() {
    let prices = [("1500", 5), ("1499", 6), ("1502", 7), ("1499", 8)];
    let course = course(&prices.map(|(price, second)| ltp(0, price, second)));
    let first = |low: Option<&str>, high: Option<&str>, (from, until)| {
        let band = PriceBand {
            low: low.map(price),
            high: high.map(price),
        };
        let span = Span {
            from: at(from),
            until: at(until),
        };
        let found = course.first_inside(&infy(), band, span).unwrap();
        found.map(|quote| quote.timestamp)
    };
    assert_eq!(first(None, Some("1499"), (0, 100)), Some(at(6)));
    assert_eq!(
        first(None, Some("1499"), (6, 100)),
        Some(at(8)),
        "not its beginning"
    );
    assert_eq!(
        first(None, Some("1499"), (6, 8)),
        Some(at(8)),
        "but its end"
    );
    assert_eq!(first(None, Some("1499"), (6, 7)), None);
    assert_eq!(first(Some("1501"), None, (0, 100)), Some(at(7)));
    assert_eq!(first(Some("1503"), None, (0, 100)), None);
    assert_eq!(first(None, None, (9, 3)), None, "a span that is none");
}

/// A price that says of itself that it is older than one before it is told when it arrives, or not at
/// all: the order of a course is that in which prices came.
#[test]
fn prices_that_cannot_be_are_none_of_it() {
    let mut late = ltp(0, "1400", 7);
    late.exchange_time = Some(at(1));
    let mut ahead = ltp(0, "1300", 8);
    ahead.exchange_time = Some(at(40_000));
    let mut slow = ltp(0, "1499", 9);
    slow.exchange_time = Some(at(6));
    let course = course(&[ltp(0, "1500", 5), ltp(0, "0", 6), late, ahead, slow]);
    let price_at = |second| told(course.quote_at(&infy(), at(second)));
    assert_eq!(
        [5, 6, 7, 8, 9].map(price_at).concat(),
        "1500.00".repeat(4) + "1499.00"
    );
    let slow = course.quote_at(&infy(), at(9)).unwrap();
    assert_eq!(slow.timestamp, at(9), "it could not be known earlier");
}

#[tokio::test(start_paused = true)]
async fn its_market_goes_by_its_clock() {
    let mut deep = ltp(0, "1501", 9);
    deep.depth = Some(Depth {
        instrument: infy(),
        bids: Vec::new(),
        asks: Vec::new(),
        timestamp: at(8),
    });
    let (source, clock) = market(&[ltp(0, "1500", 5), deep], 5);
    assert_eq!(told(source.quotes.quote(&infy()).await), "1500.00");
    let depth = source.depth.clone().unwrap();
    assert!(depth.depth(&infy()).await.is_err());
    let feed = source.feed.clone().unwrap();
    let mut stream = feed.open().await.unwrap();
    let wanted = [Subscription {
        instrument: infy(),
        mode: FeedMode::Depth,
    }];
    feed.subscribe(&wanted).await.unwrap();
    let first = stream.next().await.unwrap();
    assert_eq!(
        (first.ltp, first.source),
        (price("1500"), TickSource::Recorded)
    );
    let quiet = tokio::time::timeout(Duration::from_hours(1), stream.next()).await;
    assert!(quiet.is_err(), "time stands");
    clock.advance(chrono::Duration::seconds(4));
    let next = stream.next().await.unwrap();
    assert_eq!((next.ltp, next.received_at), (price("1501"), at(9)));
    assert!(next.depth.is_some());
    assert_eq!(depth.depth(&infy()).await.unwrap().timestamp, at(9));
    let on = async |date: &str| {
        let listed = source.instruments.instruments(date.parse().unwrap());
        listed.await.unwrap().len()
    };
    assert_eq!((on("2026-12-29").await, on("2026-12-30").await), (3, 2));
}

#[test]
fn a_recording_that_was_cut_is_a_market_up_to_there() {
    let mut bytes = written(&[ltp(0, "1500", 1)]);
    bytes.extend([1, 0, 0]);
    let reader = RecordingReader::open(Cursor::new(bytes)).unwrap();
    let course = RecordedCourse::read(reader).unwrap();
    assert_eq!(told(course.quote_at(&infy(), at(1))), "1500.00");
}
