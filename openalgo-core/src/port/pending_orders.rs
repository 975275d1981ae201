//! Orders that wait for approval.

use super::StoreError;
use crate::id::{PendingOrderId, UserId};
use crate::market::Timestamp;
use crate::strategy::{ApprovalStatus, Decision, NewPendingOrder, PendingOrder};
use async_trait::async_trait;
use std::fmt;

/// Keeps orders that wait for a person.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait PendingOrderRepository: fmt::Debug + Send + Sync {
    /// Queues orders that were asked for at once: all of them or none.
    async fn insert(&self, orders: &[NewPendingOrder]) -> Result<Vec<PendingOrder>, StoreError>;

    /// The order with this number.
    async fn get(&self, id: PendingOrderId) -> Result<PendingOrder, StoreError>;

    /// A user's orders, the newest first; only those in one status if asked.
    async fn list(
        &self,
        user: UserId,
        status: Option<ApprovalStatus>,
    ) -> Result<Vec<PendingOrder>, StoreError>;

    /// Decides an order that still waits; false when somebody decided it before, or when it has
    /// lapsed at `at`. Of two who decide at once, one is told true.
    async fn decide(
        &self,
        id: PendingOrderId,
        decision: &Decision,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Marks every order that lapsed at `now` or before; gives how many those were.
    async fn expire(&self, now: Timestamp) -> Result<usize, StoreError>;

    /// Removes an order; false when it still waits.
    async fn delete(&self, id: PendingOrderId) -> Result<bool, StoreError>;
}
