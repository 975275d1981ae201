//! Finding orders. No query walks through the whole history; the tests look at the plan of each.

use crate::column::Place;
use crate::error::Fault;
use crate::plan::unindexed;
use crate::row::order::{COLUMNS, Reading};
use crate::row::request::texts_of;
use crate::schema::orders as table;
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{
    BrokerName, BrokerOrderId, ClientOrderId, IntentId, OrderId, TextError, UserId,
};
use openalgo_core::market::{Timestamp, TradingDay};
use openalgo_core::order::{Order, OrderStatus, RequestKey};
use openalgo_core::port::{OrderQuery, StatusReport, only_one};
use std::collections::BTreeMap;

/// The condition of the partial index over intents without an outcome; SQLite uses the index
/// only for a query that repeats it word by word.
const UNRESOLVED: &str = "intent_state <> 'resolved'";

fn into_order(row: Option<Reading>) -> Result<Option<Order>, Fault> {
    let order = row.map(|Reading(order)| order).transpose()?;
    Ok(order)
}

pub(super) fn get(c: &mut SqliteConnection, id: OrderId) -> Result<Option<Order>, Fault> {
    let row = table::table
        .find(id.get())
        .select(COLUMNS)
        .get_result(c)
        .optional()?;
    into_order(row)
}

/// The order a report is about: ids return from day to day, so the latest day counts.
pub(super) fn reported_order(
    c: &mut SqliteConnection,
    report: &StatusReport,
) -> Result<Order, Fault> {
    let id = &report.broker_order_id;
    let order = find_at_broker(c, report.user, (&report.broker, id))?;
    order.ok_or_else(|| Fault::not_found("order", id))
}

pub(super) fn find_at_broker(
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

pub(super) fn find(
    c: &mut SqliteConnection,
    user: UserId,
    public_id: &str,
) -> Result<Option<Order>, Fault> {
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

pub(super) fn find_by_client_id(
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

pub(super) fn find_by_request(
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

pub(super) fn list(c: &mut SqliteConnection, query: &OrderQuery) -> Result<Vec<Order>, Fault> {
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

pub(super) fn count(
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

/// Every order without an outcome may have left this process: [`insert`](super::insert) writes an order as sent,
/// in one commit with its plan and before anybody sends it.
pub(super) fn unresolved(c: &mut SqliteConnection) -> Result<Vec<Order>, Fault> {
    let rows = table::table
        .filter(sql::<Bool>(UNRESOLVED))
        .order(table::id.asc())
        .select(COLUMNS)
        .load_iter::<Reading, DefaultLoadingMode>(c)?;
    rows.map(|row| Ok(row?.0?)).collect()
}

/// The orders of an account that are open and of sessions before this one.
pub(super) fn left_open(
    c: &mut SqliteConnection,
    (user, broker): (UserId, &BrokerName),
    before: TradingDay,
) -> Result<Vec<Order>, Fault> {
    let open = [OrderStatus::Open, OrderStatus::TriggerPending];
    let rows = table::table
        .filter(table::status.eq_any(open.map(OrderStatus::as_str)))
        .filter(table::user_id.eq(user.get()))
        .filter(table::broker_name.eq(broker.as_str()))
        .filter(table::trading_day.lt(before.to_string()))
        .order(table::id.asc())
        .select(COLUMNS)
        .load_iter::<Reading, DefaultLoadingMode>(c)?;
    rows.map(|row| Ok(row?.0?)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;
    use openalgo_core::order::RequestKind;
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
