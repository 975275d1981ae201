//! The paper account from the command line.

use crate::home::Home;
use serde_json::json;

const BUY: &str = "order place --symbol RELIANCE --exchange NSE --action BUY --product MIS";

#[test]
fn capital_and_reset_keep_the_books_in_order() {
    let home = Home::with_data();
    home.json(&format!("{BUY} --quantity 10")).data();
    let before = home.json("paper funds").data();
    assert_eq!(before["total_capital"], 10_000_000.0);
    let used = before["used_margin"].as_f64().unwrap();
    assert!(used > 0.0);

    let after = home.json("paper capital 500000").data();
    assert_eq!(after["total_capital"], 500_000.0);
    assert_eq!(after["used_margin"], before["used_margin"]);
    assert_eq!(home.json("funds").data(), home.json("paper funds").data());
    assert_eq!(home.json("db check").data()["sound"], true);

    let unsure = home.json("paper reset");
    assert_eq!(unsure.error()["code"], "not_confirmed");
    assert_eq!(home.json("positions").data().as_array().unwrap().len(), 1);

    let fresh = home.json("paper reset --yes").data();
    assert_eq!(
        (
            &fresh["available"],
            &fresh["used_margin"],
            &fresh["reset_count"]
        ),
        (&json!(500_000.0), &json!(0.0), &json!(1))
    );
    assert_eq!(home.json("positions").data(), json!([]));
    assert_eq!(home.json("order list").data().as_array().unwrap().len(), 1);
    let moved = home.json("paper movements").data();
    assert_eq!(
        (&moved[0]["kind"], &moved[0]["units"]),
        (&json!("reset"), &json!(-10))
    );
    assert_eq!(home.json("db check").data()["sound"], true);

    home.json(&format!("{BUY} --quantity 1")).data();
    assert_eq!(home.json("db check").data()["sound"], true);
}

#[test]
fn a_capital_that_no_account_has_is_refused_in_known_words() {
    let home = Home::with_data();
    let refused = home.json("paper capital 123");
    let error = refused.error();
    assert_eq!((refused.code, &error["code"]), (4, &json!("setting_value")));
    let message = error["message"].as_str().unwrap();
    let rule = "Starting capital must be one of: ₹1L, ₹5L, ₹10L, ₹25L, ₹50L, or ₹1Cr";
    assert!(message.ends_with(rule), "{message}");
}

#[test]
fn leverage_is_a_setting_that_holds_at_once() {
    let home = Home::with_data();
    let resting = format!("{BUY} --price-type LIMIT --price 100 --quantity 10");
    home.json(&resting).data();
    assert_eq!(home.json("paper funds").data()["used_margin"], 200.0);
    home.json("settings set equity_mis_leverage 10").data();
    home.json(&resting).data();
    assert_eq!(home.json("paper funds").data()["used_margin"], 300.0);
    let refused = home.json("settings set equity_mis_leverage 51");
    let error = refused.error();
    let message = error["message"].as_str().unwrap();
    assert!(message.ends_with("Leverage cannot exceed 50x"), "{message}");
}

#[test]
fn charges_and_slippage_are_taken_when_they_are_asked_for_and_shown() {
    let home = Home::with_data();
    home.json(&format!("{BUY} --quantity 10")).data();
    assert_eq!(home.json("paper movements").data(), json!([]));
    home.json("settings set paper_charges zerodha").data();
    home.json("settings set paper_slippage_ticks 3").data();
    home.json(&format!("{BUY} --quantity 100")).data();
    let moved = home.json("paper movements").data();
    let moved = moved.as_array().unwrap();
    let kinds: Vec<_> = moved
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    let due = ["stamp_duty", "gst", "sebi_fee", "exchange_fee", "brokerage"];
    assert_eq!(kinds, due, "the newest first");
    let taken: f64 = moved.iter().map(|it| it["cash"].as_f64().unwrap()).sum();
    let funds = home.json("paper funds").data();
    let realized = funds["realized_pnl"].as_f64().unwrap();
    assert!(
        realized < 0.0 && (realized - taken).abs() < 0.001,
        "{funds}"
    );
    assert_eq!(home.json("db check").data()["sound"], true);
    let refused = home.json("settings set paper_charges nobody");
    assert_eq!(refused.error()["code"], "setting_value");
}

#[test]
fn what_waits_for_a_price_reserves_its_money_and_gives_it_back() {
    let home = Home::with_data();
    let buy = "order gtt place --symbol INFY --exchange NSE --action BUY --quantity 5 --below 100";
    let gtt = home.json(buy).data();
    assert_eq!(gtt["margin"], 500.0);
    assert_eq!(home.json("paper funds").data()["used_margin"], 500.0);
    assert_eq!(home.json("db check").data()["sound"], true);
    let id = gtt["trigger_id"].as_str().unwrap();
    home.json(&format!("order gtt cancel {id}")).data();
    assert_eq!(home.json("paper funds").data()["used_margin"], 0.0);
    let dear = home.json(
        "order gtt place --symbol INFY --exchange NSE --action BUY --quantity 900000 --below 100",
    );
    assert_eq!(dear.error()["code"], "insufficient_funds");
}
