//! Limits of risk and the kill switch.

use super::StoreError;
use crate::account::{Halt, RiskLimits};
use crate::id::UserId;
use crate::monitor::AuditEntry;
use async_trait::async_trait;
use std::fmt;

/// Keeps what each user may put at risk. What cannot be read is an error, never the absence of a
/// limit.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait RiskRepository: fmt::Debug + Send + Sync {
    /// A user's limits.
    async fn limits(&self, user: UserId) -> Result<RiskLimits, StoreError>;

    /// Replaces a user's limits and adds the entry to the audit log: both or neither. The kill
    /// switch stays as it is.
    async fn set_limits(
        &self,
        user: UserId,
        limits: &RiskLimits,
        entry: &AuditEntry,
    ) -> Result<(), StoreError>;

    /// Whether a user's kill switch is on.
    async fn halt(&self, user: UserId) -> Result<Option<Halt>, StoreError>;

    /// Turns a user's kill switch on or off and adds the entry to the audit log: both or neither.
    async fn set_halt(
        &self,
        user: UserId,
        halt: Option<Halt>,
        entry: &AuditEntry,
    ) -> Result<(), StoreError>;
}
