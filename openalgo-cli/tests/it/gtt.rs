//! Orders that wait for a price, from the command line.

use crate::home::Home;
use crate::owner::Holder;
use serde_json::{Value, json};

const SELL: &str = "order gtt place --symbol INFY --exchange NSE --action SELL --quantity 5";

fn id(gtt: &Value) -> &str {
    gtt["trigger_id"].as_str().unwrap()
}

#[test]
fn one_that_waits_is_shown_changed_and_withdrawn() {
    let home = Home::with_data();
    let placed = home.json(&format!(
        "{SELL} --below 1.05 --below-limit 1 --above 90000 --expires 2099-01-31"
    ));
    let gtt = placed.data();
    assert_eq!(
        (&gtt["trigger_type"], &gtt["status"], &gtt["product"]),
        (&json!("OCO"), &json!("active"), &json!("CNC"))
    );
    assert_eq!(
        (&gtt["mode"], &gtt["broker"], &gtt["held_by"]),
        (&json!("analyze"), &json!("paper"), &json!("local"))
    );
    assert_eq!(gtt["expires_at"], "2099-01-31T23:59:59.000000+05:30");
    assert_eq!(gtt["watched"], false);
    assert!(placed.stderr.contains("openalgo unlock"), "{placed:?}");
    assert_eq!(
        gtt["legs"][0],
        json!({
            "fires": "below", "trigger_price": 1.05, "price_type": "LIMIT", "price": 1.00,
            "status": "pending", "order_id": null,
        })
    );

    let changed = format!("order gtt modify {} --quantity 7 --below 1.1", id(&gtt));
    let changed = home.json(&changed).data();
    let below = &changed["legs"][0];
    assert_eq!(
        (
            &changed["quantity"],
            &below["trigger_price"],
            &below["price"]
        ),
        (&json!(7), &json!(1.10), &json!(1.00))
    );
    assert_eq!(changed["expires_at"], gtt["expires_at"]);
    let market = home.json(&format!("order gtt modify {} --market", id(&gtt)));
    assert_eq!(market.data()["legs"][0]["price_type"], "MARKET");

    // Without a change there is nothing to do.
    assert_eq!(home.run(&format!("order gtt modify {}", id(&gtt))).code, 2);

    let cancelled = home.json(&format!("order gtt cancel {}", id(&gtt))).data();
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(home.json("order gtt list").data(), json!([]));
    let all = home.json("order gtt list --all").data();
    assert_eq!(id(&all[0]), id(&gtt));
    let shown = home.run(&format!("order gtt show {}", id(&gtt)));
    assert!(shown.stdout.contains("below 1.10 (cancelled)"), "{shown:?}");
    let again = home.json(&format!("order gtt cancel {}", id(&gtt)));
    assert_eq!(
        (again.code, &again.error()["code"]),
        (4, &json!("not_found"))
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_a_remedy() {
    let home = Home::with_data();
    for (words, code, expected) in [
        ("", "trigger", "a GTT needs a price to wait for"),
        (
            "--below 100 --above 90",
            "trigger",
            "--below must be a lower price than --above",
        ),
        (
            "--above 100 --below-limit 90",
            "trigger",
            "--below-limit is the limit",
        ),
        (
            "--below 100.01",
            "tick_size",
            "the trigger (--below or --above) 100.01 is not a multiple",
        ),
        (
            "--below 100 --product NRML",
            "product",
            "NRML product not allowed",
        ),
        (
            "--below 100 --expires 2020-01-01",
            "expires_at",
            "--expires names a time that is over",
        ),
    ] {
        let refused = home.json(&format!("{SELL} {words}"));
        let error = refused.error();
        assert_eq!((refused.code, &error["code"]), (4, &json!(code)), "{words}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(expected), "{message}");
        assert!(error["hint"].is_string(), "{error}");
    }
    let intraday = home.json(&format!("{SELL} --below 100 --product MIS"));
    let message = intraday.error()["message"].to_string();
    assert!(message.contains("CNC or NRML"), "{message}");
    let gtt = home.json(&format!("{SELL} --below 1")).data();
    let widened = home.json(&format!("order gtt modify {} --above 90000", id(&gtt)));
    assert_eq!(widened.error()["code"], "fixed");
}

#[test]
fn the_same_trigger_id_is_the_same_gtt() {
    let home = Home::with_data();
    let line = format!("{SELL} --below 1 --trigger-id mine");
    assert_eq!(home.json(&line).data()["idempotent_replay"], false);
    assert_eq!(home.json(&line).data()["idempotent_replay"], true);
    let other = home.json(&format!("{SELL} --below 2 --trigger-id mine"));
    assert_eq!(other.error()["code"], "conflict");
    assert_eq!(
        home.json("order gtt list").data().as_array().unwrap().len(),
        1
    );
}

/// A process that keeps the folder unlocked watches prices.
#[test]
fn a_process_that_stays_places_what_is_met() {
    let home = Home::with_data();
    let holder = Holder::of(&home);
    let buy = SELL.replace("SELL", "BUY");
    let placed = home.json(&format!("{buy} --below 90000"));
    assert_eq!(placed.data()["watched"], true);
    assert!(!placed.stderr.contains("openalgo unlock"), "{placed:?}");
    let show = format!("order gtt show {}", id(&placed.data()));
    let mut looks = 0;
    let over = loop {
        let gtt = home.json(&show).data();
        if gtt["status"] != "active" {
            break gtt;
        }
        looks += 1;
        assert!(looks < 1_000, "nobody watches: {gtt}");
    };
    assert_eq!(over["status"], "triggered");
    let orders = home.json("order list").data();
    assert_eq!(orders.as_array().unwrap().len(), 1);
    assert_eq!(over["legs"][0]["order_id"], orders[0]["order_id"]);
    assert_eq!(orders[0]["product"], "CNC");
    assert_eq!(home.run("lock").code, 0);
    assert_eq!(holder.end(), 0);
}
