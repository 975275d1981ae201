//! Delivered shares.

use super::StoreError;
use crate::id::{BrokerName, UserId};
use crate::portfolio::Holding;
use async_trait::async_trait;
use std::fmt;

/// Keeps holdings, one per user, broker and symbol.
#[async_trait]
pub trait HoldingRepository: fmt::Debug + Send + Sync {
    /// Keeps a holding in place of the one with the same key.
    async fn upsert(&self, holding: &Holding) -> Result<(), StoreError>;

    /// The holdings of a user at a broker, or at all of them.
    async fn list(
        &self,
        user: UserId,
        broker: Option<&BrokerName>,
    ) -> Result<Vec<Holding>, StoreError>;
}
