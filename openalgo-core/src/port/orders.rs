//! Orders and their journal.

use super::StoreError;
use crate::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use crate::market::{Timestamp, TradingDay};
use crate::order::{
    Order, OrderEvent, OrderEventKind, OrderIntent, OrderStatus, RequestKey, TransitionError,
};
use crate::value::{Price, Quantity, ValueError};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fmt;

/// Which orders to list.
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

impl StatusReport {
    /// The event that a report is for its order; `None` when it says nothing new.
    ///
    /// Order books are polled. A report that repeats what is known must not replace the exact
    /// value of what was filled by one taken from the rounded average.
    pub fn event_for(&self, order: &Order) -> Result<Option<OrderEvent>, TransitionError> {
        if self.repeats(order)? {
            return Ok(None);
        }
        let event = OrderEvent {
            at: self.at,
            kind: OrderEventKind::Reported {
                status: self.status,
                filled: self.filled,
                average: self.average,
            },
        };
        let state = order.clone().after(&event)?.state;
        Ok((state != order.state).then_some(event))
    }

    fn repeats(&self, order: &Order) -> Result<bool, ValueError> {
        let known = order.executed();
        Ok(order.state.broker_order_id() == Some(&self.broker_order_id)
            && order.status() == self.status
            && known.quantity == self.filled
            && known.average()? == self.average)
    }
}

/// Keeps orders. Every change appends to the order's journal, and the order is its fold
/// ([`Order::fold`]). What is refused leaves no trace.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait OrderRepository: fmt::Debug + Send + Sync {
    /// Writes an intent and marks it as on its way: two entries of the journal, dated by the
    /// intent. Durable when it returns.
    ///
    /// Its user must exist; an intent that is there already is a [`StoreError::Duplicate`].
    async fn insert(&self, intent: &OrderIntent) -> Result<Order, StoreError>;

    /// Writes an order that was cancelled before it left, for this reason: two entries of the
    /// journal, that it was planned and that it was cancelled, in one commit. Otherwise as
    /// [`OrderRepository::insert`].
    async fn insert_cancelled(
        &self,
        intent: &OrderIntent,
        reason: &str,
    ) -> Result<Order, StoreError>;

    /// Appends an event to an order's journal, durably, and gives the order after it.
    ///
    /// An event that cannot happen to the order is refused, and so is one that gives it a
    /// broker's id which another order of the same user, broker and trading day has.
    async fn append(&self, order: OrderId, event: &OrderEvent) -> Result<Order, StoreError>;

    /// Takes over what the broker's order book says ([`StatusReport::event_for`]).
    ///
    /// Ids return from day to day: the report is about the order of the latest one. A report that
    /// says nothing new is answered with the order and is no entry.
    async fn update_status(&self, report: &StatusReport) -> Result<Order, StoreError>;

    /// The order of a user with this public id: the broker's, or `local:<intent>`, to which an
    /// order answers even when it has the other. Of several days, the latest counts.
    ///
    /// Brokers may give out the same ids: when several did on that day, it is
    /// [`StoreError::Ambiguous`] which order is meant.
    async fn find(&self, user: UserId, public_id: &str) -> Result<Option<Order>, StoreError>;

    /// The order of a user to which a broker gave this id. Of several days, the latest counts.
    async fn find_at_broker(
        &self,
        user: UserId,
        broker: &BrokerName,
        id: &BrokerOrderId,
    ) -> Result<Option<Order>, StoreError>;

    /// The order that a user placed by itself with this id of their own at or after `since`; of
    /// several, the one inserted last. What came from a request for more is not meant.
    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError>;

    /// The orders that came from a request at or after `since`, those inserted first first.
    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<Order>, StoreError>;

    /// Lists orders, those inserted last first.
    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError>;

    /// How many orders of a user belong to a session, by broker. A broker without one is not named.
    async fn count(
        &self,
        user: UserId,
        day: TradingDay,
    ) -> Result<BTreeMap<BrokerName, u64>, StoreError>;

    /// Orders of all users that may have left this process and whose outcome nobody knows, those
    /// inserted first first.
    async fn unresolved(&self) -> Result<Vec<Order>, StoreError>;

    /// The orders of a user at a broker that are open there as far as is known, and of sessions
    /// before this one, those inserted first first.
    async fn left_open(
        &self,
        user: UserId,
        broker: &BrokerName,
        before: TradingDay,
    ) -> Result<Vec<Order>, StoreError>;

    /// The journal of an order, the oldest entry first.
    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError>;
}

/// The order that an id names, where these are known by it; of several, none is meant.
pub fn only_one(id: &str, orders: Vec<Order>) -> Result<Option<Order>, StoreError> {
    if orders.len() <= 1 {
        return Ok(orders.into_iter().next());
    }
    let named = |order: Order| (order.intent.broker, order.intent.id.local_order_id());
    Err(StoreError::Ambiguous {
        id: id.to_owned(),
        candidates: orders.into_iter().map(named).collect(),
    })
}
