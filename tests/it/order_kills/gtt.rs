//! A process that is killed while an order that waited for a price is placed: afterwards it is
//! placed once.

use super::broker::{Broker, Way};
use super::point::Point;
use super::{House, kill_in, open_to_die};
use crate::victim::victim_folder;
use crate::world::reliance;
use chrono::Duration;
use openalgo::core::order::{
    Gtt, GttLeg, GttLegs, GttProduct, GttStatus, LegState, NewGtt, Order, OrderStatus, Side,
    TriggerSide,
};
use openalgo::core::value::Quantity;
use openalgo_core::testing::sample;
use std::path::Path;
use tempfile::TempDir;

const TEST: &str =
    "order_kills::gtt::what_waits_for_a_price_is_placed_once_wherever_a_process_dies";

/// One whose price is met at once.
fn asked() -> NewGtt {
    let leg = GttLeg::new(TriggerSide::Below, sample::price("100000"), None);
    NewGtt {
        instrument: reliance(),
        side: Side::Buy,
        quantity: Quantity::ONE,
        product: GttProduct::Cnc,
        legs: GttLegs::try_new(vec![leg]).unwrap(),
        strategy: None,
        expires_at: None,
        trigger_id: Some("kill".parse().unwrap()),
    }
}

impl House {
    async fn gtt(&self) -> Gtt {
        let id = "kill".parse().unwrap();
        let found = self.engine.gtts().find(self.user, &id).await.unwrap();
        found.unwrap()
    }

    /// Lets time go by, and looks at everything that there is to look at.
    async fn look(&self, first: First) {
        if first == First::Watch {
            self.engine.watch_gtts().await.unwrap();
        }
        for wait in [40, 10] {
            self.clock.advance(Duration::seconds(wait));
            self.engine.reconcile().await.unwrap();
        }
        for wait in [0, 20] {
            self.clock.advance(Duration::seconds(wait));
            self.engine.watch_gtts().await.unwrap();
        }
    }
}

/// Who looks first after a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    Watch,
    Reconciler,
}

async fn be_killed(folder: &Path) {
    let house = open_to_die(folder).await;
    let placed = house.engine.gtts().place(house.user, asked()).await;
    placed.unwrap();
    let watched = house.engine.watch_gtts().await;
    panic!("survived: {watched:?}");
}

#[tokio::test]
async fn what_waits_for_a_price_is_placed_once_wherever_a_process_dies() {
    if let Some(folder) = victim_folder() {
        be_killed(&folder).await;
    }
    for point in Point::OF_A_GTT {
        for first in [First::Watch, First::Reconciler] {
            let (folder, broker) = (TempDir::new().unwrap(), Broker::start());
            kill_in(TEST, point, (folder.path(), &broker));
            check((point, first), folder.path(), &broker).await;
        }
    }
}

async fn check((point, first): (Point, First), folder: &Path, broker: &Broker) {
    let house = House::open(folder, Way(broker.address)).await;
    house.look(first).await;
    let (gtt, orders, book) = (house.gtt().await, house.orders().await, broker.book());
    let what = format!("{point:?}, {first:?} first: {gtt:?}, {orders:?}, {book:?}");
    assert_eq!(gtt.status, GttStatus::Triggered, "{what}");
    let [leg] = gtt.legs.as_slice() else {
        panic!("{what}");
    };
    let is_its = |order: &&Order| {
        leg.state
            == LegState::Triggered {
                order: Some(order.id),
            }
    };
    let its = orders.iter().find(is_its).unwrap();
    let others = orders.iter().filter(|order| order.id != its.id);
    // Where it never left, the journal says so.
    assert!(
        others
            .clone()
            .all(|it| it.status() == OrderStatus::Rejected),
        "{what}"
    );
    match book.as_slice() {
        [line] => {
            assert_eq!(its.public_id(), line.id, "{what}");
            assert_eq!(its.intent.id.tag().as_str(), line.tag, "{what}");
        }
        [] => {
            assert_eq!(its.status(), OrderStatus::Rejected, "{what}");
            // What may have been sent is not sent again by itself.
            let is_cut_off = matches!(point, Point::IntentStored | Point::HalfSubmitted);
            assert!(is_cut_off, "{what}");
        }
        _ => panic!("{what}"),
    }
    let again = house.engine.gtts().place(house.user, asked()).await;
    assert!(again.unwrap().replayed, "{what}");
    house.look(first).await;
    assert_eq!(broker.book().len(), book.len(), "{what}");
    assert!(house.store.check().await.unwrap().is_sound(), "{what}");
    house.close().await;
}
