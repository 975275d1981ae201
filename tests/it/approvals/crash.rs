//! A program that ends between a decision and the order.

use super::{Desk, done, named, order};
use crate::in_memory::Place;
use crate::memory::Memory;
use crate::risk::by;
use async_trait::async_trait;
use openalgo::core::id::{ClientOrderId, PendingOrderId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::monitor::AuditEntry;
use openalgo::core::order::{RequestKey, Side};
use openalgo::core::port::{PendingOrderRepository, PendingOrdersRead, StoreError};
use openalgo::core::strategy::{ApprovalStatus, Decision, NewPendingOrder, PendingOrder};
use openalgo::engine::EngineConfig;
use openalgo::engine::service::Stage;
use std::sync::Arc;
use std::time::Duration;

/// What does not work in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fails {
    /// After a decision the program is not heard of any more.
    AfterDecision,
    /// Nobody can be told what has lapsed.
    Expiry,
}

/// A store in which something does not work.
#[derive(Debug)]
pub(super) struct Frail(pub(super) Arc<Memory>, pub(super) Fails);

#[async_trait]
impl PendingOrderRepository for Frail {
    async fn insert(&self, orders: &[NewPendingOrder]) -> Result<Vec<PendingOrder>, StoreError> {
        PendingOrderRepository::insert(&*self.0, orders).await
    }

    async fn get(&self, id: PendingOrderId) -> Result<PendingOrder, StoreError> {
        PendingOrderRepository::get(&*self.0, id).await
    }

    async fn list(&self, user: UserId, status: Option<ApprovalStatus>) -> PendingOrdersRead {
        PendingOrderRepository::list(&*self.0, user, status).await
    }

    async fn count(&self, user: UserId, status: ApprovalStatus) -> Result<u64, StoreError> {
        PendingOrderRepository::count(&*self.0, user, status).await
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<PendingOrder>, StoreError> {
        PendingOrderRepository::find_by_client_id(&*self.0, user, id, since).await
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<PendingOrder>, StoreError> {
        PendingOrderRepository::find_by_request(&*self.0, key, since).await
    }

    async fn decide(
        &self,
        id: PendingOrderId,
        decision: &Decision,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let decided = self.0.decide(id, decision, entry).await?;
        if self.1 == Fails::AfterDecision {
            std::future::pending::<()>().await;
        }
        Ok(decided)
    }

    async fn next_expiry(&self) -> Result<Option<Timestamp>, StoreError> {
        if self.1 == Fails::Expiry {
            return Err(StoreError::Failed {
                operation: "read when pending orders expire",
                source: "the disk fails".into(),
            });
        }
        self.0.next_expiry().await
    }

    async fn expire(&self, now: Timestamp) -> PendingOrdersRead {
        self.0.expire(now).await
    }

    async fn delete(&self, id: PendingOrderId, entry: &AuditEntry) -> Result<bool, StoreError> {
        PendingOrderRepository::delete(&*self.0, id, entry).await
    }
}

/// Approves an order in a program that ends when it has decided, and starts the next one.
pub(super) async fn cut_off(desk: Desk, id: PendingOrderId) -> Desk {
    desk.engine.stop().await;
    let mut ports = desk.place.ports();
    let store = Arc::clone(&desk.place.store);
    ports.pending_orders = Arc::new(Frail(store, Fails::AfterDecision));
    let dying = desk.place.start_on(ports, EngineConfig::default()).await;
    let approving = dying
        .approvals()
        .approve(desk.user(), id, by(&desk.place.owner));
    let unheard = tokio::time::timeout(Duration::from_secs(5), approving).await;
    assert!(unheard.is_err());
    dying.stop().await;
    let engine = Place::start(&desk.place).await;
    Desk { engine, ..desk }
}

#[tokio::test(start_paused = true)]
async fn what_was_let_go_and_not_placed_waits_for_a_person_again() {
    let desk = Desk::new().await;
    let asked = named("client-1", order(Side::Buy, 1));
    let id = desk.queue(asked.clone()).await.id;
    let desk = Box::pin(cut_off(desk, id)).await;
    tokio::time::sleep(Duration::from_mins(1)).await;
    let (status, stage) = desk.view(id).await;
    assert_eq!(status, ApprovalStatus::Approved);
    assert!(matches!(stage, Stage::NotPlaced), "{stage:?}");
    let open = async || {
        let open = desk.engine.approvals().open(desk.user()).await.unwrap();
        open.iter().map(|view| view.pending.id).collect::<Vec<_>>()
    };
    assert_eq!(open().await, [id]);
    assert_eq!(desk.broker.count(), 0);
    // Its sender is told how it stands, and places nothing by asking.
    assert_eq!(desk.queue(asked.clone()).await.id, id);

    let approved = desk.approve(id).await.unwrap();
    assert_eq!(open().await, []);
    assert!(!approved.replayed);
    assert_eq!(desk.broker.count(), 1);
    let refusal = desk.refusal(id).await;
    assert!(refusal.contains("was approved already"), "{refusal}");
    assert!(matches!(desk.view(id).await.1, Stage::Placed(_)));
    let keyed = desk.engine.keyed_orders();
    assert!(done(keyed.place(desk.user(), asked).await.unwrap()).replayed);
    let record = desk.record().await;
    let details: Vec<_> = record
        .iter()
        .filter_map(|it| it.detail.as_deref())
        .collect();
    assert_eq!(details, ["BUY 1 NSE:INFY: again", "BUY 1 NSE:INFY"]);
    assert_eq!(desk.broker.count(), 1);
    desk.engine.stop().await;
}

/// Whoever lets everything go means what was let go and not placed, too.
#[tokio::test(start_paused = true)]
async fn all_that_can_be_let_go_is_also_what_was_and_was_not_placed() {
    let desk = Desk::new().await;
    let first = desk.queue(order(Side::Buy, 1)).await.id;
    let placed = desk.queue(order(Side::Buy, 2)).await.id;
    desk.approve(placed).await.unwrap();
    let desk = Box::pin(cut_off(desk, first)).await;
    let last = desk.queue(order(Side::Buy, 3)).await.id;
    let approvals = desk.engine.approvals();
    let all = async || {
        let told = approvals.approve_all(desk.user(), by(&desk.place.owner));
        told.await.unwrap()
    };
    let told = all().await;
    let ids: Vec<_> = told.iter().map(|it| it.id).collect();
    assert_eq!(ids, [first, last]);
    assert!(told.iter().all(|it| it.outcome.is_ok()), "{told:?}");
    assert_eq!(desk.broker.count(), 3);
    assert!(all().await.is_empty());
    assert!(approvals.open(desk.user()).await.unwrap().is_empty());
    desk.engine.stop().await;
}

/// Yesterday's yes is none for the prices of today.
#[tokio::test(start_paused = true)]
async fn what_was_let_go_and_not_placed_lapses_too() {
    let desk = Desk::new().await;
    let pending = desk.queue(order(Side::Buy, 1)).await;
    let desk = Box::pin(cut_off(desk, pending.id)).await;
    tokio::time::sleep(Duration::from_hours(24)).await;
    let brokers = desk.engine.brokers();
    brokers
        .connect(desk.user(), desk.broker.session())
        .await
        .unwrap();
    let refusal = desk.refusal(pending.id).await;
    assert!(
        refusal.contains("was approved and not placed, and has lapsed at"),
        "{refusal}"
    );
    let approvals = desk.engine.approvals();
    let all = approvals.approve_all(desk.user(), by(&desk.place.owner));
    assert!(all.await.unwrap().is_empty(), "nothing of it can be let go");
    let removed = approvals.delete(desk.user(), pending.id, by(&desk.place.owner));
    removed.await.unwrap();
    assert_eq!(desk.broker.count(), 0);
    desk.engine.stop().await;
}
