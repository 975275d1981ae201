//! Recorded prices, and a clock that is set.

use crate::home::{Home, Run, finish};
use crate::owner::Holder;
use serde_json::Value;
use std::fs;
use std::path::Path;

pub(crate) const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/contract/data");
pub(crate) const MORNING: &str = "--clock 2026-11-25T10:30:00+05:30";

/// A home whose folder was made in the recorded market, on its morning.
pub(crate) fn home() -> Home {
    let home = Home::new();
    assert_eq!(there(&home, "init").code, 0);
    home
}

/// Runs a line in the recorded market, on its morning.
pub(crate) fn there(home: &Home, line: &str) -> Run {
    home.run(&format!("{line} --market-data {RECORDED} {MORNING}"))
}

pub(crate) fn told(home: &Home, line: &str) -> Value {
    there(home, &format!("{line} --json")).data()
}

#[test]
fn orders_meet_recorded_prices_at_the_recorded_time() {
    let home = home();
    let quote = told(&home, "quote RELIANCE");
    assert_eq!(quote["ltp"], 1_424.5, "{quote}");
    let buy =
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 10 --product MIS";
    assert_eq!(there(&home, buy).code, 0);
    let order = &told(&home, "order list")[0];
    assert_eq!(order["average_price"], 1_424.6, "{order}");
    let placed = order["placed_at"].as_str().unwrap();
    assert!(placed.starts_with("2026-11-25T10:30:"), "{order}");
}

#[test]
fn the_status_says_whose_prices_and_what_time_it_is() {
    let home = home();
    let status = told(&home, "status");
    assert_eq!(status["price_source"], "recorded");
    assert!(
        status["now"]
            .as_str()
            .unwrap()
            .starts_with("2026-11-25T10:30:0")
    );
    let table = there(&home, "status").stdout;
    assert!(table.contains("recorded in "), "{table}");
    assert!(table.contains(", from 2026-11-25 10:30:00"), "{table}");
    assert_eq!(home.json("status").data()["price_source"], "simulated");
}

#[test]
fn the_clock_goes_on_where_it_was_left_and_never_back() {
    let home = home();
    let buy = "order place --symbol SBIN --exchange NSE --action BUY --quantity 1";
    for _order in 0..2 {
        assert_eq!(there(&home, buy).code, 0);
    }
    let orders = told(&home, "order list");
    let times: Vec<_> = [0, 1]
        .map(|i| orders[i]["placed_at"].as_str().unwrap())
        .into();
    assert!(times[0] > times[1], "the newest is told first: {orders}");
    let back = home.json("funds --clock 2026-11-24T10:30:00+05:30");
    assert_eq!(
        (back.code, &back.error()["code"]),
        (4, &"clock_behind".into())
    );
    let message = back.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("2026-11-24 10:30:00"), "{message}");
    assert!(
        back.error()["hint"]
            .as_str()
            .unwrap()
            .contains("--data-dir")
    );
    assert_eq!(home.run("funds --clock today").code, 2);
}

#[test]
fn what_happened_without_an_order_is_no_more_undone_by_a_clock_than_an_order_is() {
    let home = home();
    assert_eq!(there(&home, "paper reset --yes").code, 0);
    let back = home.json("funds --clock 2026-11-24T10:30:00+05:30");
    assert_eq!(back.error()["code"], "clock_behind");
    let message = back.error()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("until 2026-11-25 10:30:0"), "{message}");
}

#[test]
fn who_holds_the_folder_open_says_in_which_world() {
    let home = home();
    let mut command = home.own();
    command
        .args(["--market-data", RECORDED])
        .args(MORNING.split(' '));
    let holder = Holder::start(command);
    assert_eq!(home.json("status").data()["price_source"], "recorded");
    assert_eq!(told(&home, "status")["price_source"], "recorded");
    let other = home.json("status --clock 2026-11-26T10:30:00+05:30");
    assert_eq!(
        (other.code, &other.error()["code"]),
        (4, &"other_world".into())
    );
    let other = home.json(&format!(
        "quote SBIN --market-data {}",
        home.path("run").display()
    ));
    assert_eq!(other.error()["code"], "other_world");
    // What ends it is never refused.
    let mut lock = home.own();
    lock.arg("lock")
        .args(["--clock", "2026-11-26T10:30:00+05:30"]);
    assert_eq!(finish(lock, "").code, 0);
    assert_eq!(holder.end(), 0);
}

#[test]
fn a_folder_that_is_no_market_is_told_by_file_and_place() {
    let home = Home::with_data();
    let run = home.json(&format!(
        "funds --market-data {}",
        home.path("nothing").display()
    ));
    assert_eq!((run.code, &run.error()["code"]), (4, &"market_data".into()));
    let message = run.error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("instruments.csv cannot be read"),
        "{message}"
    );
    let folder = home.path("broken");
    fs::create_dir(&folder).unwrap();
    for file in ["instruments.csv", "quotes.json"] {
        fs::copy(Path::new(RECORDED).join(file), folder.join(file)).unwrap();
    }
    let quotes = fs::read_to_string(folder.join("quotes.json")).unwrap();
    let broken = quotes.replacen("1424.5,", "\"dear\",", 1);
    fs::write(folder.join("quotes.json"), broken).unwrap();
    let run = home.json(&format!("funds --market-data {}", folder.display()));
    let message = run.error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("quotes.json") && message.contains("line 4"),
        "{message}"
    );
}
