//! Orders that wait for a price.

use super::StoreError;
use crate::id::{GttId, TriggerId, UserId};
use crate::market::Timestamp;
use crate::order::{Gtt, GttStatus, TriggerSide};
use async_trait::async_trait;
use std::fmt;

/// Which of them to list; the newest come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GttQuery {
    /// Only those of one user.
    pub user: Option<UserId>,
    /// Only those that stand so.
    pub status: Option<GttStatus>,
}

/// Keeps orders that wait for a price, with their legs.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait GttRepository: fmt::Debug + Send + Sync {
    /// Makes one; its `id` is given by the store. The trigger id must be free for the user at
    /// that broker.
    async fn insert(&self, gtt: &Gtt) -> Result<GttId, StoreError>;

    /// The one that a user knows by this id.
    async fn find(&self, user: UserId, id: &TriggerId) -> Result<Option<Gtt>, StoreError>;

    /// Lists them, the newest first.
    async fn list(&self, query: GttQuery) -> Result<Vec<Gtt>, StoreError>;

    /// Those of all users that are active, the newest first, each by itself: one that makes no
    /// sense hides no other.
    async fn active(&self) -> Result<Vec<Result<Gtt, StoreError>>, StoreError>;

    /// Replaces everything that can change of the one with this `id`: quantity, product, legs,
    /// status, message, margin, end and time of change.
    async fn update(&self, gtt: &Gtt) -> Result<(), StoreError>;

    /// Begins to place the order of a leg, so that nobody else does. False, and nothing changed,
    /// unless the whole is active and every leg of it pending.
    async fn claim(&self, id: GttId, side: TriggerSide, at: Timestamp) -> Result<bool, StoreError>;
}
