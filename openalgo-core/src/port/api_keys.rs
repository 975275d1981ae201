//! The main API key of each user.

use super::StoreError;
use crate::account::{ApiKeyRecord, NewApiKey};
use crate::id::UserId;
use crate::order::OrderMode;
use async_trait::async_trait;
use std::fmt;

/// Keeps one API key per user, sealed where it is stored and plain when it is read.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait ApiKeyRepository: fmt::Debug + Send + Sync {
    /// Keeps a key in place of the user's present one, and dates it. The order mode stays; that
    /// of a first key is [`OrderMode::Auto`].
    async fn replace(&self, key: &NewApiKey) -> Result<(), StoreError>;

    /// The key of a user.
    async fn find(&self, user: UserId) -> Result<Option<ApiKeyRecord>, StoreError>;

    /// Every key, in no particular order, for verifying one that a client presents.
    async fn list(&self) -> Result<Vec<ApiKeyRecord>, StoreError>;

    /// Chooses whether orders with a user's key go out at once; there must be a key.
    async fn set_order_mode(&self, user: UserId, mode: OrderMode) -> Result<(), StoreError>;
}
