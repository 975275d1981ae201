//! The log of requests. It ends with the program, so nothing in it gets thirty days old.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::monitor::{NewOrderLog, OrderLog};
use openalgo::core::port::{Clock, OrderLogQuery, OrderLogRepository, StoreError};

#[async_trait]
impl OrderLogRepository for Memory {
    async fn insert(&self, log: &NewOrderLog) -> Result<(), StoreError> {
        self.write(|tables, _| {
            if let Some(user) = log.user {
                tables.require_user(user)?;
            }
            tables.order_logs.push(OrderLog {
                entry: log.clone(),
                created_at: openalgo::SystemClock.now(),
            });
            Ok(())
        })
    }

    async fn list(&self, query: &OrderLogQuery) -> Result<Vec<OrderLog>, StoreError> {
        let is_asked = |log: &&OrderLog| {
            (query.user.is_none() || log.entry.user == query.user)
                && (!query.failed || has_failed(log))
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(self.read(|tables| {
            let newest_first = tables.order_logs.iter().rev();
            newest_first.filter(is_asked).take(limit).cloned().collect()
        }))
    }
}

fn has_failed(log: &OrderLog) -> bool {
    let answer = log.entry.response.as_deref().unwrap_or_default();
    let answer: Option<serde_json::Value> = serde_json::from_str(answer).ok();
    answer.is_some_and(|answer| answer.get("status").is_some_and(|status| status == "error"))
}
