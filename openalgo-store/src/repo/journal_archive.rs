//! The journal as a whole, read as it is stored.

use crate::bridge::Database;
use crate::error::Fault;
use crate::journal::{GENESIS, to_hex};
use crate::plan::unindexed;
use crate::row::event::{LooseEvent, NumberedEvent};
use crate::schema::{order_events as table, orders};
use crate::verify;
use async_trait::async_trait;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::journal::{ChainLink, JournalExtent, JournalReport, JournalScope, StoredEntry};
use openalgo_core::port::{JournalArchive, StoreError};

type Condition =
    Box<dyn BoxableExpression<table::table, Sqlite, SqlType = diesel::sql_types::Bool>>;

/// What an entry must be to be in the scope.
pub(crate) fn within(c: &mut SqliteConnection, scope: &JournalScope) -> Result<Condition, Fault> {
    let mut all: Condition = Box::new(table::id.gt(0));
    if let Some(user) = scope.user {
        // By the index of users, each page would sort all of their entries.
        all = Box::new(all.and(unindexed(table::user_id).eq(user.get())));
    }
    if let Some(broker) = &scope.broker {
        all = Box::new(all.and(table::broker_name.eq(broker.to_string())));
    }
    if let Some(from) = scope.from {
        all = Box::new(all.and(table::at.ge(from.to_string())));
    }
    if let Some(until) = scope.until {
        all = Box::new(all.and(table::at.lt(until.to_string())));
    }
    if let Some(order) = &scope.order {
        all = Box::new(all.and(table::order_id.eq_any(named(c, order)?)));
    }
    Ok(all)
}

/// The orders that have or had this public id.
fn named(c: &mut SqliteConnection, public_id: &str) -> Result<Vec<i64>, Fault> {
    let orders = match public_id.strip_prefix("local:") {
        Some(intent) => orders::table
            .filter(orders::intent_id.eq(intent))
            .select(orders::id)
            .load(c)?,
        None => orders::table
            .filter(orders::broker_order_id.eq(public_id))
            .select(orders::id)
            .load(c)?,
    };
    Ok(orders)
}

fn extent(c: &mut SqliteConnection, scope: &JournalScope) -> Result<JournalExtent, Fault> {
    let condition = within(c, scope)?;
    let (entries, last) = table::table
        .filter(condition)
        .select((count_star(), max(table::id)))
        .get_result::<(i64, Option<i64>)>(c)?;
    Ok(JournalExtent {
        entries: u64::try_from(entries).unwrap_or_default(),
        last: last.unwrap_or_default(),
    })
}

fn entries(
    c: &mut SqliteConnection,
    scope: &JournalScope,
    (after, limit): (i64, u32),
) -> Result<Vec<StoredEntry>, Fault> {
    let condition = within(c, scope)?;
    let rows: Vec<LooseEvent> = table::table
        .filter(condition)
        .filter(table::id.gt(after))
        .order(table::id.asc())
        .limit(limit.into())
        .select(LooseEvent::as_select())
        .load(c)?;
    rows.into_iter()
        .map(|row| stored(c, row.strict()?))
        .collect()
}

fn stored(c: &mut SqliteConnection, entry: NumberedEvent) -> Result<StoredEntry, Fault> {
    let NumberedEvent { id, event } = entry;
    let previous = table::table
        .filter(table::user_id.eq(event.user_id))
        .filter(table::broker_name.eq(&event.broker_name))
        .filter(table::id.lt(id))
        .order(table::id.desc())
        .select(table::mac)
        .get_result::<String>(c)
        .optional()?;
    Ok(StoredEntry {
        number: id,
        user: event.user_id,
        broker: event.broker_name,
        order: event.order_id,
        seq: event.seq,
        event: event.event,
        at: event.at,
        payload: event.payload,
        link: Some(ChainLink {
            previous: previous.unwrap_or_else(|| to_hex(&GENESIS)),
            seal: event.mac,
        }),
    })
}

#[async_trait]
impl JournalArchive for Database {
    async fn verify(&self, scope: &JournalScope) -> Result<JournalReport, StoreError> {
        verify::run(self, scope.clone()).await
    }

    async fn extent(&self, scope: &JournalScope) -> Result<JournalExtent, StoreError> {
        let scope = scope.clone();
        self.read("count the entries of the journal", move |c, _| {
            extent(c, &scope)
        })
        .await
    }

    async fn entries(
        &self,
        scope: &JournalScope,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let scope = scope.clone();
        self.read("read the journal", move |c, _| {
            entries(c, &scope, (after, limit))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;
    use openalgo_core::id::UserId;

    #[test]
    fn pages_are_read_in_the_order_of_their_numbers() {
        let user = Some(UserId::new(1));
        for scope in [
            JournalScope::default(),
            JournalScope {
                user,
                ..JournalScope::default()
            },
        ] {
            let plan = plan_of(|c| entries(c, &scope, (5, 10)));
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
