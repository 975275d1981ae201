//! A journal of orders that takes its time, and that stops taking entries when a test says so.

use crate::memory::Memory;
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use openalgo::core::market::{Timestamp, TradingDay};
use openalgo::core::order::{Order, OrderEvent, OrderIntent, RequestKey};
use openalgo::core::port::{OrderQuery, OrderRepository, StatusReport, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The journal.
#[derive(Debug)]
pub(crate) struct Flaky {
    memory: Arc<Memory>,
    /// How long each change takes.
    takes: Duration,
    /// Further entries of known orders that it takes; any number where this is negative.
    good: AtomicI64,
}

impl Flaky {
    /// One that takes every entry.
    pub(crate) fn new(memory: &Arc<Memory>, takes: Duration) -> Arc<Self> {
        Arc::new(Self {
            memory: Arc::clone(memory),
            takes,
            good: AtomicI64::new(-1),
        })
    }

    /// Lets it take so many more entries and then no more.
    pub(crate) fn fail_after(&self, entries: i64) {
        self.good.store(entries, Ordering::SeqCst);
    }

    /// Lets it take every entry again.
    pub(crate) fn mend(&self) {
        self.good.store(-1, Ordering::SeqCst);
    }
}

#[async_trait]
impl OrderRepository for Flaky {
    async fn insert(&self, intent: &OrderIntent) -> Result<Order, StoreError> {
        tokio::time::sleep(self.takes).await;
        OrderRepository::insert(&*self.memory, intent).await
    }

    async fn insert_cancelled(
        &self,
        intent: &OrderIntent,
        reason: &str,
    ) -> Result<Order, StoreError> {
        tokio::time::sleep(self.takes).await;
        self.memory.insert_cancelled(intent, reason).await
    }

    async fn append(&self, order: OrderId, event: &OrderEvent) -> Result<Order, StoreError> {
        tokio::time::sleep(self.takes).await;
        let good = self.good.load(Ordering::SeqCst);
        if good == 0 {
            return Err(StoreError::Failed {
                operation: "commit",
                source: "the disk is full".into(),
            });
        }
        self.good.store((good - 1).max(-1), Ordering::SeqCst);
        self.memory.append(order, event).await
    }

    async fn update_status(&self, report: &StatusReport) -> Result<Order, StoreError> {
        tokio::time::sleep(self.takes).await;
        self.memory.update_status(report).await
    }

    async fn find(&self, user: UserId, public_id: &str) -> Result<Option<Order>, StoreError> {
        OrderRepository::find(&*self.memory, user, public_id).await
    }

    async fn find_at_broker(
        &self,
        user: UserId,
        broker: &BrokerName,
        id: &BrokerOrderId,
    ) -> Result<Option<Order>, StoreError> {
        self.memory.find_at_broker(user, broker, id).await
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        OrderRepository::find_by_client_id(&*self.memory, user, id, since).await
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<Order>, StoreError> {
        OrderRepository::find_by_request(&*self.memory, key, since).await
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
        OrderRepository::list(&*self.memory, query).await
    }

    async fn count(
        &self,
        user: UserId,
        day: TradingDay,
    ) -> Result<BTreeMap<BrokerName, u64>, StoreError> {
        self.memory.count(user, day).await
    }

    async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.memory.unresolved().await
    }

    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        self.memory.journal(order).await
    }
}
