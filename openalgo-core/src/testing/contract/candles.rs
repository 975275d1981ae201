//! The suite of [`CandleRepository`](crate::port::CandleRepository).

use super::Repositories;
use crate::market::{Candle, CandleSeries, Interval, Span, StoredSeries, Timestamp};
use crate::testing::sample::{at, instrument, price};
use chrono::Duration;

/// Runs the suite of candles; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! candle_contract {
    ($run:path) => {
        $crate::contract_cases! { candles on $run:
            candles_are_read_as_kept_the_oldest_first,
            a_span_holds_its_beginning_and_not_its_end,
            a_candle_takes_the_place_of_the_one_of_its_time,
            series_are_apart,
            the_catalogue_tells_what_is_kept,
            what_is_taken_away_is_gone_and_counted,
        }
    };
}

/// The whole second of a moment, so many minutes later.
fn minute(number: i64) -> Timestamp {
    Timestamp::from_micros(at(0).to_seconds().saturating_mul(1_000_000))
        .unwrap()
        .plus(Duration::minutes(number))
}

fn candle(number: i64, close: &str) -> Candle {
    Candle {
        timestamp: minute(number),
        open: price("1500.05"),
        high: price("1510.1234"),
        low: price("0"),
        close: price(close),
        volume: 12_345_678_901,
        oi: (number % 2 == 0).then_some(number),
    }
}

fn series(symbol: &str, interval: Interval) -> CandleSeries {
    CandleSeries {
        instrument: instrument(symbol),
        interval,
    }
}

fn always() -> Span {
    Span {
        from: minute(-1_000_000),
        until: minute(1_000_000),
    }
}

/// Every field comes back; what is finer than a second does not.
pub async fn candles_are_read_as_kept_the_oldest_first(store: &Repositories) {
    let infy = series("INFY", Interval::Minute1);
    let kept = [candle(2, "1501"), candle(1, "1502"), candle(3, "1503.0001")];
    let mut finer = kept.clone();
    finer[0].timestamp = minute(2).plus(Duration::milliseconds(900));
    store.candles.save(&infy, &finer).await.unwrap();
    store.candles.save(&infy, &[]).await.unwrap();
    let read = store.candles.read(&infy, always()).await.unwrap();
    let [second, first, third] = kept;
    assert_eq!(read, [first, second, third]);
}

/// An end that comes before the beginning holds nothing.
pub async fn a_span_holds_its_beginning_and_not_its_end(store: &Repositories) {
    let infy = series("INFY", Interval::Minute1);
    let all: Vec<_> = (0..5).map(|number| candle(number, "1500.05")).collect();
    store.candles.save(&infy, &all).await.unwrap();
    let read = async |from, until| {
        let span = Span {
            from: minute(from),
            until: minute(until),
        };
        let candles = store.candles.read(&infy, span).await.unwrap();
        candles
            .iter()
            .map(|candle| candle.timestamp)
            .collect::<Vec<_>>()
    };
    assert_eq!(read(1, 3).await, [minute(1), minute(2)]);
    assert_eq!(read(4, 9).await, [minute(4)]);
    assert!(read(3, 3).await.is_empty());
    assert!(read(3, 1).await.is_empty());
}

/// Of two in one call, the later one counts.
pub async fn a_candle_takes_the_place_of_the_one_of_its_time(store: &Repositories) {
    let infy = series("INFY", Interval::Day);
    store.candles.save(&infy, &[candle(0, "1")]).await.unwrap();
    let newer = [candle(0, "2"), candle(0, "3"), candle(1, "4")];
    store.candles.save(&infy, &newer).await.unwrap();
    let read = store.candles.read(&infy, always()).await.unwrap();
    assert_eq!(read, [candle(0, "3"), candle(1, "4")]);
}

/// Neither another length nor another instrument is read or taken away.
pub async fn series_are_apart(store: &Repositories) {
    let minutes = series("INFY", Interval::Minute1);
    let others = [
        series("INFY", Interval::Day),
        series("TCS", Interval::Minute1),
    ];
    store
        .candles
        .save(&minutes, &[candle(0, "1")])
        .await
        .unwrap();
    for other in &others {
        assert!(
            store
                .candles
                .read(other, always())
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(store.candles.find(other).await.unwrap(), None);
        assert_eq!(store.candles.delete(other).await.unwrap(), 0);
        store.candles.save(other, &[candle(0, "2")]).await.unwrap();
    }
    let read = store.candles.read(&minutes, always()).await.unwrap();
    assert_eq!(read, [candle(0, "1")]);
}

/// It also finds one series, and lists nothing of one without candles.
pub async fn the_catalogue_tells_what_is_kept(store: &Repositories) {
    assert!(store.candles.catalogue().await.unwrap().is_empty());
    let names = [
        ("TCS", Interval::Day),
        ("INFY", Interval::Day),
        ("INFY", Interval::Minute1),
    ];
    for (number, (symbol, interval)) in (1_i64..).zip(names) {
        let candles: Vec<_> = (0..number).map(|at| candle(at, "1")).collect();
        let series = series(symbol, interval);
        store.candles.save(&series, &candles).await.unwrap();
    }
    let expected = |symbol, interval, count: i64| StoredSeries {
        series: series(symbol, interval),
        first: minute(0),
        last: minute(count.saturating_sub(1)),
        count: count.try_into().unwrap(),
    };
    let listed = store.candles.catalogue().await.unwrap();
    assert_eq!(
        listed,
        [
            expected("INFY", Interval::Minute1, 3),
            expected("INFY", Interval::Day, 2),
            expected("TCS", Interval::Day, 1),
        ]
    );
    let found = store.candles.find(&series("INFY", Interval::Day)).await;
    assert_eq!(found.unwrap(), Some(expected("INFY", Interval::Day, 2)));
}

/// A second time there is nothing.
pub async fn what_is_taken_away_is_gone_and_counted(store: &Repositories) {
    let infy = series("INFY", Interval::Minute1);
    let all = [candle(0, "1"), candle(1, "1")];
    store.candles.save(&infy, &all).await.unwrap();
    assert_eq!(store.candles.delete(&infy).await.unwrap(), 2);
    assert_eq!(store.candles.delete(&infy).await.unwrap(), 0);
    assert!(
        store
            .candles
            .read(&infy, always())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.candles.find(&infy).await.unwrap(), None);
}
