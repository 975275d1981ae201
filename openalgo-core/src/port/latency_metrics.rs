//! How long orders take.

use super::StoreError;
use crate::id::{BrokerName, UserId};
use crate::monitor::LatencyMetric;
use async_trait::async_trait;
use std::fmt;

/// Keeps latencies, in whole milliseconds, and their parts in whole microseconds.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait LatencyMetricRepository: fmt::Debug + Send + Sync {
    /// Keeps a measurement.
    async fn insert(&self, metric: &LatencyMetric) -> Result<(), StoreError>;

    /// The newest measurements of a user, or of all, at a broker, or at all: `limit` of them at
    /// most.
    async fn list(
        &self,
        user: Option<UserId>,
        broker: Option<BrokerName>,
        limit: u32,
    ) -> Result<Vec<LatencyMetric>, StoreError>;
}
