//! Logins at brokers.

use super::StoreError;
use crate::account::BrokerConnection;
use crate::id::{BrokerName, UserId};
use async_trait::async_trait;
use std::fmt;

/// Keeps one login per user and broker; credentials and tokens are sealed.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait BrokerConnectionRepository: fmt::Debug + Send + Sync {
    /// Keeps a login in place of the user's present one at that broker.
    async fn upsert(&self, connection: &BrokerConnection) -> Result<(), StoreError>;

    /// A user's login at a broker.
    async fn find(
        &self,
        user: UserId,
        broker: &BrokerName,
    ) -> Result<Option<BrokerConnection>, StoreError>;

    /// A user's logins, by the name of the broker.
    async fn list(&self, user: UserId) -> Result<Vec<BrokerConnection>, StoreError>;

    /// Withdraws a login and forgets its tokens; the credentials stay for the next one.
    async fn revoke(&self, user: UserId, broker: &BrokerName) -> Result<(), StoreError>;

    /// Removes a login with everything that belongs to it.
    async fn delete(&self, user: UserId, broker: &BrokerName) -> Result<(), StoreError>;
}
