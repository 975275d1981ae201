//! Trading days and hours.

use chrono::NaiveDate;
use openalgo_core::market::{
    DayKind, Exchange, ExchangeHours, SpecialDay, Timestamp, TradingCalendar, UsualHours,
};
use openalgo_core::port::Clock;
use openalgo_core::testing::FakeClock;
use proptest::prelude::*;

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    FakeClock::at(text).now()
}

fn hours(exchange: Exchange, opens: &str, closes: &str) -> ExchangeHours {
    ExchangeHours {
        exchange,
        opens: opens.parse().unwrap(),
        closes: closes.parse().unwrap(),
    }
}

fn day(on: &str, kind: DayKind, open: Vec<ExchangeHours>) -> SpecialDay {
    SpecialDay {
        date: date(on),
        kind,
        description: "a day".into(),
        closed: Vec::new(),
        open,
    }
}

pub(crate) fn calendar() -> TradingCalendar {
    let usual = [
        UsualHours {
            since: date("2020-01-01"),
            hours: vec![
                hours(Exchange::Nse, "09:15", "15:30"),
                hours(Exchange::Nfo, "09:15", "15:30"),
                hours(Exchange::Mcx, "09:00", "23:55"),
                hours(Exchange::Crypto, "00:00", "00:00"),
            ],
        },
        UsualHours {
            since: date("2026-08-03"),
            hours: vec![hours(Exchange::Nfo, "09:15", "15:40")],
        },
    ];
    let evening = vec![hours(Exchange::Mcx, "17:00", "23:55")];
    let muhurat = vec![
        hours(Exchange::Nse, "18:00", "19:15"),
        hours(Exchange::Mcx, "18:00", "00:15"),
    ];
    let budget = vec![hours(Exchange::Nse, "09:15", "15:30")];
    TradingCalendar::new(
        usual,
        [
            day("2026-11-24", DayKind::TradingHoliday, evening),
            day("2026-11-08", DayKind::SpecialSession, muhurat),
            day("2026-08-15", DayKind::SpecialSession, budget),
            day("2026-08-26", DayKind::SettlementHoliday, Vec::new()),
        ],
    )
}

fn shown(exchange: Exchange, on: &str) -> Option<String> {
    let (opens, closes) = calendar().hours(exchange, date(on))?;
    Some(format!("{opens}-{closes}"))
}

#[test]
fn hours_change_on_the_day_they_are_changed() {
    assert_eq!(shown(Exchange::Nfo, "2026-07-31").unwrap(), "09:15-15:30");
    assert_eq!(shown(Exchange::Nfo, "2026-08-03").unwrap(), "09:15-15:40");
    assert_eq!(shown(Exchange::Nfo, "2019-12-31"), None);
    assert_eq!(shown(Exchange::Bse, "2026-08-03"), None);
}

#[test]
fn a_holiday_closes_all_but_those_that_open_in_the_evening() {
    assert_eq!(shown(Exchange::Nse, "2026-11-24"), None);
    assert_eq!(shown(Exchange::NseIndex, "2026-11-24"), None);
    assert_eq!(shown(Exchange::Mcx, "2026-11-24").unwrap(), "17:00-23:55");
    let calendar = calendar();
    assert!(!calendar.is_open(Exchange::Mcx, at("2026-11-24T16:59:59+05:30")));
    assert!(calendar.is_open(Exchange::Mcx, at("2026-11-24T17:00:00+05:30")));
    assert!(!calendar.is_open(Exchange::Nse, at("2026-11-24T17:00:00+05:30")));
}

#[test]
fn a_session_is_open_from_its_first_instant_and_not_at_its_last() {
    let calendar = calendar();
    let is_open =
        |time: &str| calendar.is_open(Exchange::Nse, at(&format!("2026-11-25T{time}+05:30")));
    assert!(!is_open("09:14:59.999999"));
    assert!(is_open("09:15:00"));
    assert!(is_open("15:29:59.999999"));
    assert!(!is_open("15:30:00"));
}

#[test]
fn weekends_are_closed_but_for_special_sessions() {
    assert_eq!(shown(Exchange::Nse, "2026-11-28"), None);
    assert_eq!(shown(Exchange::Nse, "2026-08-15").unwrap(), "09:15-15:30");
    // Not named, so it does not trade.
    assert_eq!(shown(Exchange::Mcx, "2026-08-15"), None);
    assert_eq!(
        shown(Exchange::Crypto, "2026-11-28").unwrap(),
        "00:00-00:00"
    );
    assert_eq!(
        shown(Exchange::Crypto, "2026-11-24").unwrap(),
        "00:00-00:00"
    );
}

#[test]
fn a_session_may_end_after_midnight() {
    let calendar = calendar();
    let is_open = |time: &str| calendar.is_open(Exchange::Mcx, at(time));
    assert!(is_open("2026-11-08T23:59:59+05:30"));
    assert!(is_open("2026-11-09T00:14:59+05:30"));
    assert!(!is_open("2026-11-09T00:15:00+05:30"));
    let whole_day = at("2026-11-28T00:00:00+05:30");
    assert!(calendar.is_open(Exchange::Crypto, whole_day));
}

#[test]
fn trading_days_are_found_before_and_after() {
    let calendar = calendar();
    let next = |on: &str| calendar.next_trading_day(Exchange::Nse, date(on));
    assert_eq!(next("2026-11-23"), Some(date("2026-11-25")));
    assert_eq!(next("2026-11-06"), Some(date("2026-11-08")));
    let previous = calendar.previous_trading_day(Exchange::Nse, date("2026-11-25"));
    assert_eq!(previous, Some(date("2026-11-23")));
    assert_eq!(
        calendar.next_trading_day(Exchange::Bse, date("2026-11-23")),
        None
    );
    let soon = calendar.next_session(Exchange::Nse, at("2026-11-23T16:00:00+05:30"));
    assert_eq!(soon.unwrap().from, at("2026-11-25T09:15:00+05:30"));
}

#[test]
fn settlement_waits_for_a_day_that_settles() {
    let calendar = calendar();
    let settles = |on: &str| calendar.is_settlement_day(Exchange::Nse, date(on));
    assert!(settles("2026-11-25"));
    assert!(!settles("2026-08-26"));
    assert!(calendar.is_trading_day(Exchange::Nse, date("2026-08-26")));
    assert!(!settles("2026-11-24"));
    assert!(!settles("2026-08-15"));
}

#[test]
fn a_newer_calendar_has_the_last_word_on_its_years() {
    let moved = day("2026-11-23", DayKind::TradingHoliday, Vec::new());
    let next_year = day("2027-01-26", DayKind::TradingHoliday, Vec::new());
    let later = UsualHours {
        since: date("2027-01-01"),
        hours: vec![hours(Exchange::Nse, "09:00", "15:30")],
    };
    let calendar = calendar().updated_by(TradingCalendar::new([later], [moved, next_year]));
    assert!(calendar.is_trading_day(Exchange::Nse, date("2026-11-24")));
    assert!(!calendar.is_trading_day(Exchange::Nse, date("2026-11-23")));
    assert_eq!(calendar.years(), [2026, 2027]);
    let hours = calendar.hours(Exchange::Nse, date("2027-01-04")).unwrap();
    assert_eq!(hours.0.to_string(), "09:00");
}

proptest! {
    /// The neighbours of any day are trading days with none between.
    #[test]
    fn nothing_trades_between_neighbours(offset in 0_i64..400) {
        let calendar = calendar();
        let start = date("2026-01-01") + chrono::Duration::days(offset);
        let next = calendar.next_trading_day(Exchange::Nse, start).unwrap();
        prop_assert!(calendar.is_trading_day(Exchange::Nse, next));
        for day in start.iter_days().skip(1).take_while(|day| *day < next) {
            prop_assert!(!calendar.is_trading_day(Exchange::Nse, day));
        }
        let back = calendar.previous_trading_day(Exchange::Nse, next).unwrap();
        prop_assert!(back <= start);
    }
}
