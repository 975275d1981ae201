//! Orders that wait for approval, from the command line.

use crate::home::Home;
use async_trait::async_trait;
use openalgo::core::account::SettingKey;
use openalgo::core::id::{BrokerName, BrokerOrderId};
use openalgo::core::market::{Exchange, InstrumentKey};
use openalgo::core::order::{
    GttLeg, GttLegs, GttProduct, JournaledIntent, NewGtt, NewOrder, Side, TriggerSide,
};
use openalgo::core::port::{
    Acknowledgement, BrokerSession, CancelError, ModifyError, OrderGateway, SubmitError,
};
use openalgo::engine::service::Requested;
use openalgo::{KeySource, OpenAlgo};
use serde_json::json;
use std::sync::Arc;

#[test]
fn nothing_waits_in_a_new_folder() {
    let home = Home::with_data();
    for line in [
        "pending list",
        "pending list --status all",
        "pending approve --all",
    ] {
        assert_eq!(home.json(line).data(), json!([]), "{line}");
    }
    assert_eq!(home.run("pending list").stdout, "No orders.\n");
    assert_eq!(home.run("pending approve --all").stdout, "Nothing waits.\n");
}

/// The same word for programs, whichever way an order is not there.
#[test]
fn what_is_not_there_is_named() {
    let home = Home::with_data();
    for line in ["pending reject 7 --reason no", "pending delete 7"] {
        let refused = home.json(line);
        let error = refused.error();
        assert_eq!((refused.code, &error["code"]), (4, &json!("not_found")));
        assert_eq!(error["message"], "there is no pending order 7");
    }
    let several = home.run("pending approve 7 8");
    assert_eq!(several.code, 4);
    assert!(
        several.stdout.contains("there is no pending order 8"),
        "{several:?}"
    );
    assert!(
        several.stdout.ends_with("Not placed: 2 of 2 orders.\n"),
        "{several:?}"
    );
}

#[test]
fn somebody_has_to_say_which() {
    let home = Home::with_data();
    for line in [
        "pending approve",
        "pending approve 1 --all",
        "pending reject",
        "pending delete x",
    ] {
        assert_eq!(home.run(line).code, 2, "{line}");
    }
    let help = home.run("pending --help").stdout;
    assert!(help.contains("Your own orders"), "{help}");
}

/// An order that the user of this command places is decided by that.
#[test]
fn an_own_order_does_not_wait() {
    let home = Home::with_data();
    home.json("apikey mode semi_auto").data();
    let buy =
        "order place --symbol RELIANCE --exchange NSE --action BUY --product MIS --quantity 1";
    assert_eq!(home.json(buy).data()["status"], "COMPLETE");
    assert_eq!(home.json("pending list --status all").data(), json!([]));
    let set = home.json("settings set approval_expiry 15");
    assert_eq!(set.data()["value"], "15");
    assert_eq!(home.json("settings set approval_expiry 0").code, 4);
}

/// A broker at which nobody is logged in when the order is decided on.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl OrderGateway for Nowhere {
    async fn submit(&self, _: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        panic!("no order comes here")
    }

    async fn modify(&self, _: &BrokerOrderId, _: &NewOrder) -> Result<(), ModifyError> {
        panic!("no order comes here")
    }

    async fn cancel(&self, _: &BrokerOrderId) -> Result<(), CancelError> {
        panic!("no order comes here")
    }
}

/// Lets a program ask for an order with the key of the owner.
#[tokio::main(flavor = "current_thread")]
async fn ask(home: &Home) {
    let app = OpenAlgo::builder()
        .data_dir(home.path("data"))
        .key_source(KeySource::File(home.path("master.key")))
        .open()
        .await
        .unwrap();
    let owner = app.users().owner().await.unwrap().id;
    let broker: BrokerName = "nowhere".parse().unwrap();
    let session = BrokerSession::new(broker.clone(), Arc::new(Nowhere));
    app.brokers().connect(owner, session).await.unwrap();
    app.brokers().choose(owner, Some(&broker)).await.unwrap();
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    let reliance = InstrumentKey::new(Exchange::Nse, "RELIANCE".parse().unwrap());
    let order = NewOrder::market(reliance, Side::Buy, 3.try_into().unwrap());
    let asked = app.keyed_orders().place(owner, order).await.unwrap();
    assert!(matches!(asked, Requested::Waits(_)), "{asked:?}");
    app.close().await;
}

#[test]
fn what_waits_is_shown_and_decided() {
    let home = Home::with_data();
    home.json("apikey mode semi_auto").data();
    ask(&home);
    let waiting = home.json("pending list").data();
    let [order] = waiting.as_array().unwrap().as_slice() else {
        panic!("{waiting}");
    };
    assert_eq!(order["symbol"], "RELIANCE");
    assert_eq!(
        (&order["quantity"], &order["broker"]),
        (&json!(3), &json!("nowhere"))
    );
    assert!(order["last_price"].is_number(), "{order}");
    let refused = home.json("pending approve 1");
    assert_ne!(refused.code, 0);
    assert!(
        refused
            .stdout
            .contains("you are not logged in at the broker 'nowhere'"),
        "{refused:?}"
    );
    assert_eq!(home.json("pending delete 1").error()["code"], "still_waits");
    let rejected = home.json("pending reject 1 --reason enough").data();
    assert_eq!(rejected["status"], "REJECTED");
    assert_eq!(home.json("pending approve 1").code, 4);
    let listed = home.run("pending list --status rejected").stdout;
    assert!(listed.contains("REJECTED: enough"), "{listed}");
    assert_eq!(home.json("pending delete 1").data()["deleted"], true);
    assert_eq!(home.json("pending list --status all").data(), json!([]));
}

/// Lets a program ask for an order that waits for a price, on paper.
#[tokio::main(flavor = "current_thread")]
async fn ask_for_gtt(home: &Home) {
    let app = OpenAlgo::builder()
        .data_dir(home.path("data"))
        .key_source(KeySource::File(home.path("master.key")))
        .open()
        .await
        .unwrap();
    let owner = app.users().owner().await.unwrap().id;
    let below = GttLeg::new(TriggerSide::Below, "1.5".parse().unwrap(), None);
    let gtt = NewGtt {
        instrument: InstrumentKey::new(Exchange::Nse, "RELIANCE".parse().unwrap()),
        side: Side::Buy,
        quantity: 3.try_into().unwrap(),
        product: GttProduct::Cnc,
        legs: GttLegs::try_new(vec![below]).unwrap(),
        strategy: None,
        expires_at: None,
        trigger_id: None,
    };
    let asked = app.keyed_orders().place_gtt(owner, gtt).await.unwrap();
    assert!(matches!(asked, Requested::Waits(_)), "{asked:?}");
    app.close().await;
}

#[test]
fn what_waits_for_a_price_then_is_shown_and_let_go() {
    let home = Home::with_data();
    home.json("apikey mode semi_auto").data();
    ask_for_gtt(&home);
    let waiting = home.json("pending list").data();
    assert_eq!(waiting[0]["waits_for"]["trigger_type"], "SINGLE");
    assert_eq!(waiting[0]["waits_for"]["legs"][0]["trigger_price"], 1.5);
    let listed = home.run("pending list").stdout;
    for words in [" GTT ", "PENDING, then waits for below 1.50"] {
        assert!(listed.contains(words), "{listed}");
    }
    let approved = home.run("pending approve 1");
    assert_eq!(approved.code, 0, "{approved:?}");
    let words = "GTT-pending-1  active, waits for below 1.50";
    assert!(approved.stdout.contains(words), "{approved:?}");
    let kept = home.json("order gtt list").data();
    assert_eq!(kept[0]["trigger_id"], "GTT-pending-1");
    assert_eq!(home.json("pending list").data(), json!([]));
    let decided = home.json("pending list --status approved").data();
    assert_eq!(
        (&decided[0]["placed"], &decided[0]["gtt"]["trigger_id"]),
        (&json!(true), &json!("GTT-pending-1"))
    );
    let again = home.json("pending approve 1");
    assert!(again.stdout.contains("(GTT GTT-pending-1)"), "{again:?}");
}
