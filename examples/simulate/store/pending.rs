//! Orders that wait for a person, with faults.

use super::{Sabotage, WorldStore};
use async_trait::async_trait;
use openalgo::core::id::{ClientOrderId, PendingOrderId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::monitor::AuditEntry;
use openalgo::core::order::RequestKey;
use openalgo::core::port::{PendingOrderRepository, PendingOrdersRead, StoreError};
use openalgo::core::strategy::{ApprovalStatus, Decision, NewPendingOrder, PendingOrder};

#[async_trait]
impl PendingOrderRepository for WorldStore {
    async fn insert(&self, orders: &[NewPendingOrder]) -> Result<Vec<PendingOrder>, StoreError> {
        self.before_a_change().await?;
        let queued = PendingOrderRepository::insert(&*self.memory, orders).await?;
        self.tools.steps.pass().await;
        Ok(queued)
    }

    async fn get(&self, id: PendingOrderId) -> Result<PendingOrder, StoreError> {
        self.linger().await;
        PendingOrderRepository::get(&*self.memory, id).await
    }

    async fn list(&self, user: UserId, status: Option<ApprovalStatus>) -> PendingOrdersRead {
        self.linger().await;
        PendingOrderRepository::list(&*self.memory, user, status).await
    }

    async fn count(&self, user: UserId, status: ApprovalStatus) -> Result<u64, StoreError> {
        self.linger().await;
        PendingOrderRepository::count(&*self.memory, user, status).await
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<PendingOrder>, StoreError> {
        self.linger().await;
        PendingOrderRepository::find_by_client_id(&*self.memory, user, id, since).await
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<PendingOrder>, StoreError> {
        self.linger().await;
        PendingOrderRepository::find_by_request(&*self.memory, key, since).await
    }

    async fn decide(
        &self,
        id: PendingOrderId,
        decision: &Decision,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        self.before_a_change().await?;
        if self.sabotage == Some(Sabotage::Decision) {
            return Ok(true);
        }
        let decided = self.memory.decide(id, decision, entry).await?;
        self.tools.steps.pass().await;
        Ok(decided)
    }

    async fn next_expiry(&self) -> Result<Option<Timestamp>, StoreError> {
        self.linger().await;
        self.memory.next_expiry().await
    }

    async fn expire(&self, now: Timestamp) -> PendingOrdersRead {
        self.before_a_change().await?;
        let expired = self.memory.expire(now).await?;
        self.tools.steps.pass().await;
        Ok(expired)
    }

    async fn delete(&self, id: PendingOrderId, entry: &AuditEntry) -> Result<bool, StoreError> {
        self.before_a_change().await?;
        let deleted = PendingOrderRepository::delete(&*self.memory, id, entry).await?;
        self.tools.steps.pass().await;
        Ok(deleted)
    }
}
