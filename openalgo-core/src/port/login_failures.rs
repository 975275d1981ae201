//! Failed logins.

use super::StoreError;
use crate::market::Timestamp;
use crate::rule::throttle::{Subject, Tally};
use async_trait::async_trait;
use std::fmt;

/// Keeps the tallies of failed logins, so that a restart does not make an attacker's way shorter.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait LoginFailureRepository: fmt::Debug + Send + Sync {
    /// The tallies that changed at `since` or later, the oldest first.
    async fn recent(&self, since: Timestamp) -> Result<Vec<(Subject, Tally)>, StoreError>;

    /// Keeps tallies in place of those of the same subjects, and drops all that last changed
    /// before `since`.
    async fn keep(&self, tallies: &[(Subject, Tally)], since: Timestamp) -> Result<(), StoreError>;
}
