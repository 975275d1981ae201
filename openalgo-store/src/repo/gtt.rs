//! Orders that wait for a price.

use crate::bridge::Database;
use crate::error::{Explain, Fault, met_a_row};
use crate::row::gtt::{GttStandRow, GttTermsRow, LegRow, into_gtt};
use crate::schema::{gtt_legs as legs, gtt_orders as table};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{GttId, TriggerId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::order::{Gtt, GttStatus, LegStatus, TriggerSide};
use openalgo_core::port::{GttQuery, GttRepository, StoreError};

/// A row with its number.
type Row = (i64, GttTermsRow, GttStandRow);

fn insert(c: &mut SqliteConnection, gtt: &Gtt) -> Result<GttId, Fault> {
    let id: i64 = diesel::insert_into(table::table)
        .values((GttTermsRow::of(gtt), GttStandRow::of(gtt)))
        .returning(table::id)
        .get_result(c)
        .duplicate("gtt_orders.trigger_id", "trigger id", &gtt.trigger_id)
        .dangling("user", gtt.user)?;
    let id = GttId::new(id);
    insert_legs(c, id, gtt)?;
    Ok(id)
}

fn insert_legs(c: &mut SqliteConnection, id: GttId, gtt: &Gtt) -> Result<(), Fault> {
    for leg in gtt.legs.as_slice() {
        diesel::insert_into(legs::table)
            .values(LegRow::of(id, leg))
            .execute(c)
            .dangling("order of GTT", &gtt.trigger_id)?;
    }
    Ok(())
}

fn with_legs(c: &mut SqliteConnection, (id, terms, stand): Row) -> Result<Gtt, Fault> {
    let legs = legs::table
        .filter(legs::gtt_id.eq(id))
        .select((legs::id, LegRow::as_select()))
        .load(c)?;
    Ok(into_gtt(id, (terms, stand), legs)?)
}

fn find(c: &mut SqliteConnection, user: UserId, id: &TriggerId) -> Result<Option<Gtt>, Fault> {
    let row: Option<Row> = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::trigger_id.eq(id.as_str()))
        // Two brokers may have given the same id; people mean the newer.
        .order(table::id.desc())
        .select((
            table::id,
            GttTermsRow::as_select(),
            GttStandRow::as_select(),
        ))
        .get_result(c)
        .optional()?;
    row.map(|row| with_legs(c, row)).transpose()
}

fn rows(c: &mut SqliteConnection, query: GttQuery) -> Result<Vec<Row>, Fault> {
    let mut rows = table::table
        .order(table::id.desc())
        .select((
            table::id,
            GttTermsRow::as_select(),
            GttStandRow::as_select(),
        ))
        .into_boxed();
    if let Some(user) = query.user {
        rows = rows.filter(table::user_id.eq(user.get()));
    }
    if let Some(status) = query.status {
        rows = rows.filter(table::status.eq(status.as_str()));
    }
    Ok(rows.load(c)?)
}

fn list(c: &mut SqliteConnection, query: GttQuery) -> Result<Vec<Gtt>, Fault> {
    let rows = rows(c, query)?.into_iter();
    rows.map(|row| with_legs(c, row)).collect()
}

fn active(c: &mut SqliteConnection) -> Result<Vec<Result<Gtt, StoreError>>, Fault> {
    let active = GttQuery {
        user: None,
        status: Some(GttStatus::Active),
    };
    let rows = rows(c, active)?.into_iter();
    let each = rows.map(|row| match with_legs(c, row) {
        Ok(gtt) => Ok(Ok(gtt)),
        Err(Fault::Store(damaged)) => Ok(Err(damaged)),
        Err(fault) => Err(fault),
    });
    each.collect()
}

fn update(c: &mut SqliteConnection, gtt: &Gtt) -> Result<(), Fault> {
    let rows = diesel::update(table::table.find(gtt.id.get()))
        .set((
            GttStandRow::of(gtt),
            table::trigger_type.eq(gtt.legs.trigger_type().as_str()),
        ))
        .execute(c)?;
    met_a_row(rows, "GTT", gtt.id)?;
    diesel::delete(legs::table.filter(legs::gtt_id.eq(gtt.id.get()))).execute(c)?;
    insert_legs(c, gtt.id, gtt)
}

fn claim(
    c: &mut SqliteConnection,
    (id, side): (GttId, TriggerSide),
    at: Timestamp,
) -> Result<bool, Fault> {
    let status: String = table::table
        .find(id.get())
        .select(table::status)
        .get_result(c)
        .optional()?
        .ok_or_else(|| Fault::not_found("GTT", id))?;
    let touched: i64 = legs::table
        .filter(legs::gtt_id.eq(id.get()))
        .filter(legs::status.ne(LegStatus::Pending.as_str()))
        .count()
        .get_result(c)?;
    if status != GttStatus::Active.as_str() || touched > 0 {
        return Ok(false);
    }
    let leg = legs::table
        .filter(legs::gtt_id.eq(id.get()))
        .filter(legs::fires.eq(side.as_str()));
    let claimed = diesel::update(leg)
        .set((
            legs::status.eq(LegStatus::Triggering.as_str()),
            legs::claimed_at.eq(at.to_string()),
        ))
        .execute(c)?;
    if claimed > 0 {
        diesel::update(table::table.find(id.get()))
            .set(table::updated_at.eq(at.to_string()))
            .execute(c)?;
    }
    Ok(claimed > 0)
}

/// Reads every row; gives the first that makes no sense.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    list(c, GttQuery::default()).map(drop)
}

#[async_trait]
impl GttRepository for Database {
    async fn insert(&self, gtt: &Gtt) -> Result<GttId, StoreError> {
        let gtt = gtt.clone();
        self.write("keep the GTT", move |c, _| insert(c, &gtt))
            .await
    }

    async fn find(&self, user: UserId, id: &TriggerId) -> Result<Option<Gtt>, StoreError> {
        let id = id.clone();
        self.read("find the GTT", move |c, _| find(c, user, &id))
            .await
    }

    async fn list(&self, query: GttQuery) -> Result<Vec<Gtt>, StoreError> {
        self.read("list the GTTs", move |c, _| list(c, query)).await
    }

    async fn active(&self) -> Result<Vec<Result<Gtt, StoreError>>, StoreError> {
        self.read("list the active GTTs", |c, _| active(c)).await
    }

    async fn update(&self, gtt: &Gtt) -> Result<(), StoreError> {
        let gtt = gtt.clone();
        self.write("change the GTT", move |c, _| update(c, &gtt))
            .await
    }

    async fn claim(&self, id: GttId, side: TriggerSide, at: Timestamp) -> Result<bool, StoreError> {
        self.write("claim the leg of the GTT", move |c, _| {
            claim(c, (id, side), at)
        })
        .await
    }
}
