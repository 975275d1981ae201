//! The store's orders that wait, with the points around what makes them durable.

use super::point::{self, Point};
use async_trait::async_trait;
use openalgo::core::id::{ClientOrderId, GttId, PendingOrderId, TriggerId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::monitor::AuditEntry;
use openalgo::core::order::{Gtt, RequestKey, TriggerSide};
use openalgo::core::port::{
    GttQuery, GttRepository, PendingOrderRepository, PendingOrdersRead, StoreError,
};
use openalgo::core::strategy::{ApprovalStatus, Decision, NewPendingOrder, PendingOrder};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Gtts(pub(super) Arc<dyn GttRepository>);

#[async_trait]
impl GttRepository for Gtts {
    async fn insert(&self, gtt: &Gtt) -> Result<GttId, StoreError> {
        self.0.insert(gtt).await
    }

    async fn find(&self, user: UserId, id: &TriggerId) -> Result<Option<Gtt>, StoreError> {
        self.0.find(user, id).await
    }

    async fn list(&self, query: GttQuery) -> Result<Vec<Gtt>, StoreError> {
        self.0.list(query).await
    }

    async fn active(&self) -> Result<Vec<Result<Gtt, StoreError>>, StoreError> {
        self.0.active().await
    }

    async fn update(&self, gtt: &Gtt) -> Result<(), StoreError> {
        point::reached(Point::BeforeSettled);
        self.0.update(gtt).await?;
        point::reached(Point::Settled);
        Ok(())
    }

    async fn claim(&self, id: GttId, side: TriggerSide, at: Timestamp) -> Result<bool, StoreError> {
        point::reached(Point::BeforeClaim);
        let claimed = self.0.claim(id, side, at).await?;
        point::reached(Point::Claimed);
        Ok(claimed)
    }
}

#[derive(Debug)]
pub(super) struct Pending(pub(super) Arc<dyn PendingOrderRepository>);

#[async_trait]
impl PendingOrderRepository for Pending {
    async fn insert(&self, orders: &[NewPendingOrder]) -> Result<Vec<PendingOrder>, StoreError> {
        point::reached(Point::BeforeQueued);
        let queued = self.0.insert(orders).await?;
        point::reached(Point::Queued);
        Ok(queued)
    }

    async fn get(&self, id: PendingOrderId) -> Result<PendingOrder, StoreError> {
        self.0.get(id).await
    }

    async fn list(&self, user: UserId, status: Option<ApprovalStatus>) -> PendingOrdersRead {
        self.0.list(user, status).await
    }

    async fn count(&self, user: UserId, status: ApprovalStatus) -> Result<u64, StoreError> {
        self.0.count(user, status).await
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<PendingOrder>, StoreError> {
        self.0.find_by_client_id(user, id, since).await
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<PendingOrder>, StoreError> {
        self.0.find_by_request(key, since).await
    }

    async fn decide(
        &self,
        id: PendingOrderId,
        decision: &Decision,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        point::reached(Point::BeforeDecision);
        let decided = self.0.decide(id, decision, entry).await?;
        point::reached(Point::Decided);
        Ok(decided)
    }

    async fn next_expiry(&self) -> Result<Option<Timestamp>, StoreError> {
        self.0.next_expiry().await
    }

    async fn expire(&self, now: Timestamp) -> PendingOrdersRead {
        self.0.expire(now).await
    }

    async fn delete(&self, id: PendingOrderId, entry: &AuditEntry) -> Result<bool, StoreError> {
        self.0.delete(id, entry).await
    }
}
