//! The store's orders, with the points around what makes them durable.

use super::point::{self, Point};
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use openalgo::core::market::{Timestamp, TradingDay};
use openalgo::core::order::{Order, OrderEvent, OrderIntent, RequestKey};
use openalgo::core::port::{OrderQuery, OrderRepository, StatusReport, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Journal(pub(super) Arc<dyn OrderRepository>);

#[async_trait]
impl OrderRepository for Journal {
    async fn insert(&self, intent: &OrderIntent) -> Result<Order, StoreError> {
        point::reached(Point::BeforeIntent);
        let order = self.0.insert(intent).await?;
        point::reached(Point::IntentStored);
        Ok(order)
    }

    async fn insert_cancelled(
        &self,
        intent: &OrderIntent,
        reason: &str,
    ) -> Result<Order, StoreError> {
        self.0.insert_cancelled(intent, reason).await
    }

    async fn append(&self, order: OrderId, event: &OrderEvent) -> Result<Order, StoreError> {
        point::reached(Point::BeforeOutcome);
        point::reached(Point::BeforeFinding);
        let order = self.0.append(order, event).await?;
        point::reached(Point::OutcomeStored);
        point::reached(Point::FindingStored);
        Ok(order)
    }

    async fn update_status(&self, report: &StatusReport) -> Result<Order, StoreError> {
        self.0.update_status(report).await
    }

    async fn find(&self, user: UserId, public_id: &str) -> Result<Option<Order>, StoreError> {
        self.0.find(user, public_id).await
    }

    async fn find_at_broker(
        &self,
        user: UserId,
        broker: &BrokerName,
        id: &BrokerOrderId,
    ) -> Result<Option<Order>, StoreError> {
        self.0.find_at_broker(user, broker, id).await
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        self.0.find_by_client_id(user, id, since).await
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<Order>, StoreError> {
        self.0.find_by_request(key, since).await
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
        self.0.list(query).await
    }

    async fn count(
        &self,
        user: UserId,
        day: TradingDay,
    ) -> Result<BTreeMap<BrokerName, u64>, StoreError> {
        self.0.count(user, day).await
    }

    async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.0.unresolved().await
    }

    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        self.0.journal(order).await
    }
}
