//! The log of requests.

use super::StoreError;
use crate::id::UserId;
use crate::monitor::OrderLog;
use async_trait::async_trait;
use std::fmt;

/// Keeps requests and their answers for thirty days.
#[async_trait]
pub trait OrderLogRepository: fmt::Debug + Send + Sync {
    /// Keeps a request.
    async fn insert(&self, log: &OrderLog) -> Result<(), StoreError>;

    /// The newest requests of a user, or of everybody.
    async fn list(&self, user: Option<UserId>, limit: u32) -> Result<Vec<OrderLog>, StoreError>;
}
