//! Orders that wait for approval.

use super::StoreError;
use crate::id::{PendingOrderId, UserId};
use crate::market::Timestamp;
use crate::strategy::{ApprovalStatus, PendingOrder};
use async_trait::async_trait;
use std::fmt;

/// Keeps orders that wait for a person.
#[async_trait]
pub trait PendingOrderRepository: fmt::Debug + Send + Sync {
    /// Queues an order; its `id` is given by the store.
    async fn insert(&self, order: &PendingOrder) -> Result<PendingOrderId, StoreError>;

    /// A user's orders, the newest first; only those in one status if asked.
    async fn list(
        &self,
        user: UserId,
        status: Option<ApprovalStatus>,
    ) -> Result<Vec<PendingOrder>, StoreError>;

    /// Decides an order that is still pending; false when somebody decided it before.
    async fn decide(
        &self,
        id: PendingOrderId,
        status: ApprovalStatus,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Removes an order that is no longer pending.
    async fn delete(&self, id: PendingOrderId) -> Result<(), StoreError>;
}
