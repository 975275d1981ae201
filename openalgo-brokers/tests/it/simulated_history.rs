//! Candles of the simulated exchange.

use chrono::NaiveDate;
use openalgo_brokers::calendar_file;
use openalgo_brokers::simulated::SimulatedExchange;
use openalgo_core::market::{
    Candle, CandleGrid, Exchange, InstrumentKey, Interval, MarketHours, Span, Timestamp, resample,
};
use openalgo_core::port::Clock;
use openalgo_core::testing::FakeClock;
use proptest::prelude::*;
use std::sync::Arc;

fn at(text: &str) -> Timestamp {
    FakeClock::at(text).now()
}

fn exchange(now: &str) -> SimulatedExchange {
    SimulatedExchange::new(7, Arc::new(FakeClock::at(now))).unwrap()
}

fn key(exchange: Exchange, symbol: &str) -> InstrumentKey {
    InstrumentKey::new(exchange, symbol.parse().unwrap())
}

fn bound() -> MarketHours {
    MarketHours::Bind(Arc::new(calendar_file::built_in().unwrap()))
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What is asked of each second of a candle.
fn looked_at(exchange: &SimulatedExchange, key: &InstrumentKey, span: Span) -> Candle {
    let (from, until) = (span.from.to_seconds(), span.until.to_seconds());
    let quotes = (from..until).map(|second| {
        let at = Timestamp::from_micros(second * 1_000_000).unwrap();
        exchange.quote_at(key, at).unwrap()
    });
    let quotes: Vec<_> = quotes.collect();
    let (first, last) = (&quotes[0], &quotes[quotes.len() - 1]);
    let before = exchange.quote_at(key, span.from.plus(chrono::Duration::seconds(-1)));
    Candle {
        timestamp: span.from,
        open: first.ltp,
        high: quotes.iter().map(|quote| quote.ltp).max().unwrap(),
        low: quotes.iter().map(|quote| quote.ltp).min().unwrap(),
        close: last.ltp,
        volume: last.volume - before.unwrap().volume,
        oi: last.oi,
    }
}

#[test]
fn a_candle_is_what_every_second_of_it_was() {
    let exchange = exchange("2026-11-25T12:00:00+05:30");
    let keys = [
        key(Exchange::Nse, "RELIANCE"),
        key(Exchange::NseIndex, "NIFTY"),
        key(Exchange::Nfo, "NIFTY01DEC2626000CE"),
    ];
    for key in keys {
        for interval in [Interval::Second5, Interval::Minute1, Interval::Minute3] {
            let grid = CandleGrid::new(bound(), key.exchange, interval);
            let span = Span {
                from: at("2026-11-25T10:00:00+05:30"),
                until: at("2026-11-25T10:06:00+05:30"),
            };
            let candles = exchange.candles_in(&key, &grid, span).unwrap();
            let seconds = interval.seconds().unwrap();
            assert_eq!(candles.len(), usize::try_from(360 / seconds).unwrap());
            for candle in candles.iter().take(2) {
                let from = candle.timestamp;
                let until = from.plus(chrono::Duration::seconds(seconds));
                assert_eq!(*candle, looked_at(&exchange, &key, Span { from, until }));
            }
        }
    }
}

#[test]
fn candles_keep_the_hours_that_bind_and_all_of_a_market_that_never_closes() {
    let exchange = exchange("2026-12-05T12:00:00+05:30");
    let share = key(Exchange::Nse, "RELIANCE");
    // The 24th is a holiday, the 28th and 29th are a weekend.
    let count = |hours: MarketHours, interval| {
        let grid = CandleGrid::new(hours, Exchange::Nse, interval);
        let span = grid.of_dates(date("2026-11-23"), date("2026-11-29"));
        let candles = exchange.candles_in(&share, &grid, span).unwrap();
        assert!(candles.iter().all(Candle::is_coherent));
        assert_eq!(grid.gaps(&candles, span), []);
        candles.len()
    };
    assert_eq!(count(bound(), Interval::Day), 4);
    assert_eq!(count(bound(), Interval::Hour1), 4 * 7);
    assert_eq!(count(MarketHours::Always, Interval::Day), 7);
    assert_eq!(count(MarketHours::Always, Interval::Hour4), 7 * 6);
    assert_eq!(count(bound(), Interval::Week), 1);
}

#[test]
fn the_candle_of_the_present_goes_up_to_it_and_there_is_no_future() {
    let exchange = exchange("2026-11-25T10:30:20+05:30");
    let share = key(Exchange::Nse, "RELIANCE");
    let grid = CandleGrid::new(bound(), Exchange::Nse, Interval::Minute1);
    let span = grid.of_dates(date("2026-11-25"), date("2026-11-26"));
    let candles = exchange.candles_in(&share, &grid, span).unwrap();
    assert_eq!(candles.len(), 76, "from 09:15 to 10:30");
    let now = exchange.quote_at(&share, at("2026-11-25T10:30:20+05:30"));
    assert_eq!(candles[75].close, now.unwrap().ltp);
    let tomorrow = grid.of_dates(date("2026-11-26"), date("2026-11-26"));
    assert_eq!(exchange.candles_in(&share, &grid, tomorrow).unwrap(), []);
    let unknown = key(Exchange::Nse, "NOSUCH");
    assert!(exchange.candles_in(&unknown, &grid, span).is_err());
}

#[test]
fn a_contract_has_candles_from_its_listing_to_its_expiry() {
    let exchange = exchange("2026-12-05T12:00:00+05:30");
    let option = key(Exchange::Nfo, "NIFTY01DEC2626000CE");
    let grid = CandleGrid::new(bound(), Exchange::Nfo, Interval::Day);
    let span = grid.of_dates(date("2026-11-02"), date("2026-12-04"));
    let candles = exchange.candles_in(&option, &grid, span).unwrap();
    let last = candles[candles.len() - 1].timestamp;
    assert_eq!(last, at("2026-12-01T00:00:00+05:30"));
    assert!(
        candles[0].timestamp > at("2026-11-02T00:00:00+05:30"),
        "a weekly one"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn made_of_minutes_they_are_the_same(pick: prop::sample::Index, day in 16_u32..27, binds: bool) {
        let longer = [Interval::Minute2, Interval::Minute10, Interval::Hour1, Interval::Hour4, Interval::Day];
        let interval = *pick.get(&longer);
        let exchange = exchange("2026-12-05T12:00:00+05:30");
        let share = key(Exchange::Nse, "INFY");
        let day = NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let candles = |interval| {
            let hours = if binds { bound() } else { MarketHours::Always };
            let grid = CandleGrid::new(hours, Exchange::Nse, interval);
            let candles = exchange.candles_in(&share, &grid, grid.of_dates(day, day)).unwrap();
            (grid, candles)
        };
        let (grid, direct) = candles(interval);
        let made = resample(&candles(Interval::Minute1).1, Interval::Minute1, &grid).unwrap();
        prop_assert_eq!(made.candles, direct);
    }
}
