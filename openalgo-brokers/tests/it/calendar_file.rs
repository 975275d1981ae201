//! The calendar that comes with the program, and files that are none.

use chrono::NaiveDate;
use openalgo_brokers::calendar_file::{CalendarFileError, built_in, parse};
use openalgo_core::market::{DayKind, Exchange, Timestamp};
use std::error::Error;

const HEADINGS: &str = "date,type,description,closed,open";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn shown(exchange: Exchange, on: &str) -> String {
    let hours = built_in().unwrap().hours(exchange, date(on));
    hours.map_or("closed".to_owned(), |(opens, closes)| {
        format!("{opens}-{closes}")
    })
}

/// As `contract/analyze/market_timings/trading_day` has it, and NCDEX besides.
#[test]
fn a_usual_day_has_the_hours_that_clients_know() {
    let usual = [
        (Exchange::Nse, "09:15-15:30"),
        (Exchange::Bse, "09:15-15:30"),
        (Exchange::Nfo, "09:15-15:40"),
        (Exchange::Bfo, "09:15-15:40"),
        (Exchange::Mcx, "09:00-23:55"),
        (Exchange::Bcd, "09:00-17:00"),
        (Exchange::Cds, "09:00-17:00"),
        (Exchange::Nco, "09:00-23:55"),
        (Exchange::Ncdex, "09:00-17:00"),
        (Exchange::Crypto, "00:00-00:00"),
    ];
    for (exchange, hours) in usual {
        assert_eq!(shown(exchange, "2026-11-25"), hours, "{exchange}");
    }
    assert_eq!(shown(Exchange::Nfo, "2026-07-31"), "09:15-15:30");
}

/// As `contract/analyze/market_timings/{holiday_mcx_evening,full_holiday}` have it.
#[test]
fn holidays_close_all_or_leave_the_evening() {
    assert_eq!(shown(Exchange::Mcx, "2026-11-24"), "17:00-23:55");
    assert_eq!(shown(Exchange::Nse, "2026-11-24"), "closed");
    assert_eq!(shown(Exchange::Mcx, "2026-01-26"), "closed");
    assert_eq!(shown(Exchange::Nse, "2026-11-08"), "18:00-19:15");
    assert_eq!(shown(Exchange::Mcx, "2026-11-08"), "18:00-00:15");
}

/// As `contract/analyze/market_holidays/default_year` has them, and the budget session, which that
/// lacks.
#[test]
fn the_days_of_2026_are_those_that_clients_know() {
    let calendar = built_in().unwrap();
    let days: Vec<_> = calendar.days_of(2026).collect();
    assert_eq!(days.len(), 18);
    let special: Vec<_> = days
        .iter()
        .filter(|day| day.kind == DayKind::SpecialSession)
        .collect();
    assert_eq!(special.len(), 2);
    let budget = special[0];
    assert_eq!(&*budget.description, "Union Budget");
    for (exchange, at, is_open) in [
        (Exchange::Nse, "2026-02-01T09:15:00+05:30", true),
        (Exchange::Nfo, "2026-02-01T15:30:00+05:30", false),
        (Exchange::Mcx, "2026-02-01T16:59:00+05:30", true),
        (Exchange::Cds, "2026-02-01T10:00:00+05:30", false),
        (Exchange::Nse, "2026-02-08T10:00:00+05:30", false),
    ] {
        let at = Timestamp::new(at.parse().unwrap());
        assert_eq!(calendar.is_open(exchange, at), is_open, "{exchange} {at}");
    }
    assert!(!calendar.is_settlement_day(Exchange::Nse, date("2026-02-01")));
    assert_eq!(
        &*special[1].description,
        "Diwali Laxmi Pujan (Muhurat Trading)"
    );
    assert_eq!(special[1].open.len(), 7);
    let republic = calendar.day(date("2026-01-26")).unwrap();
    assert!(republic.open.is_empty());
    assert_eq!(republic.closed.len(), 7);
}

#[test]
fn what_is_wrong_is_named_by_row_and_column() {
    let wrong = [
        ("2026-13-01,TRADING_HOLIDAY,X,NSE,", "date", "2026-13-01"),
        ("2026-01-01,HOLIDAY,X,NSE,", "type", "HOLIDAY"),
        ("2026-01-01,TRADING_HOLIDAY,,NSE,", "description", ""),
        ("2026-01-01,TRADING_HOLIDAY,X,NSE NYSE,", "closed", "NYSE"),
        (
            "2026-01-01,SPECIAL_SESSION,X,,MCX 17:00",
            "open",
            "MCX 17:00",
        ),
        (
            "2026-01-01,SPECIAL_SESSION,X,,MCX 17:00-24:55",
            "open",
            "MCX 17:00-24:55",
        ),
    ];
    for (line, named, given) in wrong {
        let text = format!("{HEADINGS}\n2026-01-02,TRADING_HOLIDAY,Fine,NSE,\n{line}\n");
        let error = parse(&text).unwrap_err();
        let CalendarFileError::Invalid {
            row, column, text, ..
        } = &error
        else {
            panic!("{line}: {error}")
        };
        assert_eq!((*row, *column, &**text), (3, named, given), "{line}");
        assert!(error.source().is_some(), "{line}");
    }
    let missing = parse("<!DOCTYPE html>\n<html></html>\n").unwrap_err();
    assert!(
        missing.to_string().contains("no column 'date'"),
        "{missing}"
    );
    let short = parse(&format!("{HEADINGS}\n2026-01-02,TRADING_HOLIDAY\n")).unwrap_err();
    assert!(matches!(short, CalendarFileError::Unreadable(_)), "{short}");
}

#[test]
fn a_file_of_one_year_updates_what_comes_with_the_program() {
    let next = parse(&format!(
        "{HEADINGS}\n2027-01-26,TRADING_HOLIDAY,Republic Day,NSE BSE,\n"
    ));
    let calendar = built_in().unwrap().updated_by(next.unwrap());
    assert!(!calendar.is_trading_day(Exchange::Nse, date("2027-01-26")));
    assert!(!calendar.is_trading_day(Exchange::Nse, date("2026-11-24")));
    assert!(calendar.is_trading_day(Exchange::Nse, date("2027-01-27")));
}
