//! The log of requests. It ends with the program, so nothing in it gets thirty days old.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::id::UserId;
use openalgo::core::monitor::{NewOrderLog, OrderLog};
use openalgo::core::port::{Clock, OrderLogRepository, StoreError};

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

    async fn list(&self, user: Option<UserId>, limit: u32) -> Result<Vec<OrderLog>, StoreError> {
        let is_asked = |log: &&OrderLog| user.is_none() || log.entry.user == user;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.read(|tables| {
            let newest_first = tables.order_logs.iter().rev();
            newest_first.filter(is_asked).take(limit).cloned().collect()
        }))
    }
}
