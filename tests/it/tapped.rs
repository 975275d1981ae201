//! A store of orders with something around its calls: it takes its time, fails or dies there.

use async_trait::async_trait;
use openalgo::core::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use openalgo::core::market::{Timestamp, TradingDay};
use openalgo::core::order::{Order, OrderEvent, OrderIntent, RequestKey};
use openalgo::core::port::{OrderQuery, OrderRepository, StatusReport, StoreError};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A call around which something may happen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Call<'a> {
    Insert,
    InsertCancelled,
    Append,
    UpdateStatus,
    FindByClientId(&'a ClientOrderId),
}

impl Call<'_> {
    /// Whether it changes something.
    pub(crate) fn is_change(self) -> bool {
        !matches!(self, Self::FindByClientId(_))
    }
}

/// What happens around the calls.
#[async_trait]
pub(crate) trait Tap: fmt::Debug + Send + Sync {
    /// Before a call, which is not made where this fails.
    async fn before(&self, call: Call<'_>) -> Result<(), StoreError>;

    /// After a call that went well.
    fn after(&self, _call: Call<'_>) {}
}

/// The store.
#[derive(Debug)]
pub(crate) struct Tapped<T> {
    pub(crate) orders: Arc<dyn OrderRepository>,
    pub(crate) tap: T,
}

impl<T: Tap> Tapped<T> {
    async fn around<A>(
        &self,
        call: Call<'_>,
        made: impl Future<Output = Result<A, StoreError>> + Send,
    ) -> Result<A, StoreError> {
        self.tap.before(call).await?;
        let answer = made.await?;
        self.tap.after(call);
        Ok(answer)
    }
}

#[async_trait]
impl<T: Tap> OrderRepository for Tapped<T> {
    async fn insert(&self, intent: &OrderIntent) -> Result<Order, StoreError> {
        self.around(Call::Insert, self.orders.insert(intent)).await
    }

    async fn insert_cancelled(
        &self,
        intent: &OrderIntent,
        reason: &str,
    ) -> Result<Order, StoreError> {
        let made = self.orders.insert_cancelled(intent, reason);
        self.around(Call::InsertCancelled, made).await
    }

    async fn append(&self, order: OrderId, event: &OrderEvent) -> Result<Order, StoreError> {
        let made = self.orders.append(order, event);
        self.around(Call::Append, made).await
    }

    async fn update_status(&self, report: &StatusReport) -> Result<Order, StoreError> {
        let made = self.orders.update_status(report);
        self.around(Call::UpdateStatus, made).await
    }

    async fn find(&self, user: UserId, public_id: &str) -> Result<Option<Order>, StoreError> {
        self.orders.find(user, public_id).await
    }

    async fn find_at_broker(
        &self,
        user: UserId,
        broker: &BrokerName,
        id: &BrokerOrderId,
    ) -> Result<Option<Order>, StoreError> {
        self.orders.find_at_broker(user, broker, id).await
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        let made = self.orders.find_by_client_id(user, id, since);
        self.around(Call::FindByClientId(id), made).await
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<Order>, StoreError> {
        self.orders.find_by_request(key, since).await
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
        self.orders.list(query).await
    }

    async fn count(
        &self,
        user: UserId,
        day: TradingDay,
    ) -> Result<BTreeMap<BrokerName, u64>, StoreError> {
        self.orders.count(user, day).await
    }

    async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.orders.unresolved().await
    }

    async fn left_open(
        &self,
        user: UserId,
        broker: &BrokerName,
        before: TradingDay,
    ) -> Result<Vec<Order>, StoreError> {
        self.orders.left_open(user, broker, before).await
    }

    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        self.orders.journal(order).await
    }
}
