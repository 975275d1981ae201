//! Orders and their journal: an order is kept beside the events of which it is the fold.

use super::{Memory, Tables, duplicate, not_found};
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use openalgo::core::market::{Timestamp, TradingDay};
use openalgo::core::order::{
    Order, OrderEvent, OrderEventKind, OrderIntent, OrderState, RequestKey,
};
use openalgo::core::port::{OrderQuery, OrderRepository, StatusReport, StoreError, only_one};
use openalgo::core::value::Money;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An order, its journal, and what it reserves at the paper exchange.
#[derive(Debug, Clone)]
pub(super) struct StoredOrder {
    pub(super) order: Order,
    pub(super) margin: Money,
    /// With their numbers, which run over all orders.
    pub(super) journal: Vec<(i64, OrderEvent)>,
}

impl Tables {
    /// Keeps an order as its journal tells it.
    pub(super) fn add_order(&mut self, journal: &[OrderEvent]) -> Result<Order, StoreError> {
        let last = self.orders.last();
        let id = OrderId::new(last.map_or(1, |last| last.order.id.get() + 1));
        let order = Order::fold(id, journal)?;
        let intent = order.intent.id;
        if self.orders.iter().any(|it| it.order.intent.id == intent) {
            return Err(duplicate("order intent", &intent));
        }
        self.require_free_id(&order)?;
        self.require_user(order.intent.user)?;
        let journal = self.numbered(journal);
        self.orders.push(Arc::new(StoredOrder {
            order: order.clone(),
            margin: Money::ZERO,
            journal,
        }));
        Ok(order)
    }

    fn numbered(&mut self, events: &[OrderEvent]) -> Vec<(i64, OrderEvent)> {
        let events = events.iter().cloned();
        let numbered = events.map(|event| (self.next_number("order_events"), event));
        numbered.collect()
    }

    /// Takes an order further.
    pub(super) fn advance_order(
        &mut self,
        id: OrderId,
        events: &[OrderEvent],
    ) -> Result<Order, StoreError> {
        let known = self.stored_order(id)?.order.clone();
        let order = events.iter().try_fold(known, Order::after)?;
        self.require_free_id(&order)?;
        let entries = self.numbered(events);
        let stored = self.stored_order(id)?;
        stored.order = order.clone();
        stored.journal.extend(entries);
        Ok(order)
    }

    pub(super) fn stored_order(&mut self, id: OrderId) -> Result<&mut StoredOrder, StoreError> {
        let stored = self.orders.iter_mut().find(|it| it.order.id == id);
        stored
            .map(Arc::make_mut)
            .ok_or_else(|| not_found("order", &id))
    }

    /// An id names one order of an account and a day.
    fn require_free_id(&self, order: &Order) -> Result<(), StoreError> {
        // The ids of those that have none from the broker are unique as they are.
        let Some(id) = order.state.broker_order_id() else {
            return Ok(());
        };
        let is_same = |other: &Order| {
            let (one, other_intent) = (&order.intent, &other.intent);
            other.id != order.id
                && other.state.broker_order_id() == Some(id)
                && (one.user, &one.broker) == (other_intent.user, &other_intent.broker)
                && one.trading_day == other_intent.trading_day
        };
        if self.orders.iter().any(|it| is_same(&it.order)) {
            return Err(duplicate("order id", id));
        }
        Ok(())
    }

    /// The order of the latest day, as ids return from day to day.
    fn latest_order(&self, is_it: impl Fn(&Order) -> bool) -> Option<&Order> {
        let orders = self.orders.iter().map(|stored| &stored.order);
        orders
            .filter(|order| is_it(order))
            .max_by_key(|order| (order.intent.trading_day, order.id))
    }

    fn report_order(&mut self, report: &StatusReport) -> Result<Order, StoreError> {
        let id = &report.broker_order_id;
        let order = self.latest_order(|order| {
            let intent = &order.intent;
            let account = (intent.user, &intent.broker);
            account == (report.user, &report.broker) && order.public_id() == id.as_str()
        });
        let order = order.ok_or_else(|| not_found("order", id))?.clone();
        match report.event_for(&order)? {
            Some(event) => self.advance_order(order.id, &[event]),
            None => Ok(order),
        }
    }

    pub(super) fn is_meant(query: &OrderQuery, order: &Order) -> bool {
        let intent = &order.intent;
        let broker = query.broker.as_ref();
        intent.user == query.user
            && broker.is_none_or(|broker| intent.broker == *broker)
            && query.day.is_none_or(|day| intent.trading_day == day)
    }
}

#[async_trait]
impl OrderRepository for Memory {
    async fn insert(&self, intent: &OrderIntent) -> Result<Order, StoreError> {
        let sent = OrderEvent {
            at: intent.at,
            kind: OrderEventKind::Sent,
        };
        let journal = [OrderEvent::planned(intent), sent];
        self.write(|tables, _| tables.add_order(&journal))
    }

    async fn insert_cancelled(
        &self,
        intent: &OrderIntent,
        reason: &str,
    ) -> Result<Order, StoreError> {
        let reason = Some(reason.to_owned());
        let cancelled = OrderEvent {
            at: intent.at,
            kind: OrderEventKind::Cancelled { reason },
        };
        let journal = [OrderEvent::planned(intent), cancelled];
        self.write(|tables, _| tables.add_order(&journal))
    }

    async fn append(&self, order: OrderId, event: &OrderEvent) -> Result<Order, StoreError> {
        self.write(|tables, _| tables.advance_order(order, std::slice::from_ref(event)))
    }

    async fn update_status(&self, report: &StatusReport) -> Result<Order, StoreError> {
        self.write(|tables, _| tables.report_order(report))
    }

    async fn find(&self, user: UserId, public_id: &str) -> Result<Option<Order>, StoreError> {
        let is_it = |order: &Order| {
            let ids = [order.public_id(), order.intent.id.local_order_id()];
            order.intent.user == user && ids.iter().any(|id| id == public_id)
        };
        let of_latest_day = self.read(|tables| {
            let day = tables.latest_order(is_it).map(|it| it.intent.trading_day);
            let orders = tables.orders.iter().rev().map(|stored| &stored.order);
            let meant = orders.filter(|it| is_it(it) && Some(it.intent.trading_day) == day);
            meant.cloned().collect()
        });
        only_one(public_id, of_latest_day)
    }

    async fn find_at_broker(
        &self,
        user: UserId,
        broker: &BrokerName,
        id: &BrokerOrderId,
    ) -> Result<Option<Order>, StoreError> {
        Ok(self.read(|tables| {
            let found = tables.latest_order(|order| {
                (order.intent.user, &order.intent.broker) == (user, broker)
                    && order.state.broker_order_id() == Some(id)
            });
            found.cloned()
        }))
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        let is_it = |order: &&Order| {
            let intent = &order.intent;
            let given = intent.order.client_order_id.as_ref();
            let is_alone = intent.request.is_none();
            intent.user == user && given == Some(id) && is_alone && intent.at >= since
        };
        Ok(self.read(|tables| {
            let newest_first = tables.orders.iter().rev().map(|stored| &stored.order);
            newest_first.into_iter().find(is_it).cloned()
        }))
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<Order>, StoreError> {
        let is_it = |order: &&Order| {
            let intent = &order.intent;
            let request = intent.request.as_ref();
            let is_of_it = request.is_some_and(|request| request.came_as(key));
            intent.user == key.user && is_of_it && intent.at >= since
        };
        Ok(self.read(|tables| {
            let oldest_first = tables.orders.iter().map(|stored| &stored.order);
            oldest_first.filter(is_it).cloned().collect()
        }))
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(self.read(|tables| {
            let newest_first = tables.orders.iter().rev().map(|stored| &stored.order);
            let meant = newest_first.filter(|order| Tables::is_meant(query, order));
            meant.take(limit).cloned().collect()
        }))
    }

    async fn count(
        &self,
        user: UserId,
        day: TradingDay,
    ) -> Result<BTreeMap<BrokerName, u64>, StoreError> {
        Ok(self.read(|tables| {
            let intents = tables.orders.iter().map(|stored| &stored.order.intent);
            let mut counted = BTreeMap::new();
            for intent in intents.filter(|it| it.user == user && it.trading_day == day) {
                *counted.entry(intent.broker.clone()).or_default() += 1;
            }
            counted
        }))
    }

    async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        let is_unresolved = |order: &&Order| {
            matches!(
                order.state,
                OrderState::Planned | OrderState::Sent | OrderState::Unconfirmed { .. }
            )
        };
        Ok(self.read(|tables| {
            let orders = tables.orders.iter().map(|stored| &stored.order);
            orders.filter(is_unresolved).cloned().collect()
        }))
    }

    async fn left_open(
        &self,
        user: UserId,
        broker: &BrokerName,
        before: TradingDay,
    ) -> Result<Vec<Order>, StoreError> {
        let is_left = |order: &&Order| {
            let intent = &order.intent;
            (intent.user, &intent.broker) == (user, broker)
                && intent.trading_day < before
                && matches!(order.state, OrderState::Open { .. })
        };
        Ok(self.read(|tables| {
            let orders = tables.orders.iter().map(|stored| &stored.order);
            orders.filter(is_left).cloned().collect()
        }))
    }

    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        let journal = self.read(|tables| {
            let stored = tables.orders.iter().find(|it| it.order.id == order);
            let journal = stored.map(|stored| stored.journal.iter());
            journal.map(|entries| entries.map(|(_, event)| event.clone()).collect())
        });
        journal.ok_or_else(|| not_found("order", &order))
    }
}
