//! Positions.

use crate::bridge::Database;
use crate::error::{Explain, Fault};
use crate::row::position::PositionRow;
use crate::schema::positions as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{PositionRepository, StoreError};
use openalgo_core::portfolio::Position;

/// Keeps a position in place of the one with the same key.
pub(crate) fn upsert(c: &mut SqliteConnection, position: &Position) -> Result<(), Fault> {
    let row = PositionRow::of(position)?;
    diesel::insert_into(table::table)
        .values(&row)
        .on_conflict((
            table::user_id,
            table::broker_name,
            table::exchange,
            table::symbol,
            table::product,
        ))
        .do_update()
        .set(&row)
        .execute(c)
        .dangling("user", position.key.user)?;
    Ok(())
}

fn into_positions(rows: Vec<(i64, PositionRow)>) -> Result<Vec<Position>, Fault> {
    let positions = rows
        .into_iter()
        .map(|(id, row)| row.into_position(id))
        .collect::<Result<_, _>>()?;
    Ok(positions)
}

fn list(
    c: &mut SqliteConnection,
    user: UserId,
    broker: Option<&BrokerName>,
) -> Result<Vec<Position>, Fault> {
    let mut rows = table::table
        .select((table::id, PositionRow::as_select()))
        .filter(table::user_id.eq(user.get()))
        .filter(table::quantity.ne(0))
        .order(table::id.asc())
        .into_boxed();
    if let Some(broker) = broker {
        rows = rows.filter(table::broker_name.eq(broker.as_str()));
    }
    into_positions(rows.load(c)?)
}

fn of_day(
    c: &mut SqliteConnection,
    (user, broker): (UserId, &BrokerName),
    since: Timestamp,
) -> Result<Vec<Position>, Fault> {
    let was_closed = table::today_realized_pnl
        .ne(0.0)
        .and(table::updated_at.ge(since.to_string()));
    let rows = table::table
        .select((table::id, PositionRow::as_select()))
        .filter(table::user_id.eq(user.get()))
        .filter(table::broker_name.eq(broker.as_str()))
        .filter(table::quantity.ne(0).or(was_closed))
        .order(table::id.asc());
    into_positions(rows.load(c)?)
}

/// All positions that an account ever had. A flat one keeps what it made or lost: the account goes
/// on from there when the position is opened again.
pub(crate) fn of_account(
    c: &mut SqliteConnection,
    user: UserId,
    broker: &BrokerName,
) -> Result<Vec<Position>, Fault> {
    let rows = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::broker_name.eq(broker.as_str()))
        .order(table::id.asc())
        .select((table::id, PositionRow::as_select()))
        .load(c)?;
    into_positions(rows)
}

#[async_trait]
impl PositionRepository for Database {
    async fn upsert(&self, position: &Position) -> Result<(), StoreError> {
        let position = position.clone();
        self.write("keep the position", move |c, _| upsert(c, &position))
            .await
    }

    async fn list<'a>(
        &self,
        user: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<Vec<Position>, StoreError> {
        let broker = broker.cloned();
        self.read("list the positions", move |c, _| {
            list(c, user, broker.as_ref())
        })
        .await
    }

    async fn of_day(
        &self,
        user: UserId,
        broker: &BrokerName,
        since: Timestamp,
    ) -> Result<Vec<Position>, StoreError> {
        let broker = broker.clone();
        self.read("list the positions of a day", move |c, _| {
            of_day(c, (user, &broker), since)
        })
        .await
    }
}
