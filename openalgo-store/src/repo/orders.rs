//! Orders and their journal. Every change appends an entry; the row is the fold of the entries.

use crate::bridge::{Context, Database};
use crate::column::{Place, Real};
use crate::error::{Explain, Fault};
use crate::journal::{self, Chain};
use crate::plan::unindexed;
use crate::row::order::{COLUMNS, OrderProgress, OrderRow, Reading};
use crate::row::request::texts_of;
use crate::schema::orders as table;
use async_trait::async_trait;
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{
    BrokerName, BrokerOrderId, ClientOrderId, IntentId, OrderId, TextError, UserId,
};
use openalgo_core::market::{Timestamp, TradingDay};
use openalgo_core::order::{Order, OrderEvent, OrderEventKind, OrderIntent, RequestKey};
use openalgo_core::port::{OrderQuery, OrderRepository, StatusReport, StoreError, only_one};
use openalgo_core::value::Money;
use std::collections::BTreeMap;

/// The condition of the partial index over intents without an outcome; SQLite uses the index
/// only for a query that repeats it word by word.
const UNRESOLVED: &str = "intent_state <> 'resolved'";

fn into_order(row: Option<Reading>) -> Result<Option<Order>, Fault> {
    let order = row.map(|Reading(order)| order).transpose()?;
    Ok(order)
}

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
    let order = get(c, id)?.ok_or_else(|| Fault::not_found("order", id))?;
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

fn get(c: &mut SqliteConnection, id: OrderId) -> Result<Option<Order>, Fault> {
    let row = table::table
        .find(id.get())
        .select(COLUMNS)
        .get_result(c)
        .optional()?;
    into_order(row)
}

fn update_status(
    c: &mut SqliteConnection,
    ctx: &Context,
    report: &StatusReport,
) -> Result<Order, Fault> {
    let order = reported_order(c, report)?;
    let Some(event) = report.event_for(&order)? else {
        return Ok(order);
    };
    append_to(c, ctx, (order.after(&event)?, &event))
}

/// The order a report is about: ids return from day to day, so the latest day counts.
fn reported_order(c: &mut SqliteConnection, report: &StatusReport) -> Result<Order, Fault> {
    let id = &report.broker_order_id;
    let order = find_at_broker(c, report.user, (&report.broker, id))?;
    order.ok_or_else(|| Fault::not_found("order", id))
}

fn find_at_broker(
    c: &mut SqliteConnection,
    user: UserId,
    (broker, id): (&BrokerName, &BrokerOrderId),
) -> Result<Option<Order>, Fault> {
    let row = table::table
        .filter(unindexed(table::user_id).eq(user.get()))
        .filter(table::broker_name.eq(broker.as_str()))
        .filter(table::broker_order_id.eq(id.as_str()))
        .order((table::trading_day.desc(), table::id.desc()))
        .select(COLUMNS)
        .get_result(c)
        .optional()?;
    into_order(row)
}

fn find(c: &mut SqliteConnection, user: UserId, public_id: &str) -> Result<Option<Order>, Fault> {
    let of_user = table::table.filter(unindexed(table::user_id).eq(user.get()));
    // An order keeps answering to its local id after the broker gave it another.
    if let Some(intent) = public_id.strip_prefix("local:") {
        let row = of_user
            .filter(table::intent_id.eq(intent))
            .select(COLUMNS)
            .get_result(c);
        return into_order(row.optional()?);
    }
    let rows = of_user
        .filter(table::broker_order_id.eq(public_id))
        .order((table::trading_day.desc(), table::id.desc()))
        .select(COLUMNS)
        .load_iter::<Reading, DefaultLoadingMode>(c)?;
    let mut of_latest_day: Vec<Order> = Vec::new();
    for row in rows {
        let order = row?.0?;
        let is_older = |latest: &Order| order.intent.trading_day < latest.intent.trading_day;
        if of_latest_day.first().is_some_and(is_older) {
            break;
        }
        of_latest_day.push(order);
    }
    Ok(only_one(public_id, of_latest_day)?)
}

fn find_by_client_id(
    c: &mut SqliteConnection,
    user: UserId,
    (id, since): (&ClientOrderId, Timestamp),
) -> Result<Option<Order>, Fault> {
    let row = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::client_order_id.eq(id.as_str()))
        .filter(table::request.is_null())
        .filter(table::placed_at.ge(since.to_string()))
        .order(table::id.desc())
        .select(COLUMNS)
        .get_result(c)
        .optional()?;
    into_order(row)
}

fn find_by_request(
    c: &mut SqliteConnection,
    key: &RequestKey,
    since: Timestamp,
) -> Result<Vec<Order>, Fault> {
    let (from, before) = texts_of(key);
    let rows = table::table
        .filter(table::user_id.eq(key.user.get()))
        .filter(table::request.ge(from))
        .filter(table::request.lt(before))
        .filter(table::placed_at.ge(since.to_string()))
        .order(unindexed(table::id).asc())
        .select(COLUMNS)
        .load_iter::<Reading, DefaultLoadingMode>(c)?;
    rows.map(|row| Ok(row?.0?)).collect()
}

/// How many orders are expected where so many are asked for at most: a full page is not moved
/// while it grows, and whoever asks for everything gets no more room than that.
fn room(limit: u32) -> usize {
    usize::try_from(limit.min(1_024)).unwrap_or_default()
}

fn list(c: &mut SqliteConnection, query: &OrderQuery) -> Result<Vec<Order>, Fault> {
    let mut rows = table::table
        .select(COLUMNS)
        .filter(table::user_id.eq(query.user.get()))
        .limit(query.limit.into())
        .into_boxed();
    if let Some(broker) = &query.broker {
        rows = rows.filter(table::broker_name.eq(broker.as_str()));
    }
    rows = match query.day {
        None => rows.order(table::id.desc()),
        Some(day) => rows
            .filter(table::trading_day.eq(day.to_string()))
            .order(unindexed(table::id).desc()),
    };
    let mut orders = Vec::with_capacity(room(query.limit));
    for row in rows.load_iter::<Reading, DefaultLoadingMode>(c)? {
        orders.push(row?.0?);
    }
    Ok(orders)
}

fn count(
    c: &mut SqliteConnection,
    (user, day): (UserId, TradingDay),
) -> Result<BTreeMap<BrokerName, u64>, Fault> {
    let rows = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::trading_day.eq(day.to_string()))
        .group_by(table::broker_name)
        .select((table::broker_name, count_star()))
        .load::<(String, i64)>(c)?;
    let counted = |(broker, orders): (String, i64)| {
        let broker = broker.parse().map_err(|error: TextError| {
            let place = Place {
                table: "orders",
                row: 0,
            };
            place.corrupt("broker_name", error)
        })?;
        Ok((broker, orders.unsigned_abs()))
    };
    rows.into_iter().map(counted).collect()
}

/// Every order without an outcome may have left this process: [`insert`] writes an order as sent,
/// in one commit with its plan and before anybody sends it.
fn unresolved(c: &mut SqliteConnection) -> Result<Vec<Order>, Fault> {
    let rows = table::table
        .filter(sql::<Bool>(UNRESOLVED))
        .order(table::id.asc())
        .select(COLUMNS)
        .load_iter::<Reading, DefaultLoadingMode>(c)?;
    rows.map(|row| Ok(row?.0?)).collect()
}

fn journal_of(c: &mut SqliteConnection, order: OrderId) -> Result<Vec<OrderEvent>, Fault> {
    let entries = journal::entries(c, order)?;
    // No order is without an entry.
    if entries.is_empty() {
        return Err(Fault::not_found("order", order));
    }
    Ok(entries)
}

/// The order of a ledger's account with this intent.
pub(crate) fn find_by_intent(
    c: &mut SqliteConnection,
    (user, broker): (UserId, &BrokerName),
    intent: IntentId,
) -> Result<Option<Order>, Fault> {
    let row = table::table
        .filter(table::intent_id.eq(intent.to_string()))
        .filter(table::user_id.eq(user.get()))
        .filter(table::broker_name.eq(broker.as_str()))
        .select(COLUMNS)
        .get_result(c)
        .optional()?;
    into_order(row)
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
        self.read("find the order", move |c, _| find(c, user, &public_id))
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
            find_at_broker(c, user, (&broker, &id))
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
            find_by_client_id(c, user, (&id, since))
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
            find_by_request(c, &key, since)
        })
        .await
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
        let query = query.clone();
        self.read("list the orders", move |c, _| list(c, &query))
            .await
    }

    async fn count(
        &self,
        user: UserId,
        day: TradingDay,
    ) -> Result<BTreeMap<BrokerName, u64>, StoreError> {
        self.read("count the orders", move |c, _| count(c, (user, day)))
            .await
    }

    async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.read("list the unresolved orders", |c, _| unresolved(c))
            .await
    }

    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        self.read("read the journal", move |c, _| journal_of(c, order))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;
    use openalgo_core::order::{OrderStatus, RequestKind};
    use openalgo_core::value::{Price, Quantity};

    const ME: UserId = UserId::new(1);

    fn broker() -> BrokerName {
        "zerodha".parse().unwrap()
    }

    fn query(broker: Option<BrokerName>, day: Option<&str>) -> OrderQuery {
        OrderQuery {
            user: ME,
            broker,
            day: day.map(|day| day.parse().unwrap()),
            limit: 10,
        }
    }

    #[test]
    fn no_query_walks_through_the_whole_history() {
        let report = StatusReport {
            user: ME,
            broker: broker(),
            broker_order_id: "Z1".parse().unwrap(),
            status: OrderStatus::Open,
            filled: Quantity::ZERO,
            average: Price::ZERO,
            at: Timestamp::from_micros(0).unwrap(),
        };
        let plan = plan_of(|c| reported_order(c, &report).is_ok());
        assert!(plan.contains("idx_orders_broker_oid"), "{plan}");
        let plan = plan_of(|c| find(c, ME, "Z1"));
        assert!(plan.contains("idx_orders_broker_oid"), "{plan}");
        let plan = plan_of(|c| find(c, ME, "local:1"));
        assert!(plan.contains("(intent_id=?)"), "{plan}");
        let client = "c".parse().unwrap();
        let plan = plan_of(|c| find_by_client_id(c, ME, (&client, report.at)));
        assert!(plan.contains("idx_orders_client_id"), "{plan}");
        let key = RequestKey {
            user: ME,
            kind: RequestKind::Split,
            id: "c".parse().unwrap(),
        };
        let plan = plan_of(|c| find_by_request(c, &key, report.at));
        assert!(plan.contains("idx_orders_request"), "{plan}");
        let plan = plan_of(unresolved);
        assert!(plan.contains("idx_orders_unresolved"), "{plan}");
    }

    #[test]
    fn lists_stop_early_or_look_at_one_day() {
        for broker in [None, Some(broker())] {
            let plan = plan_of(|c| list(c, &query(broker.clone(), None)));
            assert!(plan.contains("idx_orders_user"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
            let plan = plan_of(|c| list(c, &query(broker, Some("2026-11-25"))));
            assert!(plan.contains("(user_id=? AND trading_day=?"), "{plan}");
        }
    }

    #[test]
    fn orders_are_counted_without_reading_one() {
        let day = "2026-11-25".parse().unwrap();
        let plan = plan_of(|c| count(c, (ME, day)));
        let index = "COVERING INDEX idx_orders_identity (user_id=? AND trading_day=?)";
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
