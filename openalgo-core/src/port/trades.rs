//! The trade history.

use super::{OrderQuery, StoreError};
use crate::order::{NewTrade, Trade};
use async_trait::async_trait;
use std::fmt;

/// Keeps executions. Nothing tells an execution that is kept twice from two executions: whoever
/// takes them from a broker sees to that.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait TradeRepository: fmt::Debug + Send + Sync {
    /// Keeps an execution, whose user and order, if it has one, must exist.
    async fn insert(&self, trade: &NewTrade) -> Result<Trade, StoreError>;

    /// Lists executions, those kept last first. The session of an execution is that of its order;
    /// one without an order is in no session.
    async fn list(&self, query: &OrderQuery) -> Result<Vec<Trade>, StoreError>;
}
