//! A process that is killed while an order waits for a person, or is let go: afterwards it is there
//! once or not at all, and never without a decision.

use super::broker::{Broker, Way};
use super::point::{self, Point};
use super::{House, kill_in, open_to_die};
use crate::victim::victim_folder;
use crate::world::market;
use chrono::Duration;
use openalgo::core::account::{NewApiKey, PasswordHash};
use openalgo::core::id::PendingOrderId;
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{NewOrder, OrderMode, OrderStatus, Side};
use openalgo::core::strategy::ApprovalStatus;
use openalgo::engine::service::{ApproveError, Approved, PendingView, Queued, Requested, Stage};
use std::path::Path;
use tempfile::TempDir;

const TEST: &str =
    "order_kills::approval::what_a_person_lets_go_is_placed_once_wherever_a_process_dies";

impl House {
    /// From now on a person decides on what the user's key asks for.
    async fn decide_by_hand(&self) {
        let keys = self.store.api_keys();
        let key = NewApiKey {
            user: self.user,
            key_hash: PasswordHash::new("$argon2id$fake"),
            key: "key".to_owned().into(),
        };
        keys.replace(&key).await.unwrap();
        let set = keys.set_order_mode(self.user, OrderMode::SemiAuto);
        set.await.unwrap();
    }

    async fn ask(&self) -> Requested<openalgo::engine::service::Placed> {
        let order = NewOrder {
            client_order_id: Some("kill".parse().unwrap()),
            ..market(Side::Buy, 1)
        };
        let keyed = self.engine.keyed_orders();
        keyed.place(self.user, order).await.unwrap()
    }

    async fn approve(&self, id: PendingOrderId) -> Result<Approved, ApproveError> {
        let by = Author {
            user: Some(self.user),
            surface: Surface::Embedded,
        };
        self.engine.approvals().approve(self.user, id, by).await
    }

    async fn pending(&self) -> Vec<PendingView> {
        self.engine.approvals().list(self.user, None).await.unwrap()
    }
}

async fn be_killed(folder: &Path) {
    let house = open_to_die(folder).await;
    house.decide_by_hand().await;
    let Requested::Waits(queued) = house.ask().await else {
        panic!("it does not wait");
    };
    let Queued { pending, .. } = *queued;
    let approved = house.approve(pending.id).await;
    point::reached(Point::Answered);
    panic!("survived: {approved:?}");
}

#[tokio::test]
async fn what_a_person_lets_go_is_placed_once_wherever_a_process_dies() {
    if let Some(folder) = victim_folder() {
        be_killed(&folder).await;
    }
    for point in Point::OF_AN_APPROVAL {
        let (folder, broker) = (TempDir::new().unwrap(), Broker::start());
        kill_in(TEST, point, (folder.path(), &broker));
        check(point, folder.path(), &broker).await;
    }
}

async fn check(point: Point, folder: &Path, broker: &Broker) {
    let house = House::open(folder, Way(broker.address)).await;
    for wait in [40, 10] {
        house.clock.advance(Duration::seconds(wait));
        house.engine.reconcile().await.unwrap();
    }
    let (pending, book) = (house.pending().await, broker.book());
    let what = format!("{point:?}: {pending:?}, {book:?}");
    let stage = pending.first().map(|view| {
        let status = view.pending.approval.status();
        (status, &view.stage)
    });
    let is_left = match (point, stage) {
        (Point::BeforeQueued, None)
        | (Point::Queued | Point::BeforeDecision, Some((ApprovalStatus::Pending, _)))
        | (
            Point::Decided | Point::BeforeIntent,
            Some((ApprovalStatus::Approved, Stage::NotPlaced)),
        ) => true,
        (_, Some((ApprovalStatus::Approved, Stage::Placed(order)))) => {
            // Where it never left, the journal says so.
            match book.as_slice() {
                [line] => assert_eq!(order.public_id(), line.id, "{what}"),
                _ => assert_eq!(order.status(), OrderStatus::Rejected, "{what}"),
            }
            false
        }
        _ => panic!("{what}"),
    };
    assert!(book.is_empty() || !is_left, "{what}");
    assert_eq!(house.orders().await.len(), usize::from(!is_left), "{what}");
    decide_again(&house, is_left, &what).await;
    let sent = if is_left { 1 } else { book.len() };
    assert_eq!(broker.book().len(), sent, "{what}");
    assert!(house.store.check().await.unwrap().is_sound(), "{what}");
    house.close().await;
}

/// The key asks once more, and the person lets go whatever there is.
async fn decide_again(house: &House, is_left: bool, what: &str) {
    house.decide_by_hand().await;
    match house.ask().await {
        Requested::Waits(queued) => {
            assert!(is_left, "{what}");
            house.approve(queued.pending.id).await.unwrap();
        }
        Requested::Done(placed) => assert!(placed.replayed && !is_left, "{what}"),
    }
    for view in house.pending().await {
        let again = house.approve(view.pending.id).await;
        assert!(matches!(again, Err(ApproveError::Approval(_))), "{what}");
    }
}
