//! Past prices: fetched, kept, and made of each other.

use crate::in_memory::{Place, traded};
use async_trait::async_trait;
use chrono::{Datelike, NaiveDate};
use openalgo::brokers::calendar_file;
use openalgo::core::market::{
    Candle, CandleGrid, CandleSeries, Exchange, InstrumentKey, Interval, MarketHours, Span, Tick,
    TickSource, Timestamp,
};
use openalgo::core::port::{Clock, HistorySource, MarketError};
use openalgo::engine::service::{HistoryError, HistoryRequest};
use openalgo::engine::{Engine, EngineConfig};
use openalgo_core::testing::{FakeClock, sample};
use std::sync::{Arc, Mutex};

/// Tells a candle for each interval that is over, and one that is not; remembers what it was asked.
#[derive(Debug)]
struct Past {
    clock: Arc<FakeClock>,
    intervals: &'static [Interval],
    asked: Mutex<Vec<(Interval, String, String)>>,
    /// A candle that it does not have.
    hole: Option<Timestamp>,
}

/// Some number that says when the candle was.
fn candle(at: Timestamp) -> Candle {
    let date = at.to_ist().date_naive();
    let paise =
        date.num_days_from_ce() % 100 + i32::try_from(at.to_seconds() % 3_600 / 60).unwrap();
    let close = sample::price(&format!("{}.5", 1_000 + paise));
    Candle {
        timestamp: at,
        open: sample::price("1000"),
        high: sample::price("2000"),
        low: sample::price("900"),
        close,
        volume: 10,
        oi: None,
    }
}

#[async_trait]
impl HistorySource for Past {
    fn intervals(&self) -> &'static [Interval] {
        self.intervals
    }

    async fn candles(
        &self,
        _instrument: &InstrumentKey,
        grid: &CandleGrid,
        span: Span,
    ) -> Result<Vec<Candle>, MarketError> {
        let minute = |at: Timestamp| at.to_ist().format("%m-%d %H:%M").to_string();
        let asked = (grid.interval(), minute(span.from), minute(span.until));
        self.asked.lock().unwrap().push(asked);
        let slots = std::iter::successors(grid.first_from(span.from), |slot| grid.following(*slot));
        let until = span.until.min(self.clock.now());
        let begun = slots.take_while(|slot| slot.starts < until);
        let there = begun.filter(|slot| Some(slot.starts) != self.hole);
        Ok(there.map(|slot| candle(slot.starts)).collect())
    }
}

const NOW: &str = "2026-11-25T10:30:20+05:30";

fn at(text: &str) -> Timestamp {
    FakeClock::at(text).now()
}

fn date(text: &str) -> NaiveDate {
    format!("2026-11-{text}").parse().unwrap()
}

/// An engine whose source of prices tells candles of these lengths.
async fn engine(intervals: &'static [Interval], hole: Option<Timestamp>) -> (Arc<Past>, Engine) {
    let place = Place::new(Vec::new()).await;
    let past = Arc::new(Past {
        clock: Arc::new(FakeClock::at(NOW)),
        intervals,
        asked: Mutex::default(),
        hole,
    });
    let mut ports = place.ports();
    ports.clock = Arc::clone(&past.clock) as _;
    ports.market.history = Some(Arc::clone(&past) as _);
    ports.market.hours = MarketHours::Bind(Arc::new(calendar_file::built_in().unwrap()));
    let engine = place.start_on(ports, EngineConfig::default()).await;
    (past, engine)
}

fn request(interval: Interval, from: &str, to: &str) -> HistoryRequest {
    HistoryRequest {
        series: CandleSeries {
            instrument: traded(Exchange::Nse),
            interval,
        },
        from: date(from),
        to: date(to),
    }
}

const OFFERED: &[Interval] = &[Interval::Minute1, Interval::Minute5, Interval::Day];

#[tokio::test]
async fn what_a_source_does_not_tell_is_made_of_the_longest_that_will_do() {
    let (past, engine) = engine(OFFERED, None).await;
    let cases = [
        (Interval::Minute5, Interval::Minute5, 16),
        (Interval::Minute2, Interval::Minute1, 38),
        (Interval::Minute15, Interval::Minute5, 6),
        (Interval::Hour1, Interval::Minute5, 2),
        (Interval::Day, Interval::Day, 1),
    ];
    for (interval, made_of, count) in cases {
        let told = engine.history().fetch(&request(interval, "25", "25")).await;
        let told = told.unwrap();
        assert_eq!(
            (told.made_of, told.candles.len()),
            (made_of, count),
            "{interval}"
        );
        assert_eq!((told.gaps.len(), told.left_out), (0, 0), "{interval}");
        assert_eq!(past.asked.lock().unwrap().pop().unwrap().0, made_of);
    }
    let week = engine
        .history()
        .fetch(&request(Interval::Week, "25", "25"))
        .await;
    let week = week.unwrap();
    // Monday and Wednesday: Tuesday was a holiday.
    assert_eq!((week.candles.len(), week.candles[0].volume), (1, 20));
    let seconds = engine
        .history()
        .fetch(&request(Interval::Second5, "25", "25"))
        .await;
    let error = seconds.unwrap_err().to_string();
    assert_eq!(
        error,
        "this source of prices tells no candles of 5s, only of 1m, 5m, D"
    );
    let none = engine
        .history()
        .fetch(&request(Interval::Day, "25", "20"))
        .await;
    assert_eq!(none.unwrap().candles, []);
}

#[tokio::test]
async fn what_is_missing_is_told() {
    let hole = at("2026-11-25T09:20:00+05:30");
    let (_past, engine) = engine(OFFERED, Some(hole)).await;
    let told = engine
        .history()
        .fetch(&request(Interval::Minute5, "25", "25"))
        .await;
    let gaps = told.unwrap().gaps;
    assert_eq!((gaps.len(), gaps[0].from), (1, hole));
    assert_eq!(gaps[0].until, at("2026-11-25T09:25:00+05:30"));
}

#[tokio::test]
async fn only_what_is_not_kept_is_fetched_and_nothing_that_is_not_over_is_kept() {
    let (past, engine) = engine(OFFERED, None).await;
    let history = engine.history();
    let asked = || std::mem::take(&mut *past.asked.lock().unwrap());
    let stretch = |from: &str, until: &str| (Interval::Minute1, from.to_owned(), until.to_owned());
    let first = history
        .keep(&request(Interval::Minute1, "23", "23"))
        .await
        .unwrap();
    assert_eq!((first.fetched, first.stored.unwrap().count), (375, 375));
    assert_eq!(asked(), [stretch("11-23 09:15", "11-24 00:00")]);
    // Up to now.
    let next = history
        .keep(&request(Interval::Minute1, "25", "25"))
        .await
        .unwrap();
    assert_eq!(asked(), [stretch("11-25 09:15", "11-26 00:00")]);
    let stored = next.stored.unwrap();
    assert_eq!(stored.count, 375 + 75, "10:30 is not over");
    assert_eq!(stored.last, at("2026-11-25T10:29:00+05:30"));
    // What came before.
    history
        .keep(&request(Interval::Minute1, "19", "20"))
        .await
        .unwrap();
    assert_eq!(asked(), [stretch("11-19 09:15", "11-21 00:00")]);
    let inside = history
        .keep(&request(Interval::Minute1, "20", "23"))
        .await
        .unwrap();
    assert_eq!((inside.fetched, asked()), (0, Vec::new()));
    // Nobody is asked for what is kept, and longer ones are made of it.
    let told = history
        .stored(&request(Interval::Hour1, "20", "23"))
        .await
        .unwrap();
    assert_eq!(
        (told.made_of, told.candles.len(), told.gaps.len()),
        (Interval::Minute1, 14, 0)
    );
    let days = history
        .stored(&request(Interval::Day, "19", "25"))
        .await
        .unwrap();
    assert_eq!(days.candles.len(), 4);
    assert_eq!(asked(), []);
}

#[tokio::test]
async fn candles_of_prices_as_they_come_are_kept_and_those_around_them_fetched() {
    let (past, engine) = engine(OFFERED, None).await;
    let (history, key) = (engine.history(), traded(Exchange::Nse));
    let mut keeper = history.keeper([key.clone()]);
    for (time, ltp) in [
        // This minute has begun already.
        ("10:30:30", "100"),
        ("10:31:05", "101"),
        ("10:31:40", "103"),
        ("10:31:59", "102"),
        ("10:32:10", "99"),
    ] {
        let at = at(&format!("2026-11-25T{time}+05:30"));
        let ltp = sample::price(ltp);
        keeper.take(&Tick::ltp(key.clone(), ltp, at, TickSource::Recorded));
    }
    past.clock.advance(chrono::Duration::seconds(105));
    keeper.keep().await.unwrap();
    let today = request(Interval::Minute1, "25", "25");
    let told = history.stored(&today).await.unwrap();
    assert_eq!(told.candles.len(), 1, "10:32 is not over");
    let candle = &told.candles[0];
    let prices = [candle.open, candle.high, candle.low, candle.close];
    assert_eq!(prices, ["101", "103", "101", "102"].map(sample::price));
    let gap = Span {
        from: at("2026-11-25T09:15:00+05:30"),
        until: candle.timestamp,
    };
    assert_eq!(told.gaps, [gap]);
    past.clock.advance(chrono::Duration::seconds(60));
    assert_eq!(keeper.finish().await.unwrap(), 2);
    let kept = history.keep(&today).await.unwrap();
    assert_eq!((kept.fetched, kept.stored.unwrap().count), (78, 78));
    assert_eq!(history.stored(&today).await.unwrap().gaps, []);
}

#[tokio::test]
async fn what_cannot_be_told_says_why() {
    let (_past, engine) = engine(Interval::ALL, None).await;
    let history = engine.history();
    let not_kept = history.keep(&request(Interval::Minute5, "25", "25")).await;
    assert!(matches!(
        not_kept,
        Err(HistoryError::NotKept(Interval::Minute5))
    ));
    let mut years = request(Interval::Second1, "01", "25");
    years.from = "2020-01-01".parse().unwrap();
    let too_many = history.fetch(&years).await;
    assert!(matches!(too_many, Err(HistoryError::TooMany { .. })));
    let mut unknown = request(Interval::Day, "25", "25");
    unknown.series.instrument.symbol = "NOSUCH".parse().unwrap();
    assert!(matches!(
        history.fetch(&unknown).await,
        Err(HistoryError::Lookup(_))
    ));
    let place = Place::new(Vec::new()).await;
    let without = place.start().await;
    let offered = without
        .history()
        .fetch(&request(Interval::Day, "25", "25"))
        .await;
    assert!(matches!(offered, Err(HistoryError::NotOffered)));
}

#[tokio::test]
async fn what_was_kept_can_be_taken_away() {
    let (_past, engine) = engine(OFFERED, None).await;
    let history = engine.history();
    let request = |interval| request(interval, "23", "25");
    history.keep(&request(Interval::Minute1)).await.unwrap();
    let forgotten = history.forget(&request(Interval::Minute1).series).await;
    assert_eq!(forgotten.unwrap(), 375 + 75);
    assert_eq!(history.catalogue().await.unwrap(), []);
    let nothing = history.stored(&request(Interval::Day)).await;
    let expected = "No data found for INFY:NSE interval D in local database. Download data first \
                    using Historify.";
    assert_eq!(nothing.unwrap_err().to_string(), expected);
}
