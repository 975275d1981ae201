//! Who did what.

use super::{Memory, Tables};
use async_trait::async_trait;
use openalgo::core::monitor::AuditEntry;
use openalgo::core::port::{AuditQuery, AuditRepository, StoreError};

impl Tables {
    /// Adds an entry to the audit log.
    pub(super) fn put_on_record(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        if let Some(user) = entry.by.user {
            self.require_user(user)?;
        }
        self.audit_log.push(entry.clone());
        Ok(())
    }
}

#[async_trait]
impl AuditRepository for Memory {
    async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.write(|tables, _| tables.put_on_record(entry))
    }

    async fn list(&self, query: AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let is_asked_for =
            |entry: &&AuditEntry| query.user.is_none() || entry.by.user == query.user;
        Ok(self.read(|tables| {
            let newest_first = tables.audit_log.iter().rev();
            let entries = newest_first.filter(is_asked_for).take(limit);
            entries.cloned().collect()
        }))
    }
}
