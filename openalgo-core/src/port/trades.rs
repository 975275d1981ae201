//! The trade history.

use super::{OrderQuery, StoreError};
use crate::order::{NewTrade, Trade};
use async_trait::async_trait;
use std::fmt;

/// Keeps executions.
#[async_trait]
pub trait TradeRepository: fmt::Debug + Send + Sync {
    /// Keeps an execution.
    async fn insert(&self, trade: &NewTrade) -> Result<Trade, StoreError>;

    /// Lists executions of the orders that a query describes, the newest first.
    async fn list(&self, query: &OrderQuery) -> Result<Vec<Trade>, StoreError>;
}
