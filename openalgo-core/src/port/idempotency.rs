//! Answers that are given again when a request comes again.

use super::StoreError;
use crate::market::Timestamp;
use crate::monitor::{FirstAnswer, IdempotencyKey};
use async_trait::async_trait;
use std::fmt;

/// Keeps the first answer to each request that carried an id of its sender, for
/// [`REMEMBERED`](crate::monitor::REMEMBERED).
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: fmt::Debug + Send + Sync {
    /// The answer to a request that is still remembered at `now`.
    async fn find(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<FirstAnswer>, StoreError>;

    /// Keeps an answer. One under the same key that is no longer remembered gives way; one that
    /// is makes this a duplicate.
    async fn remember(&self, answer: &FirstAnswer) -> Result<(), StoreError>;

    /// Removes what is no longer remembered at `now`; says how much that was.
    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError>;
}
