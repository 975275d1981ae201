//! The kill switch from the command line.

use crate::home::Home;
use serde_json::json;

const BUY: &str = "order place --symbol RELIANCE --exchange NSE --action BUY --product MIS";

#[test]
fn a_halt_refuses_orders_until_it_is_lifted() {
    let home = Home::with_data();
    assert_eq!(home.json("risk status").data()["halted"], false);
    let halt = home.json("risk halt --reason maintenance").data();
    assert_eq!(
        (&halt["halted"], &halt["reason"]),
        (&json!(true), &json!("maintenance"))
    );
    let refused = home.json(&format!("{BUY} --quantity 1"));
    let error = refused.error();
    assert_eq!((refused.code, &error["code"]), (4, &json!("halted")));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("trading is halted since 20"),
        "{message}"
    );
    assert!(
        message.ends_with(": maintenance; `openalgo risk resume` allows it again"),
        "{message}"
    );
    assert_eq!(home.json("order list").data(), json!([]));
    assert_eq!(home.json("risk status").data(), halt);

    assert_eq!(home.json("risk resume").data()["halted"], false);
    let order = home.json(&format!("{BUY} --quantity 1")).data();
    assert_eq!(order["status"], "COMPLETE");
    assert_eq!(home.json("db check").data()["sound"], true);
}

#[test]
fn a_halt_needs_a_reason() {
    let home = Home::with_data();
    assert_eq!(home.json("risk halt").code, 2);
    assert_eq!(home.json("risk halt --reason=").code, 2);
    assert_eq!(home.json("risk status").data()["halted"], false);
}
