//! Chains, Greeks, payoffs and orders for options, from the command line.

use crate::home::{Home, Run, finish};
use crate::world::{MORNING, RECORDED, home, there, told};
use serde_json::{Value, json};

/// The same as `there` with legs, each of which is an argument of several words.
fn with_legs(home: &Home, line: &str, legs: &[&str]) -> Run {
    let mut command = home.own();
    command.args(line.split_whitespace());
    for leg in legs {
        command.args(["--leg", leg]);
    }
    command.args(["--market-data", RECORDED]);
    command.args(MORNING.split_whitespace());
    finish(command, "")
}

fn told_of(home: &Home, line: &str, legs: &[&str]) -> Value {
    with_legs(home, &format!("{line} --json"), legs).data()
}

#[test]
fn a_chain_has_its_strikes_around_the_money() {
    let home = home();
    let chain = told(&home, "chain nifty --strikes 2");
    assert_eq!(chain["expiry"], "2026-12-01", "the next one: {chain}");
    assert_eq!(chain["forward"], 26_139.15);
    assert_eq!(chain["straddle"], 328.95);
    let rows = chain["rows"].as_array().unwrap();
    let labels: Vec<_> = rows.iter().map(|row| &row["call"]["label"]).collect();
    assert_eq!(labels, ["ITM2", "ITM1", "ATM", "OTM1", "OTM2"]);
    assert_eq!(rows[2]["call"]["implied_volatility"], 12.05);
    assert_eq!(rows[2]["call"]["greeks"]["delta"], 0.5411);
    let table = there(&home, "chain NIFTY --strikes 2").stdout;
    assert!(table.contains("▸ 26100.00"), "{table}");
    assert!(table.contains("5 strikes shown, of 46"), "{table}");
    let all = there(&home, "chain NIFTY --all --smile").stdout;
    assert!(
        all.contains("Volatility by strike:") && all.contains("27250.00"),
        "{all}"
    );
    let other = told(&home, "chain NIFTY --expiry 29DEC26 --strikes 1");
    assert_eq!(other["expiry"], "2026-12-29");
}

#[test]
fn what_has_no_options_is_said() {
    let home = home();
    let none = there(&home, "chain NOSUCH --json");
    assert_eq!(
        (none.code, &none.error()["code"]),
        (4, &json!("no_options"))
    );
    let future = told(&home, "chain NIFTY29DEC26FUT --strikes 1");
    assert_eq!(future["expiry"], "2026-12-29");
    let day = there(&home, "chain NIFTY --expiry 02DEC26 --json");
    assert_eq!(day.code, 4);
    let message = day.error()["message"].clone();
    assert!(
        message
            .as_str()
            .unwrap()
            .starts_with("No strikes found for NIFTY expiring 02DEC26")
    );
    let words = there(&home, "chain NIFTY --expiry soon");
    assert_eq!(words.code, 2);
    assert!(
        words.stderr.contains("'soon' is no day such as 01DEC26"),
        "{words:?}"
    );
}

#[test]
fn greeks_are_told_of_one_option() {
    let home = home();
    let greeks = told(&home, "greeks NIFTY01DEC2626100CE");
    assert_eq!(greeks["implied_volatility"], 12.05);
    assert_eq!(greeks["greeks"]["gamma"], 0.000_966);
    assert_eq!(greeks["time_value"], json!(null));
    let text = there(&home, "greeks NIFTY01DEC2626100CE").stdout;
    assert!(text.contains("Volatility  12.05 %"), "{text}");
    // Exercising would bring more than it costs.
    let cheap = told(&home, "greeks NIFTY01DEC2626100CE --forward 26500");
    assert_eq!(cheap["implied_volatility"], json!(null));
    assert_eq!(cheap["intrinsic_value"], 400.0);
    let future = there(&home, "greeks NIFTY29DEC26FUT --json");
    assert_eq!(
        (future.code, &future.error()["code"]),
        (4, &json!("not_an_option"))
    );
}

#[test]
fn a_payoff_is_drawn_with_its_bounds() {
    let home = home();
    let (line, condor) = (
        "payoff --underlying NIFTY",
        [
            "SELL 75 OTM2 CE",
            "BUY 75 OTM6 CE",
            "SELL 75 OTM2 PE",
            "BUY 75 OTM6 PE",
        ],
    );
    let set = told_of(&home, line, &condor);
    assert_eq!(set["payoff"]["break_evens"], json!([25_878.45, 26_321.55]));
    assert_eq!(set["payoff"]["max_profit"], 9_116.25);
    assert_eq!(set["payoff"]["max_loss"], -5_883.75);
    assert!(set["margin_estimate"]["hedge_benefit"].as_f64().unwrap() > 100_000.0);
    let drawn = with_legs(&home, line, &condor).stdout;
    assert!(
        drawn.contains('█') && drawn.contains("Breaks even at 25878.45 and 26321.55"),
        "{drawn}"
    );
    assert!(drawn.contains("Margin, estimated: "), "{drawn}");
    let naked = told_of(&home, "payoff", &["SELL 75 NIFTY01DEC2626100CE 184"]);
    assert_eq!(naked["payoff"]["max_loss"], json!(null));
    let calendar = ["SELL 75 NIFTY01DEC2626100CE", "BUY 75 NIFTY29DEC2626100CE"];
    assert_eq!(told_of(&home, "payoff", &calendar)["payoff"], json!(null));
    let mixed = [
        "SELL 75 NIFTY01DEC2626100CE",
        "SELL 35 BANKNIFTY29DEC2659000CE",
    ];
    assert_eq!(with_legs(&home, "payoff", &mixed).code, 4);
    let unnamed = with_legs(&home, "payoff --json", &["SELL 75 ATM CE"]);
    assert_eq!(unnamed.error()["code"], "underlying");
}

#[test]
fn options_are_ordered_by_their_distance_from_the_money() {
    let home = home();
    let one = "order options --underlying NIFTY --type ce --action SELL --quantity 75 --product NRML \
               --client-order-id one";
    let sold = told(&home, one);
    assert_eq!(sold[0]["symbol"], "NIFTY01DEC2626100CE", "{sold}");
    assert_eq!(sold[0]["order"]["status"], "COMPLETE");
    let again = told(&home, one);
    assert_eq!(again[0]["idempotent_replay"], true);
    assert_eq!(again[0]["order"]["order_id"], sold[0]["order"]["order_id"]);
    let split = told(
        &home,
        "order options --underlying NIFTY --type PE --action BUY --quantity 150 --split 75",
    );
    assert_eq!(split.as_array().unwrap().len(), 2);
    let line = "order options-multi --underlying NIFTY --json";
    let several = with_legs(&home, line, &["SELL 75 ATM CE", "BUY 75 OTM50 CE"]);
    assert_eq!(several.code, 4, "{several:?}");
    let answer: Value = serde_json::from_str(&several.stdout).unwrap();
    let legs = &answer["data"];
    assert_eq!(legs[0]["order"]["status"], "COMPLETE");
    assert_eq!(legs[1]["symbol"], json!(null));
    assert!(
        legs[1]["message"]
            .as_str()
            .unwrap()
            .starts_with("Offset OTM50")
    );
    let unmeant =
        "order options --underlying NIFTY --type CE --action SELL --quantity 75 --price 120";
    let unmeant = there(&home, unmeant);
    assert_eq!(unmeant.code, 2);
    assert!(
        unmeant.stderr.contains("a MARKET order takes no --price"),
        "{unmeant:?}"
    );
    let parts = "order options --underlying NIFTY --type CE --action BUY --quantity 200 --split 75";
    let parts = there(&home, parts);
    assert_eq!(parts.code, 4);
    assert!(
        parts.stdout.contains("multiples of lot size 75"),
        "{parts:?}"
    );
    let orders = told(&home, "order list");
    let orders = orders.as_array().unwrap().iter();
    let units: i64 = orders
        .map(|order| order["quantity"].as_i64().unwrap())
        .sum();
    assert_eq!(units, 75 + 150 + 75, "no part of it was placed");
}

/// On its last day, what has ended is not the next one any more.
#[test]
fn the_next_expiry_is_one_that_lives() {
    let home = home();
    let at = |time: &str| {
        let line = "chain NIFTY --strikes 1 --json --market-data";
        let chain = home.run(&format!(
            "{line} {RECORDED} --clock 2026-12-01T{time}:00+05:30"
        ));
        chain.data()["expiry"].clone()
    };
    assert_eq!(at("15:20"), "2026-12-01");
    assert_ne!(at("15:31"), "2026-12-01");
}
