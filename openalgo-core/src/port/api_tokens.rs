//! Named API keys.

use super::StoreError;
use crate::account::{ApiToken, NewApiToken};
use crate::id::{ApiTokenId, KeyPrefix, TokenName, UserId};
use crate::market::Timestamp;
use async_trait::async_trait;
use std::fmt;

/// Keeps named API keys beside the main one; the copies for their owner are sealed.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait ApiTokenRepository: fmt::Debug + Send + Sync {
    /// Keeps a key; its name must be free for the user.
    async fn insert(&self, token: &NewApiToken) -> Result<ApiToken, StoreError>;

    /// A user's keys, by name.
    async fn list(&self, user: UserId) -> Result<Vec<ApiToken>, StoreError>;

    /// The keys of all users that begin so: those that a presented key can be.
    async fn candidates(&self, prefix: &KeyPrefix) -> Result<Vec<ApiToken>, StoreError>;

    /// Notes that a key was used. Uses may arrive in any order; the latest stays.
    async fn touch(&self, id: ApiTokenId, at: Timestamp) -> Result<(), StoreError>;

    /// Removes a user's key of this name.
    async fn delete(&self, user: UserId, name: &TokenName) -> Result<(), StoreError>;
}
