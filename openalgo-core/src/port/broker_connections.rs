//! Logins at brokers.

use super::StoreError;
use crate::account::BrokerConnection;
use crate::id::{BrokerName, UserId};
use async_trait::async_trait;
use std::fmt;

/// Keeps one login per user and broker; tokens are sealed.
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

    /// A user's logins.
    async fn list(&self, user: UserId) -> Result<Vec<BrokerConnection>, StoreError>;

    /// Withdraws a login and forgets its tokens.
    async fn revoke(&self, user: UserId, broker: &BrokerName) -> Result<(), StoreError>;
}
