//! Webhook strategies.

use super::StoreError;
use crate::id::{StrategyId, UserId};
use crate::strategy::{Strategy, StrategySymbol};
use async_trait::async_trait;
use std::fmt;

/// Keeps strategies with the symbols they may trade.
#[async_trait]
pub trait StrategyRepository: fmt::Debug + Send + Sync {
    /// Makes a strategy; its `id` is given by the store.
    async fn insert(&self, strategy: &Strategy) -> Result<StrategyId, StoreError>;

    /// The strategy behind a webhook address.
    async fn find_by_webhook(&self, webhook_id: &str) -> Result<Option<Strategy>, StoreError>;

    /// A user's strategies, by name.
    async fn list(&self, user: UserId) -> Result<Vec<Strategy>, StoreError>;

    /// Starts or stops following a strategy's alerts.
    async fn set_active(&self, id: StrategyId, active: bool) -> Result<(), StoreError>;

    /// Replaces the symbols that a strategy may trade.
    async fn set_symbols(
        &self,
        id: StrategyId,
        symbols: &[StrategySymbol],
    ) -> Result<(), StoreError>;

    /// Removes a strategy and its symbols.
    async fn delete(&self, id: StrategyId) -> Result<(), StoreError>;
}
