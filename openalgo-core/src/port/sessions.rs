//! Login sessions.

use super::StoreError;
use crate::account::Session;
use crate::id::{SessionId, UserId};
use crate::market::Timestamp;
use async_trait::async_trait;
use std::fmt;

/// Keeps login sessions; tokens are sealed.
#[async_trait]
pub trait SessionRepository: fmt::Debug + Send + Sync {
    /// Opens a session; its `id` is given by the store.
    async fn insert(&self, session: &Session) -> Result<SessionId, StoreError>;

    /// A user's sessions that have not ended at `now`.
    async fn active(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Ends a session.
    async fn end(&self, id: SessionId) -> Result<(), StoreError>;

    /// Ends every session of a user.
    async fn end_all(&self, user: UserId) -> Result<(), StoreError>;
}
