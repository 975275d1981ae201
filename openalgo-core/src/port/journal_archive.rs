//! The journal of orders as a whole.

use super::StoreError;
use crate::journal::{JournalExtent, JournalReport, JournalScope, StoredEntry};
use async_trait::async_trait;
use std::fmt;

/// Reads the journal of orders as it is stored, whatever its state; changes nothing.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait JournalArchive: fmt::Debug + Send + Sync {
    /// Proves that the journal is what was written, and that every order is its fold.
    ///
    /// A chain is reported with the entries that are in the scope. Where the scope has a beginning
    /// or an end in time, the entries right before and after those are looked at, too, so that none
    /// was taken out there; they are not counted.
    async fn verify(&self, scope: &JournalScope) -> Result<JournalReport, StoreError>;

    /// How many entries are in the scope, and the number of the last of them.
    async fn extent(&self, scope: &JournalScope) -> Result<JournalExtent, StoreError>;

    /// The entries of the scope that come after the one with the number `after`, the oldest first:
    /// `limit` of them at most.
    async fn entries(
        &self,
        scope: &JournalScope,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError>;
}
