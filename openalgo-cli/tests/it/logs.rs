//! What was asked for and answered, from the command line.

use crate::home::Home;
use serde_json::json;

const BUY: &str = "order place --symbol RELIANCE --exchange NSE --action BUY --product MIS";

#[test]
fn what_changes_orders_is_recorded_with_its_answer() {
    let home = Home::with_data();
    assert_eq!(home.run("logs").stdout, "Nothing was asked for yet.\n");
    let placed = home.json(&format!("{BUY} --quantity 1")).data();
    home.run("order list");
    home.run("order cancel 77");
    let logs = home.json("logs").data();
    let told = |at: usize| (&logs[at]["endpoint"], &logs[at]["method"]);
    assert_eq!(logs.as_array().unwrap().len(), 2, "{logs}");
    assert_eq!(told(0), (&json!("cancelorder"), &json!("CLI")));
    assert_eq!(told(1), (&json!("placeorder"), &json!("CLI")));
    assert_eq!(logs[1]["request"]["symbol"], "RELIANCE");
    assert_eq!(logs[1]["response"]["status"], "success");
    assert_eq!(logs[1]["response"]["data"], placed);
    assert_eq!(logs[0]["request"]["order_id"], "77");
    let error = &logs[0]["response"]["error"];
    assert_eq!(error["message"], "Order 77 not found", "{error}");
    assert!(logs[0]["latency_ms"].is_u64());

    let failed = home.run("logs --failed").stdout;
    assert!(failed.contains("cancelorder"), "{failed}");
    assert!(failed.contains("Order 77 not found"), "{failed}");
    assert!(!failed.contains("placeorder"), "{failed}");

    // What failed is found behind what was done, and an answer that tells of failures is one.
    home.run(&format!("{BUY} --quantity 2"));
    let failed = home.run("logs --failed --limit 1").stdout;
    assert!(failed.contains("Order 77 not found"), "{failed}");
    home.run("pending approve 99");
    let failed = home.json("logs --failed --limit 1").data();
    assert_eq!(failed[0]["endpoint"], "pending_approve");
    let error = &failed[0]["response"]["error"];
    assert_eq!(error["message"], "there is no pending order 99", "{failed}");
}
