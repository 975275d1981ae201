//! Holidays and hours of the exchanges, from the command line.

use crate::home::{Home, Run};
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

const HEADINGS: &str = "\u{feff}date,type,description,closed,open";
const HOLIDAY: &str = "2027-01-26,TRADING_HOLIDAY,Republic Day,NSE BSE,MCX 17:00-23:55";

/// Imports a calendar of these rows.
fn import(home: &Home, rows: &[&str]) -> Run {
    let file = home.path("next-year.csv");
    std::fs::write(&file, format!("{HEADINGS}\n{}\n", rows.join("\n"))).unwrap();
    home.json(&format!("market import calendar {}", file.display()))
}

fn data_file(home: &Home, name: &str) -> Vec<u8> {
    std::fs::read(home.path("data").join(name)).unwrap()
}

#[test]
fn a_calendar_is_imported_and_says_what_it_changes() {
    let home = Home::with_data();
    let hours = "2027-04-01,HOURS,New hours,,CDS 09:00-17:30";
    let taken = import(&home, &[HOLIDAY, hours]).data();
    assert_eq!(taken["days"][0]["date"], "2027-01-26");
    assert_eq!(taken["days"][0]["before"], Value::Null);
    assert_eq!(taken["days"][0]["now"]["description"], "Republic Day");
    assert_eq!(taken["hours"][0]["exchange"], "CDS");
    assert_eq!(taken["hours"][0]["now"]["closes"], "17:30");
    assert_eq!(taken["previous_file"], Value::Null);
    let shown = home.json("market holidays --year 2027").data();
    assert_eq!(shown["data"].as_array().unwrap().len(), 1);
    let moved = import(&home, &[&HOLIDAY.replace("01-26", "01-27")]).data();
    let days = moved["days"].as_array().unwrap().iter();
    let days: Vec<_> = days
        .map(|day| (&day["date"], day["now"].is_null()))
        .collect();
    let (gone, new) = (json!("2027-01-26"), json!("2027-01-27"));
    assert_eq!(days, [(&gone, true), (&new, false)]);
    assert_eq!(moved["hours"][0]["now"], Value::Null);
}

/// It is taken whole or not at all, and the one before is kept.
#[test]
fn a_calendar_that_is_wrong_changes_nothing_and_one_that_is_right_mends() {
    let home = Home::with_data();
    assert_eq!(import(&home, &[HOLIDAY]).code, 0);
    let first = data_file(&home, "market-calendar.csv");
    let refused = import(&home, &[HOLIDAY, "2027-13-01,HOURS,X,,"]);
    let error = refused.error();
    assert_eq!((refused.code, &error["code"]), (4, &json!("calendar_file")));
    let told = error.to_string();
    assert!(told.contains("row 3") && told.contains("'date'"), "{told}");
    assert_eq!(data_file(&home, "market-calendar.csv"), first);

    let other = HOLIDAY.replace("01-26", "01-27");
    assert_eq!(import(&home, &[&other]).code, 0);
    assert_eq!(data_file(&home, "market-calendar.previous.csv"), first);
    // The same again is no other, and the one before is not forgotten for it.
    let same = import(&home, &[&other]).data();
    assert_eq!(same["days"], json!([]));
    assert_eq!(data_file(&home, "market-calendar.previous.csv"), first);

    // What somebody broke by hand is mended by a file that is right.
    let own = home.path("data").join("market-calendar.csv");
    std::fs::write(own, "nothing\n").unwrap();
    assert_eq!(home.run("market status").code, 7);
    assert_eq!(import(&home, &[HOLIDAY]).code, 0);
    assert_eq!(home.run("market status").code, 0);
    let names = std::fs::read_dir(home.path("data")).unwrap();
    let mut names = names.map(|it| it.unwrap().file_name().into_string().unwrap());
    assert!(!names.any(|name| name.contains(".new")));
}

/// NSE's own list, with indices and shares.
#[test]
fn freeze_quantities_are_imported_for_indices_and_shares() {
    let home = Home::with_data();
    let file = home.path("qtyfreeze.csv");
    let import = format!("market import freeze {}", file.display());
    let list = "Sr. No.,SYMBOL,VOL_FRZ_QTY\n1,NIFTY ,\"1,200\"\n2,RELIANCE,45000\n";
    std::fs::write(&file, list).unwrap();
    let taken = home.json(&import).data();
    let nifty = json!(
        { "exchange": "NFO", "symbol": "NIFTY", "before": 1800, "now": 1200 }
    );
    let quantities = taken["quantities"].as_array().unwrap();
    assert_eq!((quantities.len(), &quantities[0]), (2, &nifty));
    assert_eq!(quantities[1]["before"], Value::Null);
    let instruments = include_str!("../../../openalgo-brokers/tests/fixtures/kite-instruments.csv");
    std::fs::write(home.path("instruments.csv"), instruments).unwrap();
    let lists = format!("symbols import {}", home.path("instruments.csv").display());
    assert_eq!(home.run(&lists).code, 0);
    for (symbol, quantity) in [("NIFTY29DEC26FUT", 1_200), ("RELIANCE29DEC26FUT", 45_000)] {
        let info = format!("symbols info {symbol} --exchange NFO --broker zerodha");
        assert_eq!(
            home.json(&info).data()["freeze_quantity"],
            quantity,
            "{symbol}"
        );
    }
    std::fs::write(&file, "SYMBOL,VOL_FRZ_QTY\nNIFTY,none\n").unwrap();
    let refused = home.json(&import);
    assert_eq!(
        (refused.code, &refused.error()["code"]),
        (4, &"freeze_file".into())
    );
    let told = refused.error().to_string();
    assert!(
        told.contains("row 2") && told.contains("'VOL_FRZ_QTY'"),
        "{told}"
    );
    let shown = home
        .run("symbols info NIFTY29DEC26FUT --exchange NFO --broker zerodha")
        .stdout;
    assert!(shown.contains("1200"), "{shown}");
    let missing = home.json("market import freeze nowhere.csv");
    assert_eq!(
        (missing.code, &missing.error()["code"]),
        (7, &"file".into())
    );
}
