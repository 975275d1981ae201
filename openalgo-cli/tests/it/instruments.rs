//! Finding instruments, and lists of them, from the command line.

use crate::home::Home;
use serde_json::{Value, json};
use std::fs;

const RECORDED: &str =
    include_str!("../../../openalgo-brokers/tests/fixtures/kite-instruments.csv");

fn keys(found: &Value) -> Vec<String> {
    let found = found.as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    found
        .map(|it| format!("{}:{}", text(&it["exchange"]), text(&it["symbol"])))
        .collect()
}

fn write(home: &Home, text: &str) {
    fs::write(home.path("instruments.csv"), text).unwrap();
}

fn import(home: &Home) -> String {
    format!("symbols import {}", home.path("instruments.csv").display())
}

#[test]
fn traders_find_what_they_mean() {
    let home = Home::with_data();
    for (words, first) in [
        ("reliance", "NSE:RELIANCE"),
        ("relaince", "NSE:RELIANCE"),
        ("nifty 50", "NSE_INDEX:NIFTY"),
    ] {
        let found = home.json(&format!("symbols search {words}")).data();
        assert_eq!(keys(&found)[0], first, "{words}");
    }
    let fut = home.json("symbols search nifty fut --exchange NFO").data();
    assert!(keys(&fut).iter().all(|key| key.ends_with("FUT")), "{fut}");
    let info = home.run("symbols info NIFTY --exchange NSE_INDEX").stdout;
    assert!(info.contains("Tradable"), "{info}");
}

#[test]
fn expiries_of_the_price_source_are_listed() {
    let home = Home::with_data();
    let all = home.json("symbols expiries nifty").data();
    assert_eq!(
        (&all["underlying"], &all["exchange"]),
        (&json!("NIFTY"), &json!("NFO"))
    );
    let futures = home
        .json("symbols expiries NIFTY --futures --exchange NSE_INDEX")
        .data();
    let days = |data: &Value| data["expiries"].as_array().unwrap().len();
    assert!(days(&futures) > 0 && days(&futures) < days(&all), "{all}");
    assert!(
        futures["expiries"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["futures"] == true)
    );
    let none = home.json("symbols expiries TCSX");
    assert_eq!(
        (none.code, &none.error()["code"]),
        (4, &json!("unknown_symbol"))
    );
    assert_eq!(
        home.run("symbols expiries NIFTY --futures --options").code,
        2
    );
}

#[test]
fn the_list_of_a_broker_is_imported_and_looked_at() {
    let home = Home::with_data();
    let none = home.json("symbols search infy --broker zerodha");
    assert_eq!((none.code, &none.error()["code"]), (4, &json!("no_list")));
    write(&home, RECORDED);
    let taken = home.json(&import(&home)).data();
    assert_eq!(
        (&taken["list"], &taken["instruments"]),
        (&json!("zerodha"), &json!(1405))
    );
    assert_eq!(taken["instruments_before"], Value::Null);

    let found = home.json("symbols search eshchem --broker zerodha").data();
    assert!(keys(&found).contains(&"NSE:ESHCHEM-BE".to_owned()));
    assert!(
        home.json("symbols search eshchem")
            .data()
            .as_array()
            .unwrap()
            .is_empty()
    );
    let shown = home
        .json("symbols info CRUDEOIL18DEC26FUT --exchange MCX --broker zerodha")
        .data();
    assert_eq!(
        (&shown["lot_size"], &shown["tick_size"]),
        (&json!(100), &json!(1.00))
    );

    let lists = home.json("symbols lists").data();
    assert_eq!(
        (&lists[0]["list"], &lists[0]["used_for_orders"]),
        (&json!("simulated"), &json!(true))
    );
    assert_eq!(
        (&lists[1]["list"], &lists[1]["state"]),
        (&json!("zerodha"), &json!("sound"))
    );
    assert_eq!(lists[1]["used_for_orders"], false);
    let table = home.run("symbols lists").stdout;
    assert!(table.contains("look-ups with --broker zerodha"), "{table}");

    assert!(table.contains("imported "), "{table}");

    // What nobody can read is not taken for a list in Kite's form.
    let other = home.json(&format!("{} --broker upstox", import(&home)));
    let told = other.error().to_string();
    assert_eq!((other.code, &other.error()["code"]), (4, &json!("broker")));
    assert!(told.contains("only those of zerodha"), "{told}");
    assert!(told.contains("still no list of this broker"), "{told}");
    assert_eq!(
        home.json("symbols lists").data().as_array().unwrap().len(),
        2
    );
}

#[test]
fn a_damaged_list_is_refused_and_the_one_before_is_used() {
    let home = Home::with_data();
    write(&home, "");
    let error = home.json(&import(&home)).error().to_string();
    assert!(
        error.contains("still no list") && !error.contains("as before"),
        "{error}"
    );
    write(&home, RECORDED);
    home.json(&import(&home)).data();
    let half = &RECORDED.split_at(RECORDED.len() / 2).0;
    for (text, told) in [
        (*half, "and the last one had 1405"),
        ("", "is empty"),
        ("<html>502</html>", "a web page"),
        (
            &RECORDED.replacen("lot_size", "lots", 1),
            "no column 'lot_size'",
        ),
    ] {
        write(&home, text);
        let refused = home.json(&import(&home));
        assert_eq!(
            (refused.code, &refused.error()["code"]),
            (4, &json!("instrument_file"))
        );
        let error = refused.error().to_string();
        assert!(
            error.contains(told) && error.contains("used as before"),
            "{error}"
        );
    }
    let found = home.json("symbols search eshchem --broker zerodha").data();
    assert!(keys(&found).contains(&"NSE:ESHCHEM-BE".to_owned()));
    // Whoever has looked at it may take it.
    write(&home, half);
    let taken = home.json(&format!("{} --any-size", import(&home))).data();
    assert_eq!(taken["instruments_before"], 1_405);
    assert!(taken["instruments"].as_u64().unwrap() < 1_000, "{taken}");
    let missing = home.json("symbols import nowhere.csv");
    assert_eq!(
        (missing.code, &missing.error()["code"]),
        (7, &json!("file"))
    );
}

#[test]
fn a_list_that_was_changed_by_somebody_else_is_told_and_not_used() {
    let home = Home::with_data();
    write(&home, RECORDED);
    home.json(&import(&home)).data();
    let file = home.path("data").join("master_contracts/zerodha.json");
    let changed = fs::read_to_string(&file)
        .unwrap()
        .replacen(",75,", ",7,", 1);
    fs::write(&file, &changed).unwrap();
    let refused = home.json("symbols search infy --broker zerodha");
    assert_eq!(
        (refused.code, &refused.error()["code"]),
        (7, &json!("instrument_list"))
    );
    let told = refused.error().to_string();
    assert!(told.contains("was changed by somebody else"), "{told}");
    let lists = home.run("symbols lists");
    assert!(
        lists.stderr.contains("was changed by somebody else"),
        "{lists:?}"
    );
    assert!(lists.stdout.contains("cannot be used"), "{lists:?}");

    // With a sound list before it, that one is used, and people are told.
    home.json(&import(&home)).data();
    home.json(&import(&home)).data();
    fs::write(&file, changed).unwrap();
    let found = home.run("symbols search infy --broker zerodha");
    assert_eq!(found.code, 0);
    assert!(
        found.stderr.contains("was changed by somebody else"),
        "{found:?}"
    );
}

/// What is imported in a world is of that world's day.
#[test]
fn a_list_goes_by_the_clock_of_the_world() {
    let home = Home::with_data();
    write(&home, RECORDED);
    for (day, warns) in [("2026-11-25", false), ("2026-11-26", true)] {
        let clock = format!("--clock {day}T10:30:00+05:30");
        if !warns {
            let taken = home.json(&format!("{} {clock}", import(&home))).data();
            assert_eq!(taken["imported_on"], day);
        }
        let found = home.run(&format!("symbols search infy --broker zerodha {clock}"));
        let told = "the list of zerodha was imported on 2026-11-25: what was listed since";
        assert_eq!(found.stderr.contains(told), warns, "{found:?}");
    }
}

#[test]
fn the_price_source_is_listed_anew() {
    let home = Home::with_data();
    assert_eq!(home.run("symbols update --any-size").code, 0);
    let updated = home.json("symbols update").data();
    assert_eq!(updated["instruments"], updated["instruments_before"]);
    assert!(
        updated["instruments"].as_u64().unwrap() > 1_000,
        "{updated}"
    );
}

#[test]
fn freeze_quantities_are_shown_and_come_from_a_file() {
    let home = Home::with_data();
    let found = home
        .json("symbols search nifty fut --exchange NFO --limit 1")
        .data();
    let info = format!(
        "symbols info {} --exchange NFO",
        found[0]["symbol"].as_str().unwrap()
    );
    assert_eq!(home.json(&info).data()["freeze_quantity"], 1_800);
    let file = home.path("data").join("freeze-quantities.csv");
    fs::write(&file, "exchange,symbol,freeze_qty\nNFO,NIFTY,1200\n").unwrap();
    let shown = home.run(&info).stdout;
    assert!(
        shown.contains("Freeze quantity") && shown.contains("1200"),
        "{shown}"
    );
    fs::write(&file, "nothing\n").unwrap();
    assert_eq!(home.json(&info).data()["freeze_quantity"], 1_800);
    let lists = home.run("symbols lists");
    assert!(
        lists.stderr.contains("freeze-quantities.csv is not used"),
        "{lists:?}"
    );
}
