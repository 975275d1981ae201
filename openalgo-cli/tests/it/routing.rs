//! Where orders go, chosen from the command line.

use crate::home::Home;
use serde_json::{Value, json};

const BUY: &str = "order place --symbol RELIANCE --exchange NSE --action BUY --product MIS";

#[test]
fn orders_go_to_paper_unless_both_are_said() {
    let home = Home::with_data();
    let status = home.json("analyzer status").data();
    assert_eq!(
        (
            &status["analyzer"],
            &status["orders_go_to"],
            &status["live"]
        ),
        (&json!(true), &json!("paper"), &json!(false))
    );
    let off = home.run("analyzer off");
    assert_eq!(
        off.stdout,
        "Analyze mode is off: orders of owner are refused, since no broker is chosen for them.\n"
    );
    assert!(off.stderr.contains("openalgo broker use NAME"), "{off:?}");
    let refused = home.json(&format!("{BUY} --quantity 1"));
    let error = refused.error();
    assert_eq!(
        (refused.code, &error["code"]),
        (4, &json!("no_order_broker"))
    );
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("openalgo broker use NAME"), "{hint}");
    assert!(hint.contains("openalgo analyzer on"), "{hint}");

    let used = home.run("broker use paper");
    assert_eq!(
        used.stdout,
        "Orders of owner go to paper while analyze mode is off. It is off now.\n"
    );
    let placed = home.json(&format!("{BUY} --quantity 1")).data();
    assert_eq!(placed["broker"], "paper");
    let dropped = home.json("broker drop").data();
    assert_eq!(dropped["order_broker"], Value::Null);
    assert_eq!(
        home.json("analyzer status").data()["orders_go_to"],
        Value::Null
    );
    assert_eq!(home.json("analyzer on").data()["orders_go_to"], "paper");
}

/// It is neither gone nor to be reached while orders go nowhere.
#[test]
fn what_is_held_on_paper_is_told_where_orders_go_nowhere() {
    let home = Home::with_data();
    home.json("analyzer off").data();
    let lines = [
        "positions",
        "holdings",
        "funds",
        "order close --all",
        "order close --symbol RELIANCE --exchange NSE",
        "order cancel-all",
    ];
    let hint_of = |line: &str| {
        let refused = home.json(line);
        let error = refused.error();
        assert_eq!(
            (refused.code, &error["code"]),
            (4, &json!("no_order_broker")),
            "{line}"
        );
        error["hint"].as_str().unwrap().to_owned()
    };
    for line in lines {
        let hint = hint_of(line);
        assert!(!hint.contains("paper account"), "{line}: {hint}");
    }
    home.json("analyzer on").data();
    home.json(&format!("{BUY} --quantity 1")).data();
    let rests = format!("{BUY} --quantity 1 --price-type LIMIT --price 1000");
    home.json(&rests).data();
    home.json("analyzer off").data();
    for line in lines {
        let hint = hint_of(line);
        let held = "the paper account has 1 open position and 1 resting order: ";
        assert!(hint.starts_with(held), "{line}: {hint}");
        for way in ["openalgo analyzer on", "openalgo broker use NAME"] {
            assert!(hint.contains(way), "{line}: {hint}");
        }
    }
}

#[test]
fn a_broker_that_is_not_connected_is_not_chosen() {
    let home = Home::with_data();
    let refused = home.json("broker use zerodha");
    let error = refused.error();
    assert_eq!((refused.code, &error["code"]), (4, &json!("not_connected")));
    assert_eq!(
        error["message"],
        "the broker 'zerodha' is not connected; these are: paper"
    );
    let list = home.json("broker list").data();
    let expected = json!([
        { "broker": "paper", "live": false, "chosen": false, "orders_go_here": true }
    ]);
    assert_eq!(list, expected);
    home.json("broker use paper").data();
    assert_eq!(home.json("broker list").data()[0]["chosen"], true);
    assert_eq!(home.json("broker use nobody --user nobody").code, 3);
}

#[test]
fn the_mode_of_an_api_key_is_shown_and_chosen() {
    let home = Home::with_data();
    assert_eq!(home.json("apikey mode").data()["order_mode"], "auto");
    let chosen = home.run("apikey mode semi_auto");
    assert_eq!(
        chosen.stdout,
        "semi_auto: orders with the API key of owner wait until somebody approves them.\n"
    );
    assert_eq!(home.json("apikey mode").data()["order_mode"], "semi_auto");
    assert_eq!(home.json("apikey mode sometimes").code, 2);
    // The mode outlives the key.
    home.json("apikey create").data();
    assert_eq!(home.json("apikey mode").data()["order_mode"], "semi_auto");
    let add = "user add --username ravi --email ravi@example.in --password-stdin";
    home.run_with_input(add, "Long!Enough1\n");
    let none = home.json("apikey mode auto --user ravi");
    assert_eq!(
        (none.code, &none.error()["code"]),
        (4, &json!("no_api_key"))
    );
}
