//! Orders that wait for approval.

use super::audit_log;
use crate::bridge::{Context, Database};
use crate::column::{Place, Text};
use crate::error::{Explain, Fault};
use crate::row::pending_order::PendingRow;
use crate::row::request::texts_of;
use crate::schema::pending_orders as table;
use async_trait::async_trait;
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{ClientOrderId, PendingOrderId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::monitor::{AuditEntry, Reason};
use openalgo_core::order::RequestKey;
use openalgo_core::port::{PendingOrderRepository, PendingOrdersRead, StoreError};
use openalgo_core::strategy::{ApprovalStatus, Decision, NewPendingOrder, PendingOrder};

const WAITING: &str = "PENDING";

fn insert(
    c: &mut SqliteConnection,
    ctx: &Context,
    orders: &[NewPendingOrder],
) -> Result<Vec<PendingOrder>, Fault> {
    let now = ctx.clock.now();
    let inserted = orders.iter().map(|asked| {
        let id: i64 = diesel::insert_into(table::table)
            .values(PendingRow::of(asked, now)?)
            .returning(table::id)
            .get_result(c)
            .dangling("user", asked.user)?;
        get(c, PendingOrderId::new(id))
    });
    inserted.collect()
}

fn get(c: &mut SqliteConnection, id: PendingOrderId) -> Result<PendingOrder, Fault> {
    let row: PendingRow = table::table
        .find(id.get())
        .select(PendingRow::as_select())
        .get_result(c)
        .optional()?
        .ok_or_else(|| Fault::not_found("pending order", id))?;
    Ok(row.into_order(id.get())?)
}

fn list(
    c: &mut SqliteConnection,
    (user, status): (UserId, Option<ApprovalStatus>),
) -> Result<Vec<Result<PendingOrder, StoreError>>, Fault> {
    let mut rows = table::table
        .filter(table::user_id.eq(user.get()))
        .order(table::id.desc())
        .select((table::id, PendingRow::as_select()))
        .into_boxed();
    if let Some(status) = status {
        rows = rows.filter(table::status.eq(status.as_str()));
    }
    let rows = rows.load::<(i64, PendingRow)>(c)?.into_iter();
    Ok(rows.map(|(id, row)| row.into_order(id)).collect())
}

fn count(c: &mut SqliteConnection, (user, status): (UserId, ApprovalStatus)) -> Result<u64, Fault> {
    let count: i64 = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::status.eq(status.as_str()))
        .count()
        .get_result(c)?;
    Ok(count.unsigned_abs())
}

fn find_by_client_id(
    c: &mut SqliteConnection,
    user: UserId,
    (id, since): (&ClientOrderId, Timestamp),
) -> Result<Option<PendingOrder>, Fault> {
    let row: Option<(i64, PendingRow)> = table::table
        .filter(table::user_id.eq(user.get()))
        .filter(table::client_order_id.eq(id.as_str()))
        .filter(table::request.is_null())
        .filter(table::created_at.ge(since.to_string()))
        .order(table::id.desc())
        .select((table::id, PendingRow::as_select()))
        .get_result(c)
        .optional()?;
    let order = row.map(|(id, row)| row.into_order(id));
    Ok(order.transpose()?)
}

fn find_by_request(
    c: &mut SqliteConnection,
    key: &RequestKey,
    since: Timestamp,
) -> Result<Vec<PendingOrder>, Fault> {
    let (from, before) = texts_of(key);
    let rows = table::table
        .filter(table::user_id.eq(key.user.get()))
        .filter(table::request.ge(from))
        .filter(table::request.lt(before))
        .filter(table::created_at.ge(since.to_string()))
        .order(table::id.asc())
        .select((table::id, PendingRow::as_select()))
        .load::<(i64, PendingRow)>(c)?;
    let orders = rows.into_iter().map(|(id, row)| row.into_order(id));
    Ok(orders.collect::<Result<_, _>>()?)
}

fn decide(
    c: &mut SqliteConnection,
    id: PendingOrderId,
    (decision, entry): (&Decision, &AuditEntry),
) -> Result<bool, Fault> {
    let now = entry.at.to_string();
    let waits = table::table
        .filter(table::id.eq(id.get()))
        .filter(table::status.eq(WAITING))
        .filter(table::expires_at.is_null().or(table::expires_at.gt(&now)));
    let rows = match decision {
        Decision::Approve => diesel::update(waits)
            .set((
                table::status.eq(ApprovalStatus::Approved.as_str()),
                table::approved_at.eq(&now),
            ))
            .execute(c)?,
        Decision::NothingToDo { why } => diesel::update(waits)
            .set((
                table::status.eq(ApprovalStatus::Approved.as_str()),
                table::approved_at.eq(&now),
                table::rejected_reason.eq(why.as_str()),
            ))
            .execute(c)?,
        Decision::Reject { reason } => diesel::update(waits)
            .set((
                table::status.eq(ApprovalStatus::Rejected.as_str()),
                table::rejected_at.eq(&now),
                table::rejected_reason.eq(reason.as_ref().map(Reason::as_str)),
            ))
            .execute(c)?,
    };
    recorded(c, id, (rows, entry))
}

/// Puts a change of a row on record; says whether there was one.
fn recorded(
    c: &mut SqliteConnection,
    id: PendingOrderId,
    (rows, entry): (usize, &AuditEntry),
) -> Result<bool, Fault> {
    if rows == 0 {
        exists(c, id)?;
        return Ok(false);
    }
    audit_log::append(c, entry)?;
    Ok(true)
}

/// An error when there is no such order.
fn exists(c: &mut SqliteConnection, id: PendingOrderId) -> Result<(), Fault> {
    let found: Option<i64> = table::table
        .find(id.get())
        .select(table::id)
        .get_result(c)
        .optional()?;
    let found = found.ok_or_else(|| Fault::not_found("pending order", id));
    found.map(drop)
}

fn next_expiry(c: &mut SqliteConnection) -> Result<Option<Timestamp>, Fault> {
    // Only the time is read: what else is damaged in a row keeps nobody from other orders, and
    // neither does a time that is, as long as there is another.
    let waiting = table::table
        .filter(table::status.eq(WAITING))
        .filter(table::expires_at.is_not_null())
        .order(table::expires_at.asc())
        .select((table::id, table::expires_at));
    let mut damage = None;
    for read in waiting.load_iter::<(i64, Option<Text>), DefaultLoadingMode>(c)? {
        let (row, at) = read?;
        let place = Place {
            table: "pending_orders",
            row,
        };
        match place.optional_instant("expires_at", at.as_ref()) {
            Ok(at) => return Ok(at),
            Err(error) => damage = damage.or(Some(error)),
        }
    }
    damage.map_or(Ok(None), |error| Err(error.into()))
}

fn expire(
    c: &mut SqliteConnection,
    now: Timestamp,
) -> Result<Vec<Result<PendingOrder, StoreError>>, Fault> {
    let lapsed = table::table
        .filter(table::status.eq(WAITING))
        .filter(table::expires_at.le(now.to_string()));
    let mut rows: Vec<(i64, PendingRow)> = diesel::update(lapsed)
        .set(table::status.eq(ApprovalStatus::Expired.as_str()))
        .returning((table::id, PendingRow::as_returning()))
        .get_results(c)?;
    rows.sort_unstable_by_key(|(id, _)| *id);
    let orders = rows.into_iter().map(|(id, row)| row.into_order(id));
    Ok(orders.collect())
}

fn delete(c: &mut SqliteConnection, id: PendingOrderId, entry: &AuditEntry) -> Result<bool, Fault> {
    let over = table::table
        .filter(table::id.eq(id.get()))
        .filter(table::status.ne(WAITING));
    let rows = diesel::delete(over).execute(c)?;
    recorded(c, id, (rows, entry))
}

/// Reads every row; gives the first that cannot be.
pub(crate) fn read_all(c: &mut SqliteConnection) -> Result<(), Fault> {
    let rows = table::table
        .order(table::id.asc())
        .select((table::id, PendingRow::as_select()));
    for row in rows.load_iter::<(i64, PendingRow), _>(c)? {
        let (id, row) = row?;
        row.into_order(id)?;
    }
    Ok(())
}

#[async_trait]
impl PendingOrderRepository for Database {
    async fn insert(&self, orders: &[NewPendingOrder]) -> Result<Vec<PendingOrder>, StoreError> {
        let orders = orders.to_vec();
        self.write("queue the orders for approval", move |c, ctx| {
            insert(c, ctx, &orders)
        })
        .await
    }

    async fn get(&self, id: PendingOrderId) -> Result<PendingOrder, StoreError> {
        self.read("read the pending order", move |c, _| get(c, id))
            .await
    }

    async fn list(&self, user: UserId, status: Option<ApprovalStatus>) -> PendingOrdersRead {
        self.read("list the pending orders", move |c, _| {
            list(c, (user, status))
        })
        .await
    }

    async fn count(&self, user: UserId, status: ApprovalStatus) -> Result<u64, StoreError> {
        self.read("count the pending orders", move |c, _| {
            count(c, (user, status))
        })
        .await
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<PendingOrder>, StoreError> {
        let id = id.clone();
        self.read("find the pending order", move |c, _| {
            find_by_client_id(c, user, (&id, since))
        })
        .await
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<PendingOrder>, StoreError> {
        let key = key.clone();
        self.read("find the pending orders of the request", move |c, _| {
            find_by_request(c, &key, since)
        })
        .await
    }

    async fn decide(
        &self,
        id: PendingOrderId,
        decision: &Decision,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let (decision, entry) = (decision.clone(), entry.clone());
        self.write("decide the pending order", move |c, _| {
            decide(c, id, (&decision, &entry))
        })
        .await
    }

    async fn next_expiry(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read("read when pending orders expire", |c, _| next_expiry(c))
            .await
    }

    async fn expire(&self, now: Timestamp) -> PendingOrdersRead {
        self.write("expire pending orders", move |c, _| expire(c, now))
            .await
    }

    async fn delete(&self, id: PendingOrderId, entry: &AuditEntry) -> Result<bool, StoreError> {
        let entry = entry.clone();
        self.write("remove the pending order", move |c, _| {
            delete(c, id, &entry)
        })
        .await
    }
}
