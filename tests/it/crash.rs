//! A process that is killed with `kill -9` in the middle of its work.

use crate::victim::{Victim, kills, say, victim_folder};
use crate::wire::live;
use crate::world::{MORNING, World, limit, market};
use async_trait::async_trait;
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::User;
use openalgo::core::id::{BrokerOrderId, UserId};
use openalgo::core::order::{JournaledIntent, NewOrder, OrderState, OrderStatus, Side};
use openalgo::core::port::{
    Acknowledgement, CancelError, ModifyError, OrderGateway, RandomSource, SubmitError,
};
use openalgo_core::testing::FakeRandom;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Starts the victim's role of a test, and kills that process after it has said `lines` things.
fn kill_after(lines: usize, test: &str, folder: &Path) -> Vec<String> {
    let mut victim = Victim::start(test, folder);
    let said: Vec<String> = victim.words().take(lines).collect();
    victim.kill();
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

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        let reason = "this broker modifies nothing".into();
        Err(ModifyError::Refused { reason })
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

/// How often the load is killed in the ordinary tests.
const KILLS: u64 = 50;
/// Callers that place orders at the same time.
const CALLERS: usize = 4;

/// Lets so many callers place orders from now on, and says the id of each when it is acknowledged.
pub(crate) async fn keep_placing(
    app: &Arc<OpenAlgo>,
    user: UserId,
    callers: usize,
) -> Vec<JoinHandle<()>> {
    let before = app.orders().list(user, u32::MAX).await.unwrap().len();
    let callers = (0..callers).map(|caller| {
        let app = Arc::clone(app);
        tokio::spawn(async move {
            for number in 0.. {
                let id = format!("load-{before}-{caller}-{number}");
                let order = NewOrder {
                    client_order_id: Some(id.parse().unwrap()),
                    ..market(
                        if number % 2 == 0 {
                            Side::Buy
                        } else {
                            Side::Sell
                        },
                        1,
                    )
                };
                app.orders().place(user, order).await.unwrap();
                say(&id);
            }
        })
    });
    callers.collect()
}

/// Kills that hit the same folder: what is stored grows with each, and is examined after each.
const KILLS_OF_A_FOLDER: u64 = 50;

/// Kills the load at one moment after another, again and again on the same folder: every order
/// that was acknowledged is there once, whenever it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_at_random_moments_of_a_load() {
    if let Some(folder) = victim_folder() {
        let (app, owner) = World::at(&folder).open_with_owner().await;
        for caller in keep_placing(&Arc::new(app), owner.id, CALLERS).await {
            caller.await.unwrap();
        }
    }
    let kills = kills(KILLS);
    let random = FakeRandom::default();
    let (mut acknowledged, mut unanswered, mut done) = (0, 0, 0);
    while done < kills {
        let now = KILLS_OF_A_FOLDER.min(kills - done);
        let (known, stored) = kill_again_and_again(now, &random).await;
        acknowledged += known;
        unanswered += stored - known;
        done += now;
    }
    println!(
        "load: {kills} kills: {acknowledged} acknowledged orders, none lost; \
         {unanswered} stored whose answer was cut off"
    );
}

/// Kills the load so often, and gives how many orders were acknowledged and how many are stored.
async fn kill_again_and_again(kills: u64, random: &FakeRandom) -> (usize, usize) {
    let world = World::new();
    world.open_with_owner().await.0.close().await;
    let (mut acknowledged, mut stored) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..kills {
        let mut moment = [0];
        random.fill(&mut moment).unwrap();
        let test = "crash::nothing_acknowledged_is_lost_at_random_moments_of_a_load";
        let mut victim = Victim::start(test, world.root());
        let lines = usize::from(moment[0] % 48);
        acknowledged.extend(victim.words().take(lines).collect::<Vec<_>>());
        acknowledged.extend(victim.kill());
        let (app, owner) = world.open_with_owner().await;
        assert!(app.check().await.unwrap().is_sound());
        let orders = app.orders().list(owner.id, u32::MAX).await.unwrap();
        let ids = orders
            .iter()
            .map(|order| order.intent.order.client_order_id.clone());
        stored = ids.flatten().map(|id| id.to_string()).collect();
        assert_eq!(stored.len(), orders.len(), "none is there twice");
        let lost: Vec<_> = acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "{lost:?}");
        app.close().await;
    }
    (acknowledged.len(), stored.len())
}
