//! How long brokers take.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::id::BrokerName;
use openalgo::core::monitor::LatencyMetric;
use openalgo::core::port::{LatencyMetricRepository, StoreError};
use std::time::Duration;

#[async_trait]
impl LatencyMetricRepository for Memory {
    async fn insert(&self, metric: &LatencyMetric) -> Result<(), StoreError> {
        let millis = u64::try_from(metric.latency.as_millis()).unwrap_or(u64::MAX);
        self.write(|tables, _| {
            if let Some(user) = metric.user {
                tables.require_user(user)?;
            }
            tables.latency_metrics.push(LatencyMetric {
                latency: Duration::from_millis(millis),
                ..metric.clone()
            });
            Ok(())
        })
    }

    async fn list(
        &self,
        broker: Option<BrokerName>,
        limit: u32,
    ) -> Result<Vec<LatencyMetric>, StoreError> {
        let is_asked =
            |metric: &&LatencyMetric| broker.as_ref().is_none_or(|it| metric.broker == *it);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.read(|tables| {
            let newest_first = tables.latency_metrics.iter().rev();
            newest_first.filter(is_asked).take(limit).cloned().collect()
        }))
    }
}
