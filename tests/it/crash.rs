//! A process that is killed with `kill -9` in the middle of its work.
//!
//! Each test plays two roles: it starts its own program again, where the environment says that
//! it is the victim, reads what the victim says, and kills it.

use crate::wire::live;
use crate::world::{MORNING, World, limit, market};
use async_trait::async_trait;
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::User;
use openalgo::core::id::BrokerOrderId;
use openalgo::core::order::{JournaledIntent, NewOrder, OrderState, OrderStatus, Side};
use openalgo::core::port::{Acknowledgement, CancelError, OrderGateway, SubmitError};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

const VICTIM: &str = "OPENALGO_TEST_VICTIM";
/// What the victim's lines begin with, among those of the test runner.
const SAYS: &str = "victim: ";

/// The folder in which this process is the victim, if it is one.
fn victim_folder() -> Option<std::path::PathBuf> {
    std::env::var_os(VICTIM).map(Into::into)
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{SAYS}{word}").unwrap();
    out.flush().unwrap();
}

/// Starts the victim's role of a test in a process of its own, and kills that process after it
/// has said `lines` things.
fn kill_after(lines: usize, test: &str, folder: &Path) -> Vec<String> {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(VICTIM, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(victim.stdout.take().unwrap());
    let said = output.lines().map_while(Result::ok);
    let said: Vec<String> = said
        .filter_map(|line| line.strip_prefix(SAYS).map(ToOwned::to_owned))
        .take(lines)
        .collect();
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert_eq!(said.len(), lines, "the victim died by itself");
    said
}

fn named(number: usize) -> NewOrder {
    let client_order_id = Some(format!("order-{number}").parse().unwrap());
    NewOrder {
        client_order_id,
        ..market(Side::Buy, 1)
    }
}

async fn by_client_id(app: &OpenAlgo, owner: &User) -> BTreeMap<String, Vec<OrderStatus>> {
    let mut orders: BTreeMap<String, Vec<OrderStatus>> = BTreeMap::new();
    for order in app.orders().list(owner.id, 1_000).await.unwrap() {
        let id = order
            .intent
            .order
            .client_order_id
            .as_ref()
            .map(ToString::to_string);
        orders
            .entry(id.unwrap_or_default())
            .or_default()
            .push(order.status());
    }
    orders
}

/// Every order that was acknowledged is there and decided; none is there twice, not even when
/// all are sent again.
#[tokio::test]
async fn paper_orders_are_decided_or_absent_after_a_kill() {
    if let Some(folder) = victim_folder() {
        let (app, owner) = World::at(&folder).open_with_owner().await;
        let resting = limit(&app, Side::Buy, 1, -40).await;
        app.orders().place(owner.id, resting).await.unwrap();
        for number in 0.. {
            app.orders().place(owner.id, named(number)).await.unwrap();
            say(&number.to_string());
        }
    }
    for lines in [1, 3, 8, 20] {
        let world = World::new();
        let test = "crash::paper_orders_are_decided_or_absent_after_a_kill";
        kill_after(lines, test, world.root());
        let (app, owner) = world.open_with_owner().await;
        assert!(app.check().await.unwrap().is_sound());
        let orders = by_client_id(&app, &owner).await;
        assert_eq!(orders[""], [OrderStatus::Open], "the resting order rests");
        for number in 0..lines {
            assert_eq!(orders[&format!("order-{number}")], [OrderStatus::Complete]);
        }
        assert!(
            orders
                .values()
                .flatten()
                .all(|status| *status != OrderStatus::Pending)
        );
        for number in 0..=lines {
            app.orders().place(owner.id, named(number)).await.unwrap();
        }
        let orders = by_client_id(&app, &owner).await;
        assert!(orders.values().all(|same| same.len() == 1), "{orders:?}");
        app.close().await;
        // Between the intent of the resting order and its fill lie the kill and a month.
        world.clock.advance(Duration::days(30));
        let app = world.open().await;
        assert_eq!(
            by_client_id(&app, &owner).await[""],
            [OrderStatus::Complete]
        );
        app.close().await;
    }
}

/// A broker that says that it has the order, and never answers.
#[derive(Debug)]
struct MuteBroker;

#[async_trait]
impl OrderGateway for MuteBroker {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        say(&intent.intent().id.to_string());
        std::future::pending().await
    }

    async fn cancel(&self, _order: &BrokerOrderId) -> Result<(), CancelError> {
        Ok(())
    }
}

/// An order that was on the wire when the process died is in the books as such, and is not sent
/// again.
#[tokio::test]
async fn a_live_order_is_known_after_a_kill_before_the_answer() {
    if let Some(folder) = victim_folder() {
        let (app, owner) = live(&World::at(&folder), Arc::new(MuteBroker)).await;
        app.orders().place(owner.id, named(0)).await.unwrap();
    }
    let world = World::new();
    let test = "crash::a_live_order_is_known_after_a_kill_before_the_answer";
    let said = kill_after(1, test, world.root());
    let (app, owner) = live(&world, Arc::new(MuteBroker)).await;
    let order = app.unresolved().await.unwrap().remove(0);
    assert_eq!(order.intent.id.to_string(), said[0]);
    assert_eq!(order.state, OrderState::Sent);
    let again = app.orders().place(owner.id, named(0)).await.unwrap();
    assert!(
        again.replayed,
        "asked again at {MORNING}, it is the same order"
    );
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}
