//! Orders that wait for approval.

use crate::bridge::{Context, Database};
use crate::error::{Explain, Fault};
use crate::row::pending_order::PendingRow;
use crate::schema::pending_orders as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{PendingOrderId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{PendingOrderRepository, StoreError};
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
            .values(PendingRow::of(asked, now))
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
) -> Result<Vec<PendingOrder>, Fault> {
    let mut rows = table::table
        .filter(table::user_id.eq(user.get()))
        .order(table::id.desc())
        .select((table::id, PendingRow::as_select()))
        .into_boxed();
    if let Some(status) = status {
        rows = rows.filter(table::status.eq(status.as_str()));
    }
    let rows = rows.load::<(i64, PendingRow)>(c)?.into_iter();
    let orders = rows.map(|(id, row)| row.into_order(id));
    Ok(orders.collect::<Result<_, _>>()?)
}

fn decide(
    c: &mut SqliteConnection,
    id: PendingOrderId,
    (decision, at): (&Decision, Timestamp),
) -> Result<bool, Fault> {
    let now = at.to_string();
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
        Decision::Reject { reason } => diesel::update(waits)
            .set((
                table::status.eq(ApprovalStatus::Rejected.as_str()),
                table::rejected_at.eq(&now),
                table::rejected_reason.eq(reason),
            ))
            .execute(c)?,
    };
    if rows == 0 {
        exists(c, id)?;
    }
    Ok(rows > 0)
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

fn expire(c: &mut SqliteConnection, now: Timestamp) -> Result<usize, Fault> {
    let lapsed = table::table
        .filter(table::status.eq(WAITING))
        .filter(table::expires_at.le(now.to_string()));
    let rows = diesel::update(lapsed)
        .set(table::status.eq(ApprovalStatus::Expired.as_str()))
        .execute(c)?;
    Ok(rows)
}

fn delete(c: &mut SqliteConnection, id: PendingOrderId) -> Result<bool, Fault> {
    let over = table::table
        .filter(table::id.eq(id.get()))
        .filter(table::status.ne(WAITING));
    let rows = diesel::delete(over).execute(c)?;
    if rows == 0 {
        exists(c, id)?;
    }
    Ok(rows > 0)
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

    async fn list(
        &self,
        user: UserId,
        status: Option<ApprovalStatus>,
    ) -> Result<Vec<PendingOrder>, StoreError> {
        self.read("list the pending orders", move |c, _| {
            list(c, (user, status))
        })
        .await
    }

    async fn decide(
        &self,
        id: PendingOrderId,
        decision: &Decision,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let decision = decision.clone();
        self.write("decide the pending order", move |c, _| {
            decide(c, id, (&decision, at))
        })
        .await
    }

    async fn expire(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.write("expire pending orders", move |c, _| expire(c, now))
            .await
    }

    async fn delete(&self, id: PendingOrderId) -> Result<bool, StoreError> {
        self.write("remove the pending order", move |c, _| delete(c, id))
            .await
    }
}
