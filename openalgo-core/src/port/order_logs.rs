//! The log of requests.

use super::StoreError;
use crate::id::UserId;
use crate::monitor::{NewOrderLog, OrderLog};
use async_trait::async_trait;
use std::fmt;

/// Keeps requests and their answers for thirty days.
///
/// It keeps what it is given: the caller leaves keys, tokens and passwords out of request and
/// answer before they come here.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait OrderLogRepository: fmt::Debug + Send + Sync {
    /// Keeps a request. Its time is the wall clock's, whatever clock the program goes by, since
    /// its age decides how long it is kept.
    async fn insert(&self, log: &NewOrderLog) -> Result<(), StoreError>;

    /// The newest requests of a user, or of everybody: `limit` of them at most.
    async fn list(&self, user: Option<UserId>, limit: u32) -> Result<Vec<OrderLog>, StoreError>;
}
