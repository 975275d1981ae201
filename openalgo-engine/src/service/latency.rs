//! How long orders took.

use crate::ports::Ports;
use crate::recorder::Records;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::monitor::LatencyMetric;
use openalgo_core::port::StoreError;
use std::sync::Arc;

/// Tells how long orders took.
#[derive(Debug, Clone)]
pub struct LatencyService {
    ports: Arc<Ports>,
    records: Records,
}

impl LatencyService {
    pub(crate) fn new(ports: Arc<Ports>, records: Records) -> Self {
        Self { ports, records }
    }

    /// The newest measurements of a user's orders, at a broker or at all. What was measured within
    /// the last moment may not be among them yet.
    pub async fn list(
        &self,
        user: UserId,
        broker: Option<BrokerName>,
        limit: u32,
    ) -> Result<Vec<LatencyMetric>, StoreError> {
        self.ports
            .latency_metrics
            .list(Some(user), broker, limit)
            .await
    }

    /// How many measurements were lost since the start because they came too fast.
    pub fn lost(&self) -> u64 {
        self.records.lost()
    }
}
