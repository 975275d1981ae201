//! A process that is killed between two parts of a split order: afterwards the broker has exactly
//! the parts that the journal says, and the same order again places what is missing.

use super::broker::{Broker, Way};
use super::point::Point;
use super::{House, kill_after, open_to_die};
use crate::victim::victim_folder;
use crate::world::market;
use chrono::Duration;
use openalgo::core::order::{NewOrder, Order, OrderStatus, Side};
use openalgo::core::value::Quantity;
use openalgo::engine::service::{Leg, SplitSize};
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;

const TEST: &str = "order_kills::split::the_broker_has_the_parts_that_the_journal_says";

/// More than are under way at a time: some have not begun then.
const PARTS: usize = 15;

/// How many parts have passed a point when the process dies there.
const PASSED: usize = 2;

impl House {
    async fn all(&self) -> Vec<Order> {
        let orders = self.engine.orders().list(self.user, 99).await;
        orders.unwrap()
    }

    async fn split(&self) -> Vec<Leg> {
        let order = NewOrder {
            client_order_id: Some("kill".parse().unwrap()),
            ..market(Side::Buy, i64::try_from(PARTS).unwrap())
        };
        let size = SplitSize::Units(Quantity::ONE);
        let split = self.engine.orders().split(self.user, order, size).await;
        split.unwrap()
    }
}

async fn be_killed(folder: &Path) {
    let house = open_to_die(folder).await;
    let legs = house.split().await;
    panic!("survived: {legs:?}");
}

#[tokio::test]
async fn the_broker_has_the_parts_that_the_journal_says() {
    if let Some(folder) = victim_folder() {
        be_killed(&folder).await;
    }
    for point in Point::OF_A_PART {
        let (folder, broker) = (TempDir::new().unwrap(), Broker::start());
        kill_after(TEST, (point, PASSED), (folder.path(), &broker));
        check(point, folder.path(), &broker).await;
    }
}

/// The tags of the orders that stand at the broker, as the journal says.
fn standing(orders: &[Order], what: &str) -> BTreeSet<String> {
    let at_broker = orders.iter().filter(|order| match order.status() {
        OrderStatus::Open => true,
        OrderStatus::Rejected => false,
        other => panic!("{what}: {other}"),
    });
    let tags = at_broker.map(|order| order.intent.id.tag().to_string());
    tags.collect()
}

fn tags(broker: &Broker) -> Vec<String> {
    broker.book().into_iter().map(|line| line.tag).collect()
}

async fn check(point: Point, folder: &Path, broker: &Broker) {
    let house = House::open(folder, Way(broker.address)).await;
    for wait in [40, 10] {
        house.clock.advance(Duration::seconds(wait));
        house.engine.reconcile().await.unwrap();
    }
    let (orders, book) = (house.all().await, tags(broker));
    let what = format!("{point:?}: {orders:?}, {book:?}");
    let (stored, sent) = least(point);
    assert!(orders.len() >= stored && book.len() >= sent, "{what}");
    assert!(book.len() < PARTS, "{what}");
    let known = standing(&orders, &what);
    assert_eq!(known.len(), book.len(), "{what}");
    assert_eq!(known, book.into_iter().collect(), "{what}");

    // The same order again is what there is, and what is missing.
    let legs = house.split().await;
    let placed: Vec<_> = legs
        .iter()
        .map(|leg| leg.outcome.as_ref().unwrap())
        .collect();
    let replayed = placed.iter().filter(|placed| placed.replayed).count();
    assert_eq!((placed.len(), replayed), (PARTS, orders.len()), "{what}");
    let (orders, book) = (house.all().await, tags(broker));
    assert_eq!(orders.len(), PARTS, "{what}");
    let known = standing(&orders, &what);
    assert_eq!(known.len(), book.len(), "{what}");
    assert_eq!(known, book.into_iter().collect(), "{what}");
    assert!(
        house.engine.unresolved().await.unwrap().is_empty(),
        "{what}"
    );
    assert!(house.store.check().await.unwrap().is_sound(), "{what}");
    house.close().await;
}

/// How many parts are stored, and how many the broker has, at least.
fn least(point: Point) -> (usize, usize) {
    match point {
        Point::BeforeIntent => (0, 0),
        Point::IntentStored | Point::BeforeSubmit | Point::HalfSubmitted => (PASSED + 1, 0),
        _ => (PASSED + 1, PASSED + 1),
    }
}
