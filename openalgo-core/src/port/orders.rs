//! Orders and their journal.

use super::StoreError;
use crate::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use crate::market::{Timestamp, TradingDay};
use crate::order::{Order, OrderEvent, OrderIntent, OrderStatus};
use crate::value::{Price, Quantity};
use async_trait::async_trait;
use std::fmt;

/// Which orders to list; the newest come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderQuery {
    /// Whose orders.
    pub user: UserId,
    /// Only those of one broker.
    pub broker: Option<BrokerName>,
    /// Only those of one session.
    pub day: Option<TradingDay>,
    /// At most so many.
    pub limit: u32,
}

/// What a broker's order book says about one of our orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// Whose order; an id alone could hit another account's order.
    pub user: UserId,
    /// At which broker.
    pub broker: BrokerName,
    /// The broker's id of it.
    pub broker_order_id: BrokerOrderId,
    /// Its status there.
    pub status: OrderStatus,
    /// Units filled so far.
    pub filled: Quantity,
    /// Their average price.
    pub average: Price,
    /// When it was seen.
    pub at: Timestamp,
}

/// Keeps orders. Every change appends to the order's journal, and the order is its fold.
#[async_trait]
pub trait OrderRepository: fmt::Debug + Send + Sync {
    /// Writes an intent and marks it as on its way. Durable when it returns.
    async fn insert(&self, intent: &OrderIntent) -> Result<Order, StoreError>;

    /// Appends an event to an order's journal.
    async fn append(&self, order: OrderId, event: &OrderEvent) -> Result<Order, StoreError>;

    /// Takes over what the broker's order book says.
    async fn update_status(&self, report: &StatusReport) -> Result<Order, StoreError>;

    /// The order of a user with this public id: the broker's, or `local:<intent>`.
    async fn find(&self, user: UserId, public_id: &str) -> Result<Option<Order>, StoreError>;

    /// The order that a user placed with this id of their own at or after `since`.
    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError>;

    /// Lists orders, the newest first.
    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError>;

    /// Orders that left this process and whose outcome nobody knows.
    async fn unresolved(&self) -> Result<Vec<Order>, StoreError>;

    /// The journal of an order, the oldest entry first.
    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError>;
}
