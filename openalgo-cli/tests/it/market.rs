//! Holidays and hours of the exchanges, from the command line.

use crate::home::Home;
use serde_json::{Value, json};

#[test]
fn hours_are_told_as_clients_know_them() {
    let home = Home::with_data();
    let timings = home.json("market timings --date 2026-11-25").data();
    let nse = json!({
        "exchange": "NSE",
        "start_time": 1_795_578_300_000_i64,
        "end_time": 1_795_600_800_000_i64,
    });
    assert_eq!(timings[0], nse, "{timings}");
    assert_eq!(timings.as_array().unwrap().len(), 10);
    let table = home.run("market timings --date 2026-11-08").stdout;
    assert!(table.contains("MCX"), "{table}");
    assert!(table.contains("00:15"), "{table}");
    let holiday = home.run("market timings --date 2026-01-26 --json");
    // Crypto venues trade every day.
    assert_eq!(holiday.data().as_array().unwrap().len(), 1);
}

#[test]
fn holidays_are_listed_with_who_opens_all_the_same() {
    let home = Home::with_data();
    let told = home.json("market holidays --year 2026").data();
    assert_eq!(told["timezone"], "Asia/Kolkata");
    let days = told["data"].as_array().unwrap();
    assert_eq!(days.len(), 18);
    let first = json!({
        "closed_exchanges": ["NSE", "BSE", "NFO", "BFO", "CDS", "BCD"],
        "date": "2026-01-15",
        "description": "Municipal Corporation Election - Maharashtra",
        "holiday_type": "TRADING_HOLIDAY",
        "open_exchanges": [{
            "exchange": "MCX",
            "start_time": 1_768_476_600_000_i64,
            "end_time": 1_768_501_500_000_i64,
        }],
    });
    assert_eq!(days[0], first);
    let unknown = home.run("market holidays --year 2031");
    assert_eq!(unknown.code, 0);
    assert!(
        unknown.stderr.contains("no holidays of 2031 are known"),
        "{unknown:?}"
    );
    assert_eq!(home.run("market holidays --year 1999").code, 2);
}

#[test]
fn a_file_in_the_data_folder_updates_the_calendar() {
    let home = Home::with_data();
    let file = home.path("data").join("market-calendar.csv");
    let headings = "date,type,description,closed,open";
    std::fs::write(
        &file,
        format!("{headings}\n2027-01-26,TRADING_HOLIDAY,Republic Day,NSE,\n"),
    )
    .unwrap();
    let next = home.json("market holidays --year 2027").data();
    assert_eq!(next["data"][0]["description"], "Republic Day");
    assert_eq!(
        home.json("market status").data().as_array().unwrap().len(),
        10
    );

    std::fs::write(
        &file,
        format!("{headings}\n2027-13-26,TRADING_HOLIDAY,X,NSE,\n"),
    )
    .unwrap();
    let broken = home.json("market status");
    assert_eq!(broken.code, 7);
    let error = broken.error();
    assert_eq!(error["code"], "calendar");
    let message = Value::to_string(&error["message"]);
    assert!(
        message.contains("row 2") && message.contains("'date'"),
        "{message}"
    );
}
