//! Who did what.

use super::StoreError;
use crate::id::UserId;
use crate::monitor::AuditEntry;
use async_trait::async_trait;
use std::fmt;

/// Which entries to list; the newest come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only what this user did.
    pub user: Option<UserId>,
    /// At most so many.
    pub limit: u32,
}

/// Keeps the audit log. Entries are added and never change.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait AuditRepository: fmt::Debug + Send + Sync {
    /// Adds an entry; it is durable when this returns.
    async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError>;

    /// Lists entries, the newest first.
    async fn list(&self, query: AuditQuery) -> Result<Vec<AuditEntry>, StoreError>;
}
