//! Login sessions.

use super::StoreError;
use crate::account::{NewSession, Session};
use crate::id::{SessionId, SessionTokenId, UserId};
use crate::market::Timestamp;
use async_trait::async_trait;
use std::fmt;

/// Keeps login sessions; tokens are sealed.
///
/// A client presents a token of two parts: the id, by which the session is found, and the secret,
/// which the caller compares with the one in the session in constant time.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait SessionRepository: fmt::Debug + Send + Sync {
    /// Opens a session; its token id must be new.
    async fn insert(&self, session: &NewSession) -> Result<Session, StoreError>;

    /// The session with this token id, whether it still holds or not: ask
    /// [`Session::holds_at`].
    async fn find(&self, token_id: &SessionTokenId) -> Result<Option<Session>, StoreError>;

    /// A user's sessions that hold at `now`, the one last opened first.
    async fn active(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Keeps `at` as the time of the last use.
    async fn touch(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Ends a session and forgets its feed token; one that has ended stays so.
    async fn end(&self, id: SessionId) -> Result<(), StoreError>;

    /// Ends every session of a user; gives how many that were.
    async fn end_all(&self, user: UserId) -> Result<usize, StoreError>;

    /// Removes every session that expired at `now` or before; gives how many those were.
    async fn delete_expired(&self, now: Timestamp) -> Result<usize, StoreError>;
}
