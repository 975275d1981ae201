//! How long orders take.

use crate::bridge::Database;
use crate::column::{Place, Text, Whole};
use crate::error::{Explain, Fault};
use crate::schema::latency_metrics as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::monitor::{LatencyMetric, LatencySplit};
use openalgo_core::port::{LatencyMetricRepository, StoreError};

/// A row without its number.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(Sqlite), treat_none_as_default_value = false)]
pub(crate) struct MetricRow {
    user_id: Option<i64>,
    broker_name: Text,
    order_id: Option<Text>,
    operation: Text,
    latency_ms: Whole,
    created_at: Text,
    queue_us: Option<Whole>,
    own_us: Option<Whole>,
    broker_us: Option<Whole>,
}

impl MetricRow {
    fn of(metric: &LatencyMetric) -> Self {
        Self {
            user_id: metric.user.map(UserId::get),
            broker_name: metric.broker.to_string().into(),
            order_id: metric.order_id.clone().map(Text::from),
            operation: metric.operation.to_string().into(),
            latency_ms: metric.latency.into(),
            created_at: metric.created_at.to_string().into(),
            queue_us: metric.split.map(|split| Whole::micros(split.queue)),
            own_us: metric.split.map(|split| Whole::micros(split.own)),
            broker_us: metric.split.map(|split| Whole::micros(split.broker)),
        }
    }
}

fn read((id, row): (i64, MetricRow)) -> Result<LatencyMetric, StoreError> {
    let place = Place {
        table: "latency_metrics",
        row: id,
    };
    Ok(LatencyMetric {
        user: row.user_id.map(UserId::new),
        broker: place.broker(&row.broker_name)?,
        order_id: place.optional_text("order_id", row.order_id.as_ref())?,
        operation: place.word("operation", &row.operation)?,
        latency: place.span("latency_ms", row.latency_ms)?,
        split: split(place, &row)?,
        created_at: place.instant("created_at", &row.created_at)?,
    })
}

/// The parts; they are all there or none is.
fn split(place: Place, row: &MetricRow) -> Result<Option<LatencySplit>, StoreError> {
    let Some(queue) = row.queue_us else {
        return Ok(None);
    };
    let part = |column, cell: Option<Whole>| {
        let cell = cell.ok_or_else(|| place.corrupt(column, "a part of the time is missing"))?;
        place.micros(column, cell)
    };
    Ok(Some(LatencySplit {
        queue: place.micros("queue_us", queue)?,
        own: part("own_us", row.own_us)?,
        broker: part("broker_us", row.broker_us)?,
    }))
}

fn insert(c: &mut SqliteConnection, metric: &LatencyMetric) -> Result<(), Fault> {
    diesel::insert_into(table::table)
        .values(MetricRow::of(metric))
        .execute(c)
        .dangling("user", metric.user.map_or(0, UserId::get))?;
    Ok(())
}

fn list(
    c: &mut SqliteConnection,
    (user, broker): (Option<UserId>, Option<&BrokerName>),
    limit: u32,
) -> Result<Vec<LatencyMetric>, Fault> {
    let mut rows = table::table
        .order(table::id.desc())
        .limit(limit.into())
        .select((table::id, MetricRow::as_select()))
        .into_boxed();
    if let Some(broker) = broker {
        rows = rows.filter(table::broker_name.eq(broker.as_str()));
    }
    if let Some(user) = user {
        rows = rows.filter(table::user_id.eq(user.get()));
    }
    let metrics = rows.load::<(i64, MetricRow)>(c)?.into_iter().map(read);
    Ok(metrics.collect::<Result<_, _>>()?)
}

/// Reads every row; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select((table::id, MetricRow::as_select()));
    for row in rows.load_iter::<(i64, MetricRow), _>(c)? {
        read(row?)?;
    }
    Ok(())
}

#[async_trait]
impl LatencyMetricRepository for Database {
    async fn insert(&self, metric: &LatencyMetric) -> Result<(), StoreError> {
        let metric = metric.clone();
        self.write("keep the latency", move |c, _| insert(c, &metric))
            .await
    }

    async fn list(
        &self,
        user: Option<UserId>,
        broker: Option<BrokerName>,
        limit: u32,
    ) -> Result<Vec<LatencyMetric>, StoreError> {
        self.read("list the latencies", move |c, _| {
            list(c, (user, broker.as_ref()), limit)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;

    #[test]
    fn lists_stop_early() {
        let zerodha: BrokerName = "zerodha".parse().unwrap();
        for user in [None, Some(UserId::new(1))] {
            for broker in [None, Some(&zerodha)] {
                let plan = plan_of(|c| list(c, (user, broker), 10));
                assert!(!plan.contains("TEMP B-TREE"), "{plan}");
                assert_eq!(plan.contains("idx_latency_broker"), broker.is_some());
            }
        }
    }
}
