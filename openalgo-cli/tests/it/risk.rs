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

/// The switch of each user is its own.
#[test]
fn the_way_to_resume_names_whose_switch_it_is() {
    let home = Home::with_data();
    let add = "user add --username ravi --email ravi@example.in --password-stdin";
    let added = home.run_with_input(add, "Long!Enough1\n");
    assert_eq!(added.code, 0, "{added:?}");
    for (whose, way) in [
        ("", "risk resume\n"),
        (" --user ravi", "risk resume --user ravi\n"),
    ] {
        let halt = home.run(&format!("risk halt --reason maintenance{whose}"));
        assert!(halt.stdout.ends_with(way), "{halt:?}");
        let status = home.run(&format!("risk status{whose}"));
        assert!(status.stdout.ends_with(way), "{status:?}");
    }
    home.json("risk resume").data();
    assert_eq!(home.json("risk status --user ravi").data()["halted"], true);
    home.json("risk resume --user ravi").data();
    assert_eq!(home.json("risk status --user ravi").data()["halted"], false);
}

#[test]
fn a_halt_needs_a_reason() {
    let home = Home::with_data();
    assert_eq!(home.json("risk halt").code, 2);
    assert_eq!(home.json("risk halt --reason=").code, 2);
    // It would be read from right to left.
    assert_eq!(home.json("risk halt --reason=all\u{202e}well").code, 2);
    assert_eq!(home.json("risk status").data()["halted"], false);
}
