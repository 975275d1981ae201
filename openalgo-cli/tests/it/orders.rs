//! Orders from the command line, and the books they stand in.

use crate::home::{Home, finish};
use serde_json::json;

const BUY: &str = "order place --symbol RELIANCE --exchange NSE --action BUY --product MIS";

#[test]
fn an_order_stands_in_every_book() {
    let home = Home::with_data();
    let order = home
        .json(&format!("{BUY} --quantity 3 --strategy morning"))
        .data();
    assert_eq!(order["status"], "COMPLETE");
    assert_eq!(order["filled_quantity"], 3);
    assert_eq!(order["strategy"], "morning");
    assert_eq!(
        (&order["mode"], &order["broker"]),
        (&json!("analyze"), &json!("paper"))
    );
    let id = order["order_id"].as_str().unwrap();
    assert_eq!(
        home.json(&format!("order show {id}")).data()["order_id"],
        order["order_id"]
    );
    assert_eq!(home.json("order list").data().as_array().unwrap().len(), 1);
    let trade = &home.json("trades").data()[0];
    assert_eq!(trade["price"], order["average_price"]);
    let position = &home.json("positions").data()[0];
    assert_eq!(position["quantity"], 3);
    let funds = home.json("funds").data();
    assert_eq!(funds["used_margin"], position["margin"]);
    assert_eq!(home.json("holdings").data(), json!([]));
    let compacted = home.json("db compact").data();
    assert!(compacted["after_bytes"].as_u64() <= compacted["before_bytes"].as_u64());
    assert_eq!(home.json("db check").data()["sound"], true);
}

#[test]
fn a_limit_order_rests_until_it_is_cancelled() {
    let home = Home::with_data();
    let order = home
        .json(&format!(
            "{BUY} --quantity 1 --price-type LIMIT --price 1.05"
        ))
        .data();
    assert_eq!(order["status"], "OPEN");
    assert_eq!(order["price"], json!(1.05));
    let id = order["order_id"].as_str().unwrap();
    assert_eq!(
        home.json(&format!("order cancel {id}")).data()["status"],
        "CANCELLED"
    );
    let again = home.json(&format!("order cancel {id}"));
    assert_eq!(
        (again.code, &again.error()["code"]),
        (4, &json!("not_cancellable"))
    );
}

#[test]
fn stop_orders_wait_for_their_trigger() {
    let home = Home::with_data();
    let stop = "--quantity 1 --price-type SL-M --trigger-price 90000";
    assert_eq!(
        home.json(&format!("{BUY} {stop}")).data()["status"],
        "TRIGGER PENDING"
    );
    let both = "--quantity 1 --price-type SL --trigger-price 80000 --price 80001";
    let order = home.json(&format!("{BUY} {both}")).data();
    assert_eq!(order["status"], "TRIGGER PENDING");
    assert_eq!(order["trigger_price"], json!(80_000.0));
}

#[test]
fn the_same_client_order_id_is_the_same_order() {
    let home = Home::with_data();
    let line = format!("{BUY} --quantity 1 --client-order-id morning-1");
    let first = home.json(&line).data();
    let second = home.json(&line).data();
    assert_eq!(first["order_id"], second["order_id"]);
    assert_eq!(
        (&first["idempotent_replay"], &second["idempotent_replay"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(home.json("order list").data().as_array().unwrap().len(), 1);
    let other = home.json(&format!("{BUY} --quantity 2 --client-order-id morning-1"));
    assert_eq!(
        (other.code, &other.error()["code"]),
        (4, &json!("conflict"))
    );
    assert_eq!(home.json("order list").data().as_array().unwrap().len(), 1);
}

#[test]
fn an_order_that_the_exchange_rejects_is_stored_and_exits_with_five() {
    let home = Home::with_data();
    let sale =
        "order place --symbol RELIANCE --exchange NSE --action SELL --quantity 1 --product CNC";
    let run = home.json(sale);
    assert_eq!((run.code, &run.error()["code"]), (5, &json!("rejected")));
    assert_eq!(run.error()["order"]["status"], "REJECTED");
    assert_eq!(home.json("order list").data()[0]["status"], "REJECTED");
}

#[test]
fn options_and_futures_trade_in_lots() {
    let home = Home::with_data();
    let found = home
        .json("symbols search NIFTY 26000 CE --exchange NFO --limit 1")
        .data();
    let symbol = found[0]["symbol"].as_str().unwrap();
    assert_eq!(found[0]["lot_size"], 65);
    let line = format!("order place --symbol {symbol} --exchange NFO --action BUY --product NRML");
    assert_eq!(
        home.json(&format!("{line} --quantity 130")).data()["status"],
        "COMPLETE"
    );
    let odd = home.json(&format!("{line} --quantity 100"));
    assert_eq!((odd.code, &odd.error()["code"]), (4, &json!("lot_size")));
}

#[test]
fn quotes_and_symbols_are_found() {
    let home = Home::with_data();
    let quote = home.json("quote RELIANCE").data();
    assert!(quote["bid"].as_f64().unwrap() < quote["ask"].as_f64().unwrap());
    assert!(quote["low"].as_f64() <= quote["ltp"].as_f64());
    let index = home.json("quote NIFTY --exchange NSE_INDEX").data();
    assert!(index["bid"].is_null());
    let share = home.json("symbols show M&M").data();
    assert_eq!(share["name"], "Mahindra & Mahindra");
}

#[test]
fn words_may_be_typed_in_lower_case() {
    let home = Home::with_data();
    let order = "order place --symbol reliance --exchange nse --action buy --quantity 1 \
                 --product mis --price-type limit --price 1.05";
    assert_eq!(home.json(order).data()["symbol"], "RELIANCE");
    assert_eq!(
        home.json("quote tcs --exchange nse").data()["symbol"],
        "TCS"
    );
}

#[test]
fn a_resting_order_is_modified_and_all_are_cancelled() {
    let home = Home::with_data();
    let resting = format!("{BUY} --quantity 1 --price-type LIMIT --price 1.05");
    let order = home.json(&resting).data();
    home.json(&resting).data();
    let id = order["order_id"].as_str().unwrap();
    let modified = home
        .json(&format!("order modify {id} --price 1.10 --quantity 3"))
        .data();
    assert_eq!(
        (&modified["price"], &modified["quantity"]),
        (&json!(1.1), &json!(3))
    );
    assert_eq!(home.json(&format!("order status {id}")).data(), modified);
    let wrong = home.json(&format!("order modify {id} --trigger-price 7"));
    assert_eq!((wrong.code, &wrong.error()["code"]), (4, &json!("price")));
    assert_eq!(home.run(&format!("order modify {id}")).code, 2);
    let cancelled = home.json("order cancel-all").data();
    assert_eq!(cancelled["message"], "Canceled 2 orders.");
    let none = home.json("order cancel-all").data();
    assert_eq!(none["message"], "No open orders to cancel");
    // What waits for a price is no order yet, and that is said.
    home.json(
        "order gtt place --symbol INFY --exchange NSE --action SELL --quantity 5 --below 1.05",
    )
    .data();
    let left = home.run("order cancel-all");
    assert!(left.stderr.contains("1 GTT left"), "{left:?}");
    let mut nameless = home.own();
    nameless.args(["order", "cancel", "", "--json"]);
    let nameless = finish(nameless, "").error();
    assert_eq!(nameless["message"], "Order ID is missing");
}

/// Who asks again sees that nothing was tried again.
#[test]
fn a_rejection_that_was_told_before_says_so() {
    let home = Home::with_data();
    let uncovered = "order place --symbol INFY --exchange NSE --action SELL --product CNC \
                     --quantity 1 --client-order-id once";
    let hint = |line: &str| home.json(line).error()["hint"].to_string();
    assert!(!hint(uncovered).contains("placed before"));
    assert!(hint(uncovered).contains("placed before"));
}

#[test]
fn a_position_is_led_to_and_closed() {
    let home = Home::with_data();
    let smart = "order smart --symbol RELIANCE --exchange NSE --action BUY --product MIS";
    let order = home
        .json(&format!("{smart} --quantity 1 --position -4"))
        .data();
    assert_eq!(
        (&order["action"], &order["quantity"]),
        (&json!("SELL"), &json!(4))
    );
    let matched = home
        .json(&format!("{smart} --quantity 1 --position -4"))
        .data();
    let text = "Positions Already Matched. No Action needed.";
    assert_eq!(matched["message"], text);
    let close = "order close --symbol RELIANCE --exchange NSE --product MIS";
    let exit = home.json(close).data();
    assert_eq!(
        (&exit["action"], &exit["quantity"]),
        (&json!("BUY"), &json!(4))
    );
    let nothing = home.json(close);
    assert_eq!(
        (nothing.code, &nothing.error()["code"]),
        (4, &json!("not_held"))
    );
    home.json(&format!("{BUY} --quantity 2")).data();
    let all = home.json("order close --all").data();
    assert_eq!(all["message"], "Closed 1 position");
    assert_eq!(all["closings"][0]["order"]["client_order_id"], json!(null));
    let none = home.run("order close --all");
    assert_eq!(none.stdout, "No open positions to close\n");
}

#[test]
fn several_orders_tell_what_became_of_each() {
    let home = Home::with_data();
    let mut basket = home.own();
    basket.args(["order", "basket", "--json"]);
    basket.args([
        "--leg",
        "SELL 1 NSE:INFY MIS",
        "--leg",
        "BUY 2 NSE:RELIANSE",
    ]);
    let run = finish(basket, "");
    assert_eq!(run.code, 4);
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let legs = &answer["data"];
    assert_eq!(legs[0]["order"]["status"], "COMPLETE");
    assert_eq!(legs[0]["order"]["client_order_id"], json!(null));
    assert_eq!(legs[1]["message"], "Symbol RELIANSE not found on NSE");
    let split = BUY.replace("place", "split");
    let parts = home
        .json(&format!("{split} --quantity 25 --size 10"))
        .data();
    let quantities: Vec<_> = parts.as_array().unwrap().iter().collect();
    assert_eq!(quantities.len(), 3);
    assert_eq!(quantities[2]["quantity"], 5);
    let many = home.json(&format!("{split} --quantity 500 --size 1"));
    assert_eq!((many.code, &many.error()["code"]), (4, &json!("split")));
}

/// A price that the price type has no use for was meant for another one.
#[test]
fn a_price_without_use_is_refused_and_nothing_is_placed() {
    let home = Home::with_data();
    let order = "--symbol RELIANCE --exchange NSE --action BUY --quantity 1 --product MIS";
    for (command, named) in [
        (format!("order place {order} --price 100"), "--price"),
        (
            format!("order split {order} --size 1 --price 100"),
            "--price",
        ),
        (
            format!("order place {order} --price-type LIMIT --price 100 --trigger-price 99"),
            "--trigger-price",
        ),
    ] {
        let refused = home.run(&command);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(
            refused.stderr.contains(&format!("takes no {named}")),
            "{refused:?}"
        );
    }
    assert_eq!(home.json("order list").data(), serde_json::json!([]));
}

#[test]
fn repeated_legs_tell_that_they_were_placed_before() {
    let home = Home::with_data();
    let split = "order split --symbol RELIANCE --exchange NSE --action BUY --quantity 2 --size 1 \
                 --product MIS --client-order-id twice";
    assert_eq!(home.run(split).code, 0);
    let again = home.run(split);
    assert!(
        again
            .stdout
            .contains("Placed before, and not again: 2 of 2 orders"),
        "{again:?}"
    );
}

/// Only what nobody knows is settled.
#[test]
fn an_order_is_settled_only_while_its_outcome_is_not_known() {
    let home = Home::with_data();
    let order = home.json(&format!("{BUY} --quantity 1")).data();
    let id = order["order_id"].as_str().unwrap();
    for (line, exit, code) in [
        (format!("order settle {id} --never-arrived"), 4, "known"),
        (format!("order settle {id} --is 26112500000001"), 4, "known"),
        (
            "order settle nothing --never-arrived".to_owned(),
            4,
            "not_found",
        ),
    ] {
        let refused = home.json(&line);
        assert_eq!(
            (refused.code, &refused.error()["code"]),
            (exit, &json!(code)),
            "{line}"
        );
    }
    assert_eq!(home.json(&format!("order settle {id}")).code, 2);
}
