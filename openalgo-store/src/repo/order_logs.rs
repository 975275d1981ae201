//! The log of requests. A trigger of the database removes what is older than thirty days.

use crate::bridge::Database;
use crate::column::{Place, Text, Whole};
use crate::error::{Explain, Fault};
use crate::schema::order_logs as table;
use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::id::UserId;
use openalgo_core::monitor::{NewOrderLog, OrderLog};
use openalgo_core::port::{OrderLogQuery, OrderLogRepository, StoreError};

/// The clock by which the trigger measures the age of a row, finer than the column's default.
const WALL_TIME: &str = "strftime('%Y-%m-%d %H:%M:%f', 'now')";

/// A row without its number and time.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(Sqlite), treat_none_as_default_value = false)]
pub(crate) struct LogRow {
    user_id: Option<i64>,
    endpoint: Text,
    method: Text,
    request_data: Option<Text>,
    response_data: Option<Text>,
    status_code: Option<Whole>,
    latency_ms: Option<Whole>,
    ip_address: Option<Text>,
    user_agent: Option<Text>,
}

/// A row with its number and time.
type Stored = (i64, LogRow, Text);

impl LogRow {
    fn of(log: &NewOrderLog) -> Self {
        Self {
            user_id: log.user.map(UserId::get),
            endpoint: log.endpoint.clone().into(),
            method: log.method.clone().into(),
            request_data: log.request.clone().map(Text::from),
            response_data: log.response.clone().map(Text::from),
            status_code: log.status_code.map(Whole::from),
            latency_ms: log.latency.map(Whole::from),
            ip_address: log.ip_address.clone().map(Text::from),
            user_agent: log.user_agent.clone().map(Text::from),
        }
    }
}

fn read((id, row, created_at): Stored) -> Result<OrderLog, StoreError> {
    let place = Place {
        table: "order_logs",
        row: id,
    };
    let latency = row.latency_ms;
    Ok(OrderLog {
        entry: NewOrderLog {
            user: row.user_id.map(UserId::new),
            endpoint: place.text("endpoint", &row.endpoint)?.to_owned(),
            method: place.text("method", &row.method)?.to_owned(),
            request: place.optional_text("request_data", row.request_data.as_ref())?,
            response: place.optional_text("response_data", row.response_data.as_ref())?,
            status_code: place.optional_whole("status_code", row.status_code)?,
            latency: latency
                .map(|cell| place.span("latency_ms", cell))
                .transpose()?,
            ip_address: place.optional_text("ip_address", row.ip_address.as_ref())?,
            user_agent: place.optional_text("user_agent", row.user_agent.as_ref())?,
        },
        created_at: place.instant("created_at", &created_at)?,
    })
}

fn insert(c: &mut SqliteConnection, log: &NewOrderLog) -> Result<(), Fault> {
    diesel::insert_into(table::table)
        .values((
            LogRow::of(log),
            table::created_at.eq(sql::<sql_types::Text>(WALL_TIME)),
        ))
        .execute(c)
        .dangling("user", log.user.map_or(0, UserId::get))?;
    Ok(())
}

/// What is no JSON is not asked for a field of it.
const FAILED: &str = "CASE WHEN json_valid(response_data) \
                      THEN json_extract(response_data, '$.status') = 'error' ELSE 0 END";

fn list(c: &mut SqliteConnection, query: &OrderLogQuery) -> Result<Vec<OrderLog>, Fault> {
    let mut rows = table::table
        .order(table::id.desc())
        .limit(query.limit.into())
        .select((table::id, LogRow::as_select(), table::created_at))
        .into_boxed();
    if let Some(user) = query.user {
        rows = rows.filter(table::user_id.eq(user.get()));
    }
    if query.failed {
        rows = rows.filter(sql::<sql_types::Nullable<sql_types::Bool>>(FAILED));
    }
    let logs = rows.load::<Stored>(c)?.into_iter().map(read);
    Ok(logs.collect::<Result<_, _>>()?)
}

/// Reads every row; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table.order(table::id.asc()).select((
        table::id,
        LogRow::as_select(),
        table::created_at,
    ));
    for row in rows.load_iter::<Stored, _>(c)? {
        read(row?)?;
    }
    Ok(())
}

#[async_trait]
impl OrderLogRepository for Database {
    async fn insert(&self, log: &NewOrderLog) -> Result<(), StoreError> {
        let log = log.clone();
        self.write("log the request", move |c, _| insert(c, &log))
            .await
    }

    async fn list(&self, query: &OrderLogQuery) -> Result<Vec<OrderLog>, StoreError> {
        let query = query.clone();
        self.read("list the requests", move |c, _| list(c, &query))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;

    #[test]
    fn lists_stop_early() {
        for (user, failed) in [(None, false), (Some(UserId::new(1)), false), (None, true)] {
            let query = OrderLogQuery {
                user,
                failed,
                limit: 10,
            };
            let plan = plan_of(|c| list(c, &query));
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
            assert_eq!(plan.contains("idx_order_logs_user"), user.is_some());
        }
    }
}
