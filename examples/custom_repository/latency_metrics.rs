//! How long brokers take.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, UserId};
use openalgo::core::monitor::{LatencyMetric, LatencySplit};
use openalgo::core::port::{LatencyMetricRepository, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// What is finer than a microsecond is not kept.
fn whole_micros(split: LatencySplit) -> LatencySplit {
    let whole = |part: Duration| {
        let micros = u64::try_from(part.as_micros());
        Duration::from_micros(micros.unwrap_or(u64::MAX))
    };
    LatencySplit {
        queue: whole(split.queue),
        own: whole(split.own),
        broker: whole(split.broker),
    }
}

#[async_trait]
impl LatencyMetricRepository for Memory {
    async fn insert(&self, metric: &LatencyMetric) -> Result<(), StoreError> {
        let millis = u64::try_from(metric.latency.as_millis()).unwrap_or(u64::MAX);
        self.write(|tables, _| {
            if let Some(user) = metric.user {
                tables.require_user(user)?;
            }
            tables.latency_metrics.push(Arc::new(LatencyMetric {
                latency: Duration::from_millis(millis),
                split: metric.split.map(whole_micros),
                ..metric.clone()
            }));
            Ok(())
        })
    }

    async fn list(
        &self,
        user: Option<UserId>,
        broker: Option<BrokerName>,
        limit: u32,
    ) -> Result<Vec<LatencyMetric>, StoreError> {
        let is_asked = |metric: &LatencyMetric| {
            user.is_none_or(|it| metric.user == Some(it))
                && broker.as_ref().is_none_or(|it| metric.broker == *it)
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.read(|tables| {
            let newest_first = tables.latency_metrics.iter().rev().map(Arc::as_ref);
            newest_first
                .filter(|metric| is_asked(metric))
                .take(limit)
                .cloned()
                .collect()
        }))
    }
}
