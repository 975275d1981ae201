//! How long orders took, from the command line.

use crate::home::Home;
use serde_json::json;

const BUY: &str = "order place --symbol RELIANCE --exchange NSE --action BUY --product MIS";

#[test]
fn latencies_are_told_by_broker_and_kind() {
    let home = Home::with_data();
    let none = home.run("latency");
    assert_eq!(none.stdout, "No order was measured yet.\n", "{none:?}");
    let none = home.run("latency --broker paper");
    assert_eq!(none.stdout, "No order at paper was measured yet.\n");
    for _ in 0..2 {
        home.json(&format!("{BUY} --quantity 1")).data();
    }
    let told = home.json("latency").data();
    assert_eq!(told["lost"], 0);
    let group = &told["groups"][0];
    assert_eq!(
        (&group["broker"], &group["operation"], &group["count"]),
        (&json!("paper"), &json!("place"), &json!(2))
    );
    let times = &group["times"];
    assert_eq!(times["broker"]["max_us"], 0);
    assert!(times["own"]["p50_us"].as_u64().unwrap() > 0, "{times}");
    let whole = times["all"]["p50_us"].as_u64().unwrap();
    assert!(times["own"]["p50_us"].as_u64().unwrap() <= whole, "{times}");
    let shown = home.run("latency --broker paper").stdout;
    let line = |part: &str| shown.lines().find(|line| line.contains(part)).unwrap();
    assert!(line(" own ").contains(" ms"), "{shown}");
    assert!(line(" all ").contains('█'), "{shown}");
    let mistyped = home.json("latency --broker papper");
    let error = mistyped.error();
    assert_eq!((mistyped.code, &error["code"]), (4, &json!("not_found")));
    assert!(error["hint"].as_str().unwrap().contains("broker list"));
    assert_eq!(
        home.json("latency --limit 1").data()["groups"][0]["count"],
        1
    );
}
