//! Delivered shares.

use crate::bridge::Database;
use crate::error::{Explain, Fault};
use crate::row::holding::HoldingRow;
use crate::schema::holdings as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{BrokerName, UserId};
use openalgo_core::port::{HoldingRepository, StoreError};
use openalgo_core::portfolio::Holding;

/// Keeps a holding in place of the one with the same user, broker and symbol.
pub(crate) fn upsert(c: &mut SqliteConnection, holding: &Holding) -> Result<(), Fault> {
    let row = HoldingRow::of(holding)?;
    diesel::insert_into(table::table)
        .values(&row)
        .on_conflict((table::user_id, table::broker_name, table::symbol))
        .do_update()
        .set(&row)
        .execute(c)
        .dangling("user", holding.key.user)?;
    Ok(())
}

/// The holdings of a user; what was sold as a whole is none.
pub(crate) fn list(
    c: &mut SqliteConnection,
    user: UserId,
    broker: Option<&BrokerName>,
) -> Result<Vec<Holding>, Fault> {
    let mut rows = table::table
        .select((table::id, HoldingRow::as_select()))
        .filter(table::user_id.eq(user.get()))
        .filter(table::quantity.ne(0).or(table::t1_quantity.ne(0)))
        .order(table::id.asc())
        .into_boxed();
    if let Some(broker) = broker {
        rows = rows.filter(table::broker_name.eq(broker.as_str()));
    }
    let holdings = rows
        .load::<(i64, HoldingRow)>(c)?
        .into_iter()
        .map(|(id, row)| row.into_holding(id))
        .collect::<Result<_, _>>()?;
    Ok(holdings)
}

#[async_trait]
impl HoldingRepository for Database {
    async fn upsert(&self, holding: &Holding) -> Result<(), StoreError> {
        let holding = holding.clone();
        self.write("keep the holding", move |c, _| upsert(c, &holding))
            .await
    }

    async fn list<'a>(
        &self,
        user: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<Vec<Holding>, StoreError> {
        let broker = broker.cloned();
        self.read("list the holdings", move |c, _| {
            list(c, user, broker.as_ref())
        })
        .await
    }
}
