//! Mistakes: a sentence that says what and one that says how to mend it, the documented exit
//! code, and nothing stored.

use crate::home::Home;
use serde_json::Value;

/// A line, the exit code, the word for programs, and a part of the sentence for people.
const MISTAKES: [(&str, i32, &str, &str); 22] = [
    (
        "order place --symbol RELAINCE --exchange NSE --action BUY --quantity 1",
        4,
        "unknown_symbol",
        "Symbol RELAINCE not found on NSE",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 0",
        4,
        "quantity",
        "Quantity must be positive",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity -5",
        2,
        "usage",
        "quantity -5 must not be negative",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 1.5",
        2,
        "usage",
        "quantity '1.5' is not a whole number such as 10",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 99999999",
        4,
        "too_large",
        "order value is too large",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 999999",
        4,
        "insufficient_funds",
        "Insufficient funds. Required: ₹",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 1 --price-type LIMIT --price 1500.03",
        4,
        "tick_size",
        "The nearest prices are 1500.00 and 1500.05.",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 1 --price-type LIMIT",
        4,
        "price",
        "a LIMIT order needs --price above zero",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 1 --price-type LIMIT --price -3",
        2,
        "usage",
        "price -3 must not be negative",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 1 --price-type SL-M",
        4,
        "price",
        "a SL-M order needs --trigger-price above zero",
    ),
    (
        "order place --symbol RELIANCE --exchange NYSE --action BUY --quantity 1",
        2,
        "usage",
        "unknown exchange 'NYSE'",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action HOLD --quantity 1",
        2,
        "usage",
        "unknown action 'HOLD'",
    ),
    (
        "order place --symbol RELIANCE --exchange NSE --action BUY --quantity 1 --product NRML",
        4,
        "product",
        "NRML product not allowed for NSE equity segment.",
    ),
    (
        "order place --symbol NIFTY --exchange NSE_INDEX --action BUY --quantity 1",
        4,
        "not_tradable",
        "NIFTY is an index",
    ),
    (
        "order place --exchange NSE --action BUY --quantity 1",
        2,
        "usage",
        "--symbol",
    ),
    ("order show 123", 4, "not_found", "Order 123 not found"),
    ("order cancel 123", 4, "not_found", "Order 123 not found"),
    (
        "quote RELIANCEX",
        4,
        "unknown_symbol",
        "Symbol RELIANCEX not found on NSE",
    ),
    (
        "settings set theme pink",
        4,
        "setting_value",
        "it must be light, dark or system",
    ),
    (
        "settings get colour",
        2,
        "usage",
        "unknown setting 'colour'",
    ),
    (
        "funds --user nobody",
        3,
        "unknown_user",
        "there is no user 'nobody'",
    ),
    (
        "key export",
        2,
        "confirmation_required",
        "anybody can read the whole database",
    ),
];

#[test]
fn every_mistake_is_explained_and_leaves_no_trace() {
    let home = Home::with_data();
    // That it was asked for is in the log, with the answer.
    let rows = || {
        let mut rows = home.json("status").data()["rows"].clone();
        rows.as_object_mut().unwrap().remove("order_logs");
        rows
    };
    let before = rows();
    for (line, code, word, sentence) in MISTAKES {
        let run = home.json(line);
        let error = run.error();
        assert_eq!(run.code, code, "{line}: {run:?}");
        assert_eq!(error["code"], word, "{line}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(sentence), "{line}: {message}");
        assert!(
            error["hint"].as_str().is_some_and(|hint| !hint.is_empty()),
            "{line}: {error}"
        );
        assert!(run.stderr.contains(sentence), "{line}: {}", run.stderr);
    }
    assert_eq!(rows(), before);
}

#[test]
fn an_unknown_symbol_suggests_the_names_that_are_near() {
    let home = Home::with_data();
    let run = home.json("quote RELIANC");
    assert_eq!(run.error()["suggestions"][0], "NSE:RELIANCE");
    assert!(
        run.error()["hint"]
            .as_str()
            .unwrap()
            .starts_with("did you mean NSE:RELIANCE")
    );
}

#[test]
fn a_folder_without_data_says_how_to_make_some() {
    let home = Home::new();
    for line in [
        "status",
        "order list",
        "quote RELIANCE",
        "db check",
        "key export --yes",
    ] {
        let run = home.json(line);
        assert_eq!(
            (run.code, &run.error()["code"]),
            (7, &Value::from("no_data")),
            "{line}"
        );
        assert!(
            run.error()["hint"]
                .as_str()
                .unwrap()
                .contains("openalgo quickstart")
        );
    }
    assert!(!home.path("data").exists(), "looking makes nothing");
}
