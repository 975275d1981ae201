//! Candles: which intervals there are, and what prices make of them.

use crate::trading_calendar::{at, calendar, date};
use openalgo_core::market::{
    Candle, CandleBuilder, CandleGrid, CandleRefusal, Exchange, Interval, MarketHours,
    ResampleError, Slot, Span, Tick, TickQuote, TickSource, Timestamp, client_seconds, resample,
};
use openalgo_core::testing::sample::{instrument, price};
use openalgo_core::value::Quantity;
use proptest::prelude::*;
use std::sync::Arc;

fn grid(exchange: Exchange, interval: Interval) -> CandleGrid {
    let hours = MarketHours::Bind(Arc::new(calendar()));
    CandleGrid::new(hours, exchange, interval)
}

fn clock(at: Timestamp) -> String {
    at.to_ist().format("%Y-%m-%d %H:%M:%S").to_string()
}

fn shown(slot: Option<Slot>) -> Option<(String, String)> {
    slot.map(|slot| (clock(slot.starts), clock(slot.ends)))
}

fn pair(starts: &str, ends: &str) -> (String, String) {
    (starts.to_owned(), ends.to_owned())
}

#[test]
fn intervals_are_counted_from_the_opening_and_end_with_the_session() {
    let hours = grid(Exchange::Nse, Interval::Hour1);
    let slot = |text| shown(hours.slot_at(at(text)));
    let first = pair("2026-11-25 09:15:00", "2026-11-25 10:15:00");
    assert_eq!(slot("2026-11-25T09:15:00+05:30").unwrap(), first);
    assert_eq!(slot("2026-11-25T10:14:59.999999+05:30").unwrap(), first);
    let last = pair("2026-11-25 15:15:00", "2026-11-25 15:30:00");
    assert_eq!(slot("2026-11-25T15:29:59+05:30").unwrap(), last);
    for closed in [
        "2026-11-25T15:30:00+05:30",
        "2026-11-25T09:14:59+05:30",
        "2026-11-28T11:00:00+05:30",
    ] {
        assert_eq!(slot(closed), None, "{closed}");
    }
    // Friday's last one is followed by Monday's first.
    let friday = hours.slot_at(at("2026-11-27T15:20:00+05:30")).unwrap();
    let monday = pair("2026-11-30 09:15:00", "2026-11-30 10:15:00");
    assert_eq!(shown(hours.following(friday)).unwrap(), monday);
    assert_eq!(
        shown(hours.first_from(at("2026-11-27T15:16:00+05:30"))).unwrap(),
        monday
    );
}

#[test]
fn each_interval_has_its_own_beginnings() {
    let noon = at("2026-11-25T12:34:56+05:30");
    let cases = [
        ("1s", "2026-11-25 12:34:56"),
        ("5s", "2026-11-25 12:34:55"),
        ("10s", "2026-11-25 12:34:50"),
        ("15s", "2026-11-25 12:34:45"),
        ("30s", "2026-11-25 12:34:30"),
        ("45s", "2026-11-25 12:34:30"),
        ("1m", "2026-11-25 12:34:00"),
        ("2m", "2026-11-25 12:33:00"),
        ("3m", "2026-11-25 12:33:00"),
        ("5m", "2026-11-25 12:30:00"),
        ("10m", "2026-11-25 12:25:00"),
        ("15m", "2026-11-25 12:30:00"),
        ("20m", "2026-11-25 12:15:00"),
        ("30m", "2026-11-25 12:15:00"),
        ("1h", "2026-11-25 12:15:00"),
        ("2h", "2026-11-25 11:15:00"),
        ("3h", "2026-11-25 12:15:00"),
        ("4h", "2026-11-25 09:15:00"),
        ("D", "2026-11-25 00:00:00"),
        ("W", "2026-11-23 00:00:00"),
        ("M", "2026-11-01 00:00:00"),
        ("Q", "2026-10-01 00:00:00"),
        ("Y", "2026-01-01 00:00:00"),
    ];
    assert_eq!(cases.map(|(word, _)| word), *Interval::WORDS);
    for (word, starts) in cases {
        let grid = grid(Exchange::Nse, word.parse().unwrap());
        assert_eq!(clock(grid.slot_at(noon).unwrap().starts), starts, "{word}");
    }
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_began() {
    let daily = grid(Exchange::Mcx, Interval::Day);
    // The special session of the calendar runs from 18:00 to 00:15.
    let night = daily.slot_at(at("2026-11-09T00:10:00+05:30")).unwrap();
    assert_eq!(clock(night.starts), "2026-11-08 00:00:00");
    assert_eq!(clock(daily.opening(night)), "2026-11-08 18:00:00");
    assert_eq!(clock(daily.closing(night)), "2026-11-09 00:15:00");
    let quarters = grid(Exchange::Mcx, Interval::Minute15);
    let span = quarters.of_dates(date("2026-11-08"), date("2026-11-08"));
    assert_eq!(
        (clock(span.from), clock(span.until)),
        (
            "2026-11-08 18:00:00".to_owned(),
            "2026-11-09 00:15:00".to_owned()
        )
    );
    let mut builder =
        CandleBuilder::new(instrument("GOLD"), daily, at("2026-11-08T17:00:00+05:30"));
    let tick = |time, ltp| {
        Tick::ltp(
            instrument("GOLD"),
            price(ltp),
            at(time),
            TickSource::Recorded,
        )
    };
    builder
        .take(&tick("2026-11-08T23:50:00+05:30", "100"))
        .unwrap();
    assert_eq!(builder.advance(at("2026-11-09T00:05:00+05:30")), None);
    builder
        .take(&tick("2026-11-09T00:10:00+05:30", "101"))
        .unwrap();
    let made = builder.advance(at("2026-11-09T00:15:00+05:30")).unwrap();
    assert_eq!(
        (made.candle.open, made.candle.close),
        (price("100"), price("101"))
    );
    assert!(made.is_whole);
}

#[test]
fn a_market_that_never_closes_has_days_from_three_to_three() {
    let grid = |interval| CandleGrid::new(MarketHours::Always, Exchange::Nse, interval);
    let sunday_night = at("2026-11-30T02:30:00+05:30");
    let slot = grid(Interval::Day).slot_at(sunday_night).unwrap();
    assert_eq!(clock(slot.starts), "2026-11-29 00:00:00");
    assert_eq!(
        clock(grid(Interval::Day).closing(slot)),
        "2026-11-30 03:00:00"
    );
    let slot = grid(Interval::Hour4).slot_at(sunday_night).unwrap();
    assert_eq!(clock(slot.starts), "2026-11-29 23:00:00");
    let next = grid(Interval::Hour4).following(slot).unwrap();
    assert_eq!(clock(next.starts), "2026-11-30 03:00:00");
}

#[test]
fn clients_know_days_by_their_date_and_minutes_by_their_instant() {
    // From recorded answers: /history of RELIANCE.
    let day = at("2026-11-16T00:00:00+05:30");
    assert_eq!(client_seconds(Interval::Day, day), 1_794_787_200);
    let quarter = at("2026-11-20T09:15:00+05:30");
    assert_eq!(client_seconds(Interval::Minute15, quarter), 1_795_146_300);
}

fn candle(at: Timestamp) -> Candle {
    let price = price("100");
    Candle {
        timestamp: at,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: 1,
        oi: None,
    }
}

fn gaps(grid: &CandleGrid, candles: &[&str], span: (&str, &str)) -> Vec<(String, String)> {
    let candles: Vec<_> = candles.iter().map(|text| candle(at(text))).collect();
    let span = Span {
        from: at(span.0),
        until: at(span.1),
    };
    let gaps = grid.gaps(&candles, span);
    gaps.iter()
        .map(|gap| (clock(gap.from), clock(gap.until)))
        .collect()
}

#[test]
fn what_is_missing_is_told_and_nights_are_not() {
    let grid = grid(Exchange::Nse, Interval::Hour3);
    let week = ("2026-11-25T00:00:00+05:30", "2026-11-28T00:00:00+05:30");
    let all = [
        "2026-11-25T09:15:00+05:30",
        "2026-11-25T12:15:00+05:30",
        "2026-11-25T15:15:00+05:30",
        "2026-11-26T09:15:00+05:30",
        "2026-11-26T12:15:00+05:30",
        "2026-11-26T15:15:00+05:30",
        "2026-11-27T09:15:00+05:30",
        "2026-11-27T12:15:00+05:30",
        "2026-11-27T15:15:00+05:30",
    ];
    assert_eq!(gaps(&grid, &all, week), []);
    let gap =
        |from: &str, until: &str| (format!("2026-11-{from}:00"), format!("2026-11-{until}:00"));
    assert_eq!(gaps(&grid, &all[1..], week), [gap("25 09:15", "25 12:15")]);
    assert_eq!(gaps(&grid, &all[..8], week), [gap("27 15:15", "27 15:30")]);
    assert_eq!(
        gaps(&grid, &[all[0], all[1], all[5]], week),
        [gap("25 15:15", "26 15:15"), gap("27 09:15", "27 15:30")]
    );
    assert_eq!(gaps(&grid, &[], week), [gap("25 09:15", "27 15:30")]);
    // The one that is not over yet is not missing.
    assert_eq!(
        gaps(&grid, &all[..1], (week.0, "2026-11-25T13:00:00+05:30")),
        []
    );
    assert_eq!(
        gaps(&grid, &all[..1], (week.0, "2026-11-25T15:20:00+05:30")),
        [gap("25 12:15", "25 15:15")]
    );
}

#[test]
fn of_days_those_without_a_candle_are_told_but_no_holidays() {
    let grid = grid(Exchange::Nse, Interval::Day);
    let span = ("2026-11-23T00:00:00+05:30", "2026-12-02T00:00:00+05:30");
    let days = [
        "2026-11-23T00:00:00+05:30",
        "2026-11-26T00:00:00+05:30",
        "2026-11-27T00:00:00+05:30",
    ];
    let midnight = |text: &str| format!("{text} 00:00:00");
    assert_eq!(
        gaps(&grid, &days, span),
        [
            (midnight("2026-11-25"), midnight("2026-11-26")),
            (midnight("2026-11-30"), midnight("2026-12-02")),
        ]
    );
}

fn told(seconds: i64, ltp: i64, volume: i64) -> Tick {
    let at = at("2026-11-25T09:00:00+05:30").plus(chrono::Duration::seconds(seconds));
    let ltp = price(&ltp.to_string());
    let mut tick = Tick::ltp(instrument("INFY"), ltp, at, TickSource::Recorded);
    tick.quote = Some(TickQuote {
        open: ltp,
        high: ltp,
        low: ltp,
        prev_close: ltp,
        volume,
        bid: None,
        ask: None,
        bid_quantity: Quantity::ZERO,
        ask_quantity: Quantity::ZERO,
        oi: Some(volume / 2),
        band: None,
    });
    tick
}

#[test]
fn prices_that_do_not_belong_to_it_are_refused_with_the_reason() {
    let minutes = grid(Exchange::Nse, Interval::Minute1);
    let mut builder =
        CandleBuilder::new(instrument("INFY"), minutes, at("2026-11-25T09:00:00+05:30"));
    assert!(
        matches!(
            builder.take(&told(0, 1, 0)),
            Err(CandleRefusal::OutOfHours { .. })
        ),
        "before the opening"
    );
    let mut foreign = told(1_000, 1, 0);
    foreign.instrument = instrument("TCS");
    assert!(matches!(
        builder.take(&foreign),
        Err(CandleRefusal::Foreign { .. })
    ));
    builder.take(&told(1_000, 1, 0)).unwrap();
    assert!(matches!(
        builder.take(&told(999, 1, 0)),
        Err(CandleRefusal::Older { .. })
    ));
    assert_eq!(
        builder.take(&told(1_000, 2, 0)),
        Ok(None),
        "of the same instant"
    );
    assert_eq!(builder.forming().unwrap().high, price("2"));
}

#[test]
fn a_candle_whose_beginning_was_missed_is_not_whole_and_has_no_volume_of_before() {
    let minutes = grid(Exchange::Nse, Interval::Minute1);
    let mut builder =
        CandleBuilder::new(instrument("INFY"), minutes, at("2026-11-25T10:00:30+05:30"));
    let ten = 3_600;
    assert_eq!(builder.take(&told(ten + 31, 100, 5_000)), Ok(None));
    builder.take(&told(ten + 59, 99, 5_010)).unwrap();
    let first = builder.take(&told(ten + 60, 98, 5_015)).unwrap().unwrap();
    assert_eq!(
        (first.is_whole, first.candle.volume, first.candle.low),
        (false, 10, price("99"))
    );
    let second = builder.finish().unwrap();
    assert_eq!((second.is_whole, second.candle.volume), (true, 5));
    assert_eq!(builder.finish(), None);
}

#[test]
fn only_whole_shorter_candles_make_longer_ones() {
    let pairs = [
        ("1m", "3m", true),
        ("2m", "3m", false),
        ("15s", "45s", true),
        ("30s", "45s", false),
        ("4h", "D", true),
        ("D", "W", true),
        ("D", "1h", false),
        ("W", "M", false),
        ("W", "W", true),
        ("M", "Q", true),
        ("Q", "Y", true),
        ("Q", "M", false),
        ("1s", "Y", true),
    ];
    for (from, to, can) in pairs {
        let interval = |word: &str| word.parse::<Interval>().unwrap();
        assert_eq!(interval(from).makes_up(interval(to)), can, "{from} {to}");
        let made = resample(&[], interval(from), &grid(Exchange::Nse, interval(to)));
        assert_eq!(made.is_ok(), can, "{from} {to}");
    }
    let twice = [
        candle(at("2026-11-25T09:15:00+05:30")),
        candle(at("2026-11-25T09:15:00+05:30")),
    ];
    let made = resample(
        &twice,
        Interval::Minute1,
        &grid(Exchange::Nse, Interval::Minute5),
    );
    assert!(matches!(made, Err(ResampleError::Unordered { .. })));
}

#[test]
fn a_candle_at_a_time_without_trading_is_left_out_and_counted_but_still_makes_a_day() {
    let saturday = [candle(at("2026-11-28T10:00:00+05:30"))];
    let made = resample(
        &saturday,
        Interval::Minute1,
        &grid(Exchange::Nse, Interval::Minute5),
    )
    .unwrap();
    assert_eq!((made.candles.len(), made.left_out), (0, 1));
    let made = resample(
        &saturday,
        Interval::Minute1,
        &grid(Exchange::Nse, Interval::Day),
    )
    .unwrap();
    assert_eq!((made.candles.len(), made.left_out), (1, 0));
}

/// Prices of four trading days, each some seconds after the one before.
fn days() -> impl Strategy<Value = Vec<Tick>> {
    let step = (0_i64..2_000, 1_i64..500, 0_i64..100);
    prop::collection::vec(step, 1..200).prop_map(|steps| {
        let (mut seconds, mut volume, mut day) = (0, 0, 0);
        let mut ticks = Vec::new();
        for (pause, ltp, more) in steps {
            seconds += pause;
            if seconds / 86_400 != day {
                (day, volume) = (seconds / 86_400, 0);
            }
            volume += more;
            ticks.push(told(seconds, ltp, volume));
        }
        ticks
    })
}

fn made(ticks: &[Tick], interval: Interval) -> Vec<Candle> {
    let since = at("2026-11-25T09:00:00+05:30");
    let mut builder = CandleBuilder::new(instrument("INFY"), grid(Exchange::Nse, interval), since);
    let mut candles = Vec::new();
    for tick in ticks {
        // Nights and weekends are refused.
        if let Ok(Some(made)) = builder.take(tick) {
            candles.push(made.candle);
        }
    }
    candles.extend(builder.finish().map(|made| made.candle));
    candles
}

proptest! {
    #[test]
    fn candles_hold_what_the_prices_were(ticks in days(), pick in 0..Interval::ALL.len()) {
        let interval = Interval::ALL[pick];
        let candles = made(&ticks, interval);
        prop_assert!(candles.iter().all(Candle::is_coherent));
        prop_assert!(candles.is_sorted_by_key(|candle| candle.timestamp));
        let in_hours = |tick: &&Tick| calendar().is_open(Exchange::Nse, tick.at());
        let heard: Vec<_> = ticks.iter().filter(in_hours).collect();
        prop_assert_eq!(candles.is_empty(), heard.is_empty());
        let highest = candles.iter().map(|candle| candle.high).max();
        prop_assert_eq!(highest, heard.iter().map(|tick| tick.ltp).max());
        let lowest = candles.iter().map(|candle| candle.low).min();
        prop_assert_eq!(lowest, heard.iter().map(|tick| tick.ltp).min());
        prop_assert_eq!(candles.first().map(|candle| candle.open), heard.first().map(|tick| tick.ltp));
        prop_assert_eq!(candles.last().map(|candle| candle.close), heard.last().map(|tick| tick.ltp));
        // The volume that each day had come to when it was last heard of.
        let mut days = std::collections::BTreeMap::new();
        for tick in &heard {
            days.insert(tick.at().to_ist().date_naive(), tick.quote.as_ref().unwrap().volume);
        }
        let volume: i64 = candles.iter().map(|candle| candle.volume).sum();
        prop_assert_eq!(volume, days.values().sum::<i64>());
    }

    #[test]
    fn made_of_shorter_ones_they_are_the_same(ticks in days(), from in 0..Interval::ALL.len(), to in 0..Interval::ALL.len()) {
        let (from, to) = (Interval::ALL[from], Interval::ALL[to]);
        prop_assume!(from.makes_up(to));
        let longer = resample(&made(&ticks, from), from, &grid(Exchange::Nse, to)).unwrap();
        prop_assert_eq!(longer.left_out, 0);
        prop_assert_eq!(longer.candles, made(&ticks, to));
    }

    /// Whatever is missing, candles and gaps together are every interval of the span, and no gap
    /// holds a candle.
    #[test]
    fn candles_and_gaps_make_up_the_hours(
        pick in 0..Interval::ALL.len(),
        keep in prop::collection::vec(any::<bool>(), 1..60),
        start in 0_i64..400_000,
        length in 0_i64..400_000,
    ) {
        let grid = grid(Exchange::Nse, Interval::ALL[pick]);
        let from = at("2026-11-05T00:00:00+05:30").plus(chrono::Duration::seconds(start));
        let span = Span { from, until: from.plus(chrono::Duration::seconds(length)) };
        let slots = std::iter::successors(grid.first_from(from), |slot| grid.following(*slot));
        let slots: Vec<_> = slots.take(60).take_while(|slot| grid.closing(*slot) <= span.until).collect();
        // A span of many seconds is looked at up to the last interval of the list.
        let until = if slots.len() == 60 { slots.last().unwrap().ends } else { span.until };
        let span = Span { from, until };
        let kept = slots.iter().zip(keep.iter().cycle());
        let candles: Vec<_> = kept.filter(|(_, keep)| **keep).map(|(slot, _)| candle(slot.starts)).collect();
        let gaps = grid.gaps(&candles, span);
        for slot in slots {
            let is_gap = gaps.iter().any(|gap| gap.from <= slot.starts && slot.ends <= gap.until);
            let is_there = candles.iter().any(|candle| candle.timestamp == slot.starts);
            prop_assert!(is_gap != is_there, "{} {:?}", clock(slot.starts), gaps);
        }
    }
}

#[test]
fn so_many_intervals_are_counted_as_there_are() {
    let count = |interval, days: (&str, &str)| {
        let grid = grid(Exchange::Nse, interval);
        let span = grid.of_dates(date(days.0), date(days.1));
        let slots = std::iter::successors(grid.first_from(span.from), |slot| grid.following(*slot));
        let there = slots.take_while(|slot| slot.starts < span.until).count();
        assert!(!grid.has_more_than(there, span));
        assert!(there == 0 || grid.has_more_than(there - 1, span));
        there
    };
    let week = ("2026-11-23", "2026-11-29");
    assert_eq!(
        count(Interval::Minute1, week),
        4 * 375,
        "the 24th is a holiday"
    );
    assert_eq!(count(Interval::Hour2, week), 4 * 4);
    assert_eq!(count(Interval::Day, week), 4);
    assert_eq!(count(Interval::Week, week), 1);
    assert_eq!(count(Interval::Minute1, ("2026-11-28", "2026-11-29")), 0);
}
