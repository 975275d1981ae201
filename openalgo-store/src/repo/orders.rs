//! Orders and their journal. Every change appends an entry; the row is the fold of the entries.

mod find;

pub(crate) use find::find_by_intent;

use crate::bridge::{Context, Database};
use crate::column::Real;
use crate::error::{Explain, Fault};
use crate::journal::{self, Chain};
use crate::row::order::{OrderProgress, OrderRow};
use crate::schema::orders as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use openalgo_core::market::{Timestamp, TradingDay};
use openalgo_core::order::{Order, OrderEvent, OrderEventKind, OrderIntent, RequestKey};
use openalgo_core::port::{OrderQuery, OrderRepository, StatusReport, StoreError};
use openalgo_core::value::Money;
use std::collections::BTreeMap;

/// Writes a row for an order and gives its number.
pub(crate) fn insert_row(
    c: &mut SqliteConnection,
    order: &Order,
    margin: Money,
) -> Result<OrderId, Fault> {
    let row = OrderRow::of(order, margin)?;
    let intent = order.intent.id;
    // Until the broker has given an id, the one in its column is made from the intent's.
    let (what, id) = match order.state.broker_order_id() {
        None => ("order intent", intent.to_string()),
        Some(id) => ("order id", id.to_string()),
    };
    let id: i64 = diesel::insert_into(table::table)
        .values(&row)
        .returning(table::id)
        .get_result(c)
        .duplicate("orders.intent_id", "order intent", intent)
        .duplicate("orders.broker_order_id", what, id)
        .dangling("user", order.intent.user)?;
    Ok(OrderId::new(id))
}

/// Writes where an order stands.
pub(crate) fn update_row(c: &mut SqliteConnection, order: &Order) -> Result<(), Fault> {
    diesel::update(table::table.find(order.id.get()))
        .set(OrderProgress::of(order)?)
        .execute(c)
        .duplicate("orders.broker_order_id", "order id", order.public_id())?;
    Ok(())
}

/// Writes what an order reserves at the paper exchange.
pub(crate) fn set_margin(
    c: &mut SqliteConnection,
    id: OrderId,
    margin: Money,
) -> Result<(), Fault> {
    diesel::update(table::table.find(id.get()))
        .set(table::margin.eq(Real::from(margin)))
        .execute(c)?;
    Ok(())
}

/// Writes an intent, and what became of it at once.
fn insert(
    c: &mut SqliteConnection,
    ctx: &Context,
    (intent, then): (&OrderIntent, OrderEventKind),
) -> Result<Order, Fault> {
    let planned = OrderEvent::planned(intent);
    let then = OrderEvent {
        at: intent.at,
        kind: then,
    };
    let mut order = Order::planned(OrderId::new(0), intent.clone()).after(&then)?;
    order.id = insert_row(c, &order, Money::ZERO)?;
    Chain::load(c, &ctx.journal_key, (intent.user, &intent.broker))?.append(
        c,
        (order.id, 1),
        [&planned, &then],
    )?;
    Ok(order)
}

fn append(
    c: &mut SqliteConnection,
    ctx: &Context,
    (id, event): (OrderId, &OrderEvent),
) -> Result<Order, Fault> {
    let order = find::get(c, id)?.ok_or_else(|| Fault::not_found("order", id))?;
    let order = order.after(event)?;
    append_to(c, ctx, (order, event))
}

/// Keeps an order after an event, and the event.
fn append_to(
    c: &mut SqliteConnection,
    ctx: &Context,
    (order, event): (Order, &OrderEvent),
) -> Result<Order, Fault> {
    update_row(c, &order)?;
    let seq = journal::next_seq(c, order.id)?;
    Chain::load(
        c,
        &ctx.journal_key,
        (order.intent.user, &order.intent.broker),
    )?
    .append(c, (order.id, seq), [event])?;
    Ok(order)
}

fn update_status(
    c: &mut SqliteConnection,
    ctx: &Context,
    report: &StatusReport,
) -> Result<Order, Fault> {
    let order = find::reported_order(c, report)?;
    let Some(event) = report.event_for(&order)? else {
        return Ok(order);
    };
    append_to(c, ctx, (order.after(&event)?, &event))
}

fn journal_of(c: &mut SqliteConnection, order: OrderId) -> Result<Vec<OrderEvent>, Fault> {
    let entries = journal::entries(c, order)?;
    // No order is without an entry.
    if entries.is_empty() {
        return Err(Fault::not_found("order", order));
    }
    Ok(entries)
}

#[async_trait]
impl OrderRepository for Database {
    async fn insert(&self, intent: &OrderIntent) -> Result<Order, StoreError> {
        let intent = intent.clone();
        self.write("journal the order", move |c, ctx| {
            insert(c, ctx, (&intent, OrderEventKind::Sent))
        })
        .await
    }

    async fn insert_cancelled(
        &self,
        intent: &OrderIntent,
        reason: &str,
    ) -> Result<Order, StoreError> {
        let intent = intent.clone();
        let reason = Some(reason.to_owned());
        self.write("journal the cancelled order", move |c, ctx| {
            insert(c, ctx, (&intent, OrderEventKind::Cancelled { reason }))
        })
        .await
    }

    async fn append(&self, order: OrderId, event: &OrderEvent) -> Result<Order, StoreError> {
        let event = event.clone();
        self.write("journal what became of the order", move |c, ctx| {
            append(c, ctx, (order, &event))
        })
        .await
    }

    async fn update_status(&self, report: &StatusReport) -> Result<Order, StoreError> {
        let report = report.clone();
        self.write("update the order", move |c, ctx| {
            update_status(c, ctx, &report)
        })
        .await
    }

    async fn find(&self, user: UserId, public_id: &str) -> Result<Option<Order>, StoreError> {
        let public_id = public_id.to_owned();
        self.read("find the order", move |c, _| {
            find::find(c, user, &public_id)
        })
        .await
    }

    async fn find_at_broker(
        &self,
        user: UserId,
        broker: &BrokerName,
        id: &BrokerOrderId,
    ) -> Result<Option<Order>, StoreError> {
        let (broker, id) = (broker.clone(), id.clone());
        self.read("find the order", move |c, _| {
            find::find_at_broker(c, user, (&broker, &id))
        })
        .await
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        let id = id.clone();
        self.read("find the order", move |c, _| {
            find::find_by_client_id(c, user, (&id, since))
        })
        .await
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<Order>, StoreError> {
        let key = key.clone();
        self.read("find the orders of the request", move |c, _| {
            find::find_by_request(c, &key, since)
        })
        .await
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
        let query = query.clone();
        self.read("list the orders", move |c, _| find::list(c, &query))
            .await
    }

    async fn count(
        &self,
        user: UserId,
        day: TradingDay,
    ) -> Result<BTreeMap<BrokerName, u64>, StoreError> {
        self.read("count the orders", move |c, _| find::count(c, (user, day)))
            .await
    }

    async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.read("list the unresolved orders", |c, _| find::unresolved(c))
            .await
    }

    async fn left_open(
        &self,
        user: UserId,
        broker: &BrokerName,
        before: TradingDay,
    ) -> Result<Vec<Order>, StoreError> {
        let broker = broker.clone();
        self.read("list the orders that were left open", move |c, _| {
            find::left_open(c, (user, &broker), before)
        })
        .await
    }

    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        self.read("read the journal", move |c, _| journal_of(c, order))
            .await
    }
}
