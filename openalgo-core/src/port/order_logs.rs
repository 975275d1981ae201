//! The log of requests.

use super::StoreError;
use crate::id::UserId;
use crate::monitor::{NewOrderLog, OrderLog};
use async_trait::async_trait;
use std::fmt;

/// Which requests are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLogQuery {
    /// Only those of this user.
    pub user: Option<UserId>,
    /// Only those that were not carried out, or not all of which was: whose answer is a JSON object
    /// with `error` as its `status`.
    pub failed: bool,
    /// So many at most.
    pub limit: u32,
}

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

    /// The newest requests of those that are asked for.
    async fn list(&self, query: &OrderLogQuery) -> Result<Vec<OrderLog>, StoreError>;
}
