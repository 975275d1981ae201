//! Orders that wait for approval.

use super::StoreError;
use crate::id::{ClientOrderId, PendingOrderId, UserId};
use crate::market::Timestamp;
use crate::monitor::AuditEntry;
use crate::order::RequestKey;
use crate::strategy::{ApprovalStatus, Decision, NewPendingOrder, PendingOrder};
use async_trait::async_trait;
use std::fmt;

/// Orders that were read, each by itself.
pub type PendingOrdersRead = Result<Vec<Result<PendingOrder, StoreError>>, StoreError>;

/// Keeps orders that wait for a person.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait PendingOrderRepository: fmt::Debug + Send + Sync {
    /// Queues orders that were asked for at once: all of them or none.
    async fn insert(&self, orders: &[NewPendingOrder]) -> Result<Vec<PendingOrder>, StoreError>;

    /// The order with this number.
    async fn get(&self, id: PendingOrderId) -> Result<PendingOrder, StoreError>;

    /// A user's orders, the newest first; only those in one status if asked. One that is damaged
    /// hides no other.
    async fn list(&self, user: UserId, status: Option<ApprovalStatus>) -> PendingOrdersRead;

    /// How many orders of a user are in a status, whether they can be read or not.
    async fn count(&self, user: UserId, status: ApprovalStatus) -> Result<u64, StoreError>;

    /// The order that a user asked for by itself with this id of their own at or after `since`; of
    /// several, the one queued last. What came from a request for more is not meant.
    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<PendingOrder>, StoreError>;

    /// The orders that came from a request at or after `since`, those queued first first.
    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<PendingOrder>, StoreError>;

    /// Decides an order that still waits, at the instant of the entry, and adds the entry to the
    /// audit log: both or neither. False when somebody decided it before, or when it has lapsed by
    /// then. Of two who decide at once, one is told true.
    async fn decide(
        &self,
        id: PendingOrderId,
        decision: &Decision,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError>;

    /// When the next of all orders that wait lapses; an instant in the past where some have lapsed
    /// and are not marked yet.
    async fn next_expiry(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Marks every order that lapsed at `now` or before; gives those, the oldest first. One that is
    /// damaged is marked, too, and keeps no other from it.
    async fn expire(&self, now: Timestamp) -> PendingOrdersRead;

    /// Removes an order and adds the entry to the audit log: both or neither. False when the order
    /// still waits.
    async fn delete(&self, id: PendingOrderId, entry: &AuditEntry) -> Result<bool, StoreError>;
}
