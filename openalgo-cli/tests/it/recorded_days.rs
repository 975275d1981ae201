//! Trading on a recording, command by command.

use crate::home::Home;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use openalgo::brokers::recording::{Preamble, RecordingWriter};
use openalgo::core::market::{
    Exchange, Instrument, InstrumentKey, InstrumentKind, Tick, TickSource, Timestamp,
};
use openalgo::core::value::{Price, Quantity, Tick as Step};
use serde_json::Value;
use std::fs;
use std::path::Path;

const SYMBOLS: [&str; 2] = ["INFY", "TCS"];

/// Trading days in November 2026: the 24th is none.
const DAYS: [u32; 10] = [16, 17, 18, 19, 20, 23, 25, 26, 27, 30];

fn key(symbol: &str) -> InstrumentKey {
    InstrumentKey::new(Exchange::Nse, symbol.parse().unwrap())
}

fn listed(symbol: &str) -> Instrument {
    Instrument {
        key: key(symbol),
        name: symbol.into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: Step::try_new("0.05".parse().unwrap()).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn india(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    let date = NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    date.and_hms_opt(hour, minute, 0).unwrap()
}

/// Prices that wander, one a minute from 09:15 to 15:29.
fn prices() -> Vec<(NaiveDateTime, &'static str, Price)> {
    let mut dice = 0x9e37_79b9_u64;
    let mut prices = Vec::new();
    let mut steps = [0_i64; 2];
    for day in DAYS {
        for minute in 0..375 {
            let at = india(day, 9, 15) + TimeDelta::minutes(minute);
            for (symbol, step) in SYMBOLS.into_iter().zip(&mut steps) {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *step += i64::try_from(dice >> 61).unwrap() - 3 - step.signum();
                let paise = 150_000 + 5 * *step;
                let price = format!("{}.{:02}", paise / 100, paise % 100);
                prices.push((at, symbol, price.parse().unwrap()));
            }
        }
    }
    prices
}

fn record(path: &Path) {
    let preamble = Preamble {
        begun: Timestamp::of_ist(india(16, 9, 0)),
        instruments: SYMBOLS.map(listed).to_vec(),
    };
    let mut writer = RecordingWriter::begin(Vec::new(), &preamble).unwrap();
    for (at, symbol, price) in prices() {
        let at = Timestamp::of_ist(at);
        let tick = Tick::ltp(key(symbol), price, at, TickSource::Simulated);
        writer.push(&tick).unwrap();
    }
    fs::write(path, writer.finish().unwrap()).unwrap();
}

/// A home whose folder trades on the recording.
struct Life(Home);

impl Life {
    fn new() -> Self {
        let life = Self(Home::new());
        record(&life.0.path("days.ticks"));
        life.at(india(16, 9, 0), "init");
        life
    }

    /// Runs a line at an instant of the recording, at which time stands.
    #[track_caller]
    fn at(&self, at: NaiveDateTime, line: &str) -> Value {
        let clock = at.format("%FT%T+05:30");
        let place = self.0.path("days.ticks").display().to_string();
        let line = format!("{line} --market-data {place} --clock {clock} --clock-speed 0");
        self.0.json(&line).data()
    }

    /// Orders above and below the price of half past nine, of each share by turns, on each day.
    fn trade(&self) -> Vec<Value> {
        for (day, symbol) in DAYS.into_iter().zip(SYMBOLS.into_iter().cycle()) {
            let at = india(day, 9, 30);
            let quote = self.at(at, &format!("quote {symbol}"));
            let ltp = quote["ltp"].as_f64().unwrap();
            for (action, price) in [("BUY", ltp - 0.5), ("SELL", ltp + 0.5)] {
                self.at(at, &order(symbol, action, price));
            }
        }
        let evening = india(30, 18, 0);
        let positions = self.at(evening, "positions");
        let held = positions.as_array().unwrap().iter();
        let held: Vec<_> = held.filter(|it| it["quantity"] != 0).collect();
        assert!(
            held.is_empty(),
            "nothing intraday outlives its day: {held:?}"
        );
        let trades = self.at(evening, "trades --limit 1000");
        let trades = trades.as_array().unwrap().iter().cloned();
        trades.map(without_ids).collect()
    }
}

fn order(symbol: &str, action: &str, price: f64) -> String {
    format!(
        "order place --symbol {symbol} --exchange NSE --action {action} --quantity 10 \
         --product MIS --price-type LIMIT --price {price:.2}"
    )
}

/// A trade without what is made anew each time.
fn without_ids(mut trade: Value) -> Value {
    let fields = trade.as_object_mut().unwrap();
    fields.retain(|name, _| !name.ends_with("id"));
    trade
}

#[test]
fn ten_recorded_days_traded_twice_give_the_same_fills() {
    let lives = [(); 2].map(|()| std::thread::Builder::new().spawn(|| Life::new().trade()));
    let [first, second] = lives.map(|life| life.unwrap().join().unwrap());
    assert_eq!(first, second);
    let prices = prices();
    let mut days = Vec::new();
    for trade in &first {
        let at = trade["traded_at"].as_str().unwrap();
        let at = chrono::DateTime::parse_from_rfc3339(at)
            .unwrap()
            .naive_local();
        // At a minute of the recording, and at its price or a better one than was asked for.
        let symbol = trade["symbol"].as_str().unwrap();
        let told = prices
            .iter()
            .rfind(|(time, of, _)| *time <= at && *of == symbol);
        let ltp: f64 = told.unwrap().2.to_string().parse().unwrap();
        let price = trade["price"].as_f64().unwrap();
        match trade["action"].as_str() {
            Some("BUY") => assert!(price >= ltp, "{trade} {ltp}"),
            _ => assert!(price <= ltp, "{trade} {ltp}"),
        }
        days.push(at.date());
    }
    days.sort_unstable();
    days.dedup();
    assert!(days.len() > 5, "{first:?}");
    let alone = |trade: &&Value| trade["traded_at"].as_str().unwrap().contains("T15:1");
    assert!(first.iter().any(|it| alone(&it)), "squared off: {first:?}");
}

#[test]
fn a_recording_goes_on_where_it_was_left() {
    let life = Life::new();
    let place = life.0.path("days.ticks").display().to_string();
    let here = |line: &str| life.0.json(&format!("{line} --market-data {place}"));
    let status = here("status").data();
    let now = status["now"].as_str().unwrap();
    assert!(now.starts_with("2026-11-16T09:00:0"), "{status}");
    assert_eq!(status["price_source"], "recorded");
    // No price has come yet: nothing is filled, and what has a price rests.
    let early = here(&order("INFY", "BUY", 1.0));
    assert_eq!(early.data()["status"], "OPEN");
    life.at(india(18, 10, 0), &order("INFY", "BUY", 1.0));
    let now = here("status").data()["now"].as_str().unwrap().to_owned();
    assert!(now.starts_with("2026-11-18T10:00:0"), "{now}");
    let back = life.0.json(&format!(
        "funds --market-data {place} --clock 2026-11-17T10:00:00+05:30"
    ));
    assert_eq!(back.error()["code"], "clock_behind");
}

#[test]
fn candles_are_kept_of_what_is_recorded() {
    let life = Life::new();
    let [place, again] = ["days.ticks", "again.ticks"].map(|file| life.0.path(file));
    let record = format!(
        "record INFY --for 1s --to {} --market-data {} --clock 2026-11-16T09:20:00+05:30 \
         --clock-speed 600",
        again.display(),
        place.display()
    );
    let kept = life.0.json(&record).data()["candles"].as_u64().unwrap();
    assert!(kept > 0);
    let stored = life.at(
        india(16, 18, 0),
        "history INFY --interval 1m --stored --from 2026-11-16",
    );
    let candles = stored["candles"].as_array().unwrap().len();
    assert_eq!(u64::try_from(candles).unwrap(), kept);
    assert_eq!(
        stored["gaps"][0]["from"],
        "2026-11-16T09:15:00.000000+05:30"
    );
}

#[test]
fn what_cannot_be_traded_on_is_refused_by_its_name() {
    let home = Home::with_data();
    let file = home.path("notes.txt");
    fs::write(&file, "no recording").unwrap();
    let none = home.json(&format!("quote INFY --market-data {}", file.display()));
    assert_eq!(
        (none.code, &none.error()["code"]),
        (4, &"no_recording".into())
    );
    let fast = home.json("quote RELIANCE --clock-speed 10");
    assert_eq!(
        (fast.code, &fast.error()["code"]),
        (4, &"clock_speed".into())
    );
    assert!(fast.error()["hint"].as_str().unwrap().contains("--clock"));
    assert_eq!(home.run("quote RELIANCE --clock-speed fast").code, 2);
}
