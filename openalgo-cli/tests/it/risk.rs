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
fn a_reason_is_a_line_and_need_not_be_given() {
    let home = Home::with_data();
    assert_eq!(home.json("risk kill --reason=").code, 2);
    // It would be read from right to left.
    assert_eq!(home.json("risk kill --reason=all\u{202e}well").code, 2);
    assert_eq!(home.json("risk status").data()["halted"], false);
    let halt = home.json("risk kill").data();
    assert_eq!(
        (&halt["halted"], &halt["reason"]),
        (&json!(true), &json!("stopped by hand"))
    );
}

#[test]
fn limits_are_set_shown_and_met() {
    let home = Home::with_data();
    let shown = home.json("risk show").data();
    assert_eq!(
        shown,
        json!({
            "order_value": null,
            "order_quantity": null,
            "daily_loss": null,
            "daily_orders": null,
            "orders_per_second": 10,
            "symbols": [],
            "today": {"mode": "analyze", "broker": "paper", "orders": 0, "profit": shown["today"]["profit"]},
            "trading": {"halted": false, "reason": null, "since": null},
        })
    );
    let set = home.json("risk set daily_orders 1").data();
    assert_eq!(set["daily_orders"], 1);
    assert_eq!(home.json("risk set daily_loss 2500.50").code, 0);
    home.json(&format!("{BUY} --quantity 1")).data();
    let refused = home.json(&format!("{BUY} --quantity 1"));
    let error = refused.error();
    assert_eq!((refused.code, &error["code"]), (4, &json!("risk_limit")));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("`openalgo risk set daily_orders COUNT` changes the limit"),
        "{message}"
    );
    // What is held may be sold.
    let sell = BUY.replace("BUY", "SELL");
    home.json(&format!("{sell} --quantity 1")).data();
    let text = home.run("risk show").stdout;
    for line in [
        "daily_orders",
        "2,500.50",
        "10 (usual)",
        "Trading is not halted.",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let today = &home.json("risk show").data()["today"];
    assert_eq!(today["orders"], 2);

    assert_eq!(
        home.json("risk set daily_orders off").data()["daily_orders"],
        json!(null)
    );
    home.json(&format!("{BUY} --quantity 1")).data();
    let cleared = home.json("risk clear").data();
    assert_eq!(cleared["daily_loss"], json!(null));
    assert_eq!(home.json("db check").data()["sound"], true);
}

#[test]
fn symbols_are_denied_allowed_and_forgotten() {
    let home = Home::with_data();
    let order = format!("{BUY} --quantity 1");
    home.json("risk symbol deny reliance --exchange nse").data();
    let error = home.json(&order).error();
    let message = error["message"].as_str().unwrap();
    let (_, way) = message.split_once('`').unwrap();
    let (way, _) = way.split_once('`').unwrap();
    // The command that the refusal names is one that works.
    home.json(way.strip_prefix("openalgo ").unwrap()).data();
    home.json(&order).data();
    let allowed = home.json("risk symbol allow INFY").data();
    assert_eq!(
        allowed["symbols"],
        json!([{"symbol": "INFY", "exchange": "NSE", "rule": "allow"}])
    );
    assert_eq!(home.json(&order).error()["code"], "risk_limit");
    let unknown = home
        .json("risk symbol deny NOSUCHTHING --exchange NSE")
        .error();
    assert_eq!(unknown["code"], "unknown_symbol");
}

#[test]
fn a_limit_that_makes_no_sense_is_refused_with_what_would() {
    let home = Home::with_data();
    for (line, code, said) in [
        (
            "risk set daily_orders none",
            4,
            "a whole number of orders above zero, or off",
        ),
        (
            "risk set order_value -5",
            4,
            "an amount of rupees above zero",
        ),
        (
            "risk set orders_per_second 0",
            4,
            "a whole number of orders above zero",
        ),
    ] {
        let refused = home.json(line);
        let error = refused.error();
        assert_eq!(
            (refused.code, &error["code"]),
            (code, &json!("limit_value"))
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(said), "{message}");
    }
    let unknown = home.run("risk set weekly_loss 5");
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("daily_loss"), "{}", unknown.stderr);
}
