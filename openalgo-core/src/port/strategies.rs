//! Webhook strategies.

use super::StoreError;
use crate::id::{StrategyId, UserId};
use crate::strategy::{NewStrategy, Strategy, StrategyPlan, StrategySymbol, WebhookId};
use async_trait::async_trait;
use std::fmt;

/// Keeps strategies with the symbols they may trade.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait StrategyRepository: fmt::Debug + Send + Sync {
    /// Makes a strategy with its symbols, or nothing at all. Its name must be new for the user,
    /// its webhook id new for everybody.
    async fn insert(&self, strategy: &NewStrategy) -> Result<Strategy, StoreError>;

    /// The strategy with this number.
    async fn get(&self, id: StrategyId) -> Result<Strategy, StoreError>;

    /// The strategy behind a webhook address.
    async fn find_by_webhook(&self, id: &WebhookId) -> Result<Option<Strategy>, StoreError>;

    /// A user's strategies, by name.
    async fn list(&self, user: UserId) -> Result<Vec<Strategy>, StoreError>;

    /// Replaces what was decided about a strategy.
    async fn set_plan(&self, id: StrategyId, plan: &StrategyPlan) -> Result<(), StoreError>;

    /// Starts or stops following a strategy's alerts.
    async fn set_active(&self, id: StrategyId, active: bool) -> Result<(), StoreError>;

    /// Replaces the symbols that a strategy may trade; each may be there once.
    async fn set_symbols(
        &self,
        id: StrategyId,
        symbols: &[StrategySymbol],
    ) -> Result<(), StoreError>;

    /// Removes a strategy and its symbols.
    async fn delete(&self, id: StrategyId) -> Result<(), StoreError>;
}
