//! The ledger of the paper exchange: an entry is committed whole or not at all.

use crate::bridge::{Context, Database};
use crate::error::{Explain, Fault};
use crate::journal::{self, Chain};
use crate::repo::{holdings, orders, paper_records, positions, trades};
use crate::row::order::{COLUMNS, ReadingWithMargin};
use crate::row::paper_account::PaperAccountRow;
use crate::schema::{orders as order_table, paper_accounts as table};
use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::{BrokerName, OrderId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::order::{NewTrade, Order, OrderEvent, OrderIntent};
use openalgo_core::paper::{
    DailyPnl, LedgerEntry, Movement, OrderChange, PaperAccountKey, PaperOpening, PaperState,
    WorkingOrder,
};
use openalgo_core::port::{CommitReceipt, PaperLedger, StoreError};

/// The condition of the partial index over orders that are not over; SQLite uses the index only
/// for a query that repeats it word by word.
const WORKING: &str = "status IN ('PENDING', 'OPEN', 'TRIGGER PENDING')";

fn account(
    c: &mut SqliteConnection,
    key: &PaperAccountKey,
) -> Result<Option<(i64, PaperAccountRow)>, Fault> {
    let account = table::table
        .filter(table::user_id.eq(key.user.get()))
        .filter(table::broker_name.eq(key.broker.as_str()))
        .select((table::id, PaperAccountRow::as_select()))
        .get_result(c)
        .optional()?;
    Ok(account)
}

fn open_account(
    c: &mut SqliteConnection,
    key: &PaperAccountKey,
    opening: &PaperOpening,
) -> Result<(i64, PaperAccountRow), Fault> {
    let row = PaperAccountRow::opening(opening);
    let id = diesel::insert_into(table::table)
        .values((
            table::user_id.eq(key.user.get()),
            table::broker_name.eq(key.broker.as_str()),
            table::created_at.eq(opening.at.to_string()),
            &row,
        ))
        .returning(table::id)
        .get_result(c)
        .dangling("user", key.user)?;
    Ok((id, row))
}

/// An account in which nothing was ever committed is opened anew, so that a capital that was
/// chosen since then counts.
fn reopen_account(
    c: &mut SqliteConnection,
    id: i64,
    opening: &PaperOpening,
) -> Result<(i64, PaperAccountRow), Fault> {
    let row = PaperAccountRow::opening(opening);
    diesel::update(table::table.find(id)).set(&row).execute(c)?;
    Ok((id, row))
}

fn load(
    c: &mut SqliteConnection,
    key: &PaperAccountKey,
    opening: &PaperOpening,
) -> Result<PaperState, Fault> {
    let (id, row) = match account(c, key)? {
        Some((id, row)) if row.version(id)? == 0 => reopen_account(c, id, opening)?,
        Some(known) => known,
        None => open_account(c, key, opening)?,
    };
    Ok(PaperState {
        key: key.clone(),
        version: row.version(id)?,
        trading_day: row.trading_day(id)?,
        jobs_until: row.jobs_until(id)?,
        last_order_number: row.last_order_number(id)?,
        funds: row.funds(id)?,
        positions: positions::of_account(c, key.user, &key.broker)?,
        holdings: holdings::list(c, key.user, Some(&key.broker))?,
        orders: working_orders(c, key)?,
        reservations: paper_records::reservations(c, key)?,
    })
}

/// The time up to which the accounts have come of which anything is known.
pub(crate) fn last_entry(c: &mut SqliteConnection) -> Result<Option<Timestamp>, Fault> {
    let rows: Vec<(i64, PaperAccountRow)> = table::table
        .select((table::id, PaperAccountRow::as_select()))
        .load(c)?;
    let mut last = None;
    for (id, row) in rows {
        if row.version(id)? > 0 {
            last = last.max(Some(row.changed_at(id)?.max(row.jobs_until(id)?)));
        }
    }
    Ok(last)
}

/// The orders of an account that are not over, the oldest first.
fn working_orders(
    c: &mut SqliteConnection,
    key: &PaperAccountKey,
) -> Result<Vec<WorkingOrder>, Fault> {
    let rows: Vec<ReadingWithMargin> = order_table::table
        .filter(order_table::user_id.eq(key.user.get()))
        .filter(order_table::broker_name.eq(key.broker.as_str()))
        .filter(sql::<Bool>(WORKING))
        .order(order_table::id.asc())
        .select(COLUMNS)
        .load(c)?;
    rows.into_iter()
        .map(|ReadingWithMargin(read)| {
            let (order, margin) = read?;
            Ok(WorkingOrder {
                intent: order.intent,
                state: order.state,
                updated_at: order.updated_at,
                margin,
            })
        })
        .collect()
}

fn commit(
    c: &mut SqliteConnection,
    ctx: &Context,
    entry: &LedgerEntry,
) -> Result<Vec<Order>, Fault> {
    let id = follow(c, entry)?;
    let account = (entry.key.user, &entry.key.broker);
    let mut chain = Chain::load(c, &ctx.journal_key, account)?;
    let mut changed = Vec::with_capacity(entry.orders.len());
    for change in &entry.orders {
        changed.push(apply(c, &mut chain, (entry, change))?);
    }
    if entry.starts_anew {
        paper_records::clear(c, &entry.key)?;
    }
    for position in &entry.positions {
        same_account(entry, position.key.user, &position.key.broker)?;
        positions::upsert(c, position)?;
    }
    for holding in &entry.holdings {
        same_account(entry, holding.key.user, &holding.key.broker)?;
        holdings::upsert(c, holding)?;
    }
    paper_records::keep_reservations(c, entry)?;
    paper_records::keep(c, entry)?;
    diesel::update(table::table.find(id))
        .set(PaperAccountRow::after(entry))
        .execute(c)?;
    Ok(changed)
}

/// Checks that an entry follows the last committed one; gives the row of its account.
fn follow(c: &mut SqliteConnection, entry: &LedgerEntry) -> Result<i64, Fault> {
    let (id, row) = account(c, &entry.key)?
        .ok_or_else(|| Fault::not_found("paper account of user", entry.key.user))?;
    let committed = row.version(id)?;
    if committed.checked_add(1) != Some(entry.version) {
        let given = entry.version;
        return Err(StoreError::OutOfOrder { given, committed }.into());
    }
    Ok(id)
}

/// An entry that touches somebody else's rows is a mistake in the machine.
fn same_account(entry: &LedgerEntry, user: UserId, broker: &BrokerName) -> Result<(), Fault> {
    if entry.key.user == user && entry.key.broker == *broker {
        Ok(())
    } else {
        Err(Fault::other("the entry touches another account"))
    }
}

fn apply(
    c: &mut SqliteConnection,
    chain: &mut Chain<'_>,
    (entry, change): (&LedgerEntry, &OrderChange),
) -> Result<Order, Fault> {
    let order = match &change.placed {
        Some(intent) => place(c, chain, (entry, intent, change))?,
        None => advance(c, chain, (entry, change))?,
    };
    for execution in &change.trades {
        let trade = NewTrade {
            user: entry.key.user,
            broker: entry.key.broker.clone(),
            order: Some(order.id),
            execution: execution.clone(),
        };
        trades::insert_at(c, &trade, entry.at)?;
    }
    Ok(order)
}

/// Writes a new order in its final state, and its journal.
fn place(
    c: &mut SqliteConnection,
    chain: &mut Chain<'_>,
    (entry, intent, change): (&LedgerEntry, &OrderIntent, &OrderChange),
) -> Result<Order, Fault> {
    same_account(entry, intent.user, &intent.broker)?;
    if intent.id != change.intent {
        return Err(Fault::other(
            "the entry places an order under another intent",
        ));
    }
    let planned = OrderEvent::planned(intent);
    let mut order = after_all(Order::planned(OrderId::new(0), intent.clone()), change)?;
    order.id = orders::insert_row(c, &order, change.margin)?;
    let journal = std::iter::once(&planned).chain(&change.events);
    chain.append(c, (order.id, 1), journal)?;
    Ok(order)
}

/// Takes an order of the account further.
fn advance(
    c: &mut SqliteConnection,
    chain: &mut Chain<'_>,
    (entry, change): (&LedgerEntry, &OrderChange),
) -> Result<Order, Fault> {
    let PaperAccountKey { user, broker } = &entry.key;
    let order = orders::find_by_intent(c, (*user, broker), change.intent)?
        .ok_or_else(|| Fault::not_found("order intent", change.intent))?;
    let order = after_all(order, change)?;
    orders::update_row(c, &order)?;
    orders::set_margin(c, order.id, change.margin)?;
    let seq = journal::next_seq(c, order.id)?;
    chain.append(c, (order.id, seq), &change.events)?;
    Ok(order)
}

fn after_all(order: Order, change: &OrderChange) -> Result<Order, Fault> {
    let order = change.events.iter().try_fold(order, Order::after)?;
    Ok(order)
}

#[async_trait]
impl PaperLedger for Database {
    /// Queued behind the commits before it, so that what it gives includes them.
    async fn load(
        &self,
        key: &PaperAccountKey,
        opening: &PaperOpening,
    ) -> Result<PaperState, StoreError> {
        let (key, opening) = (key.clone(), opening.clone());
        self.write("load the paper account", move |c, _| {
            load(c, &key, &opening)
        })
        .await
    }

    async fn commit(&self, entry: LedgerEntry) -> Result<CommitReceipt, StoreError> {
        let receipt = self
            .enqueue("commit the ledger entry", move |c, ctx| {
                commit(c, ctx, &entry)
            })
            .await?;
        Ok(Box::pin(receipt.outcome()))
    }

    async fn movements(
        &self,
        key: &PaperAccountKey,
        limit: u32,
    ) -> Result<Vec<Movement>, StoreError> {
        let key = key.clone();
        self.read("list the movements", move |c, _| {
            paper_records::movements(c, &key, limit)
        })
        .await
    }

    async fn daily(&self, key: &PaperAccountKey, limit: u32) -> Result<Vec<DailyPnl>, StoreError> {
        let key = key.clone();
        self.read("list the days", move |c, _| {
            paper_records::daily(c, &key, limit)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan_of;

    #[test]
    fn loading_looks_at_working_orders_only() {
        let key = PaperAccountKey {
            user: UserId::new(1),
            broker: "paper".parse().unwrap(),
        };
        let plan = plan_of(|c| working_orders(c, &key));
        assert!(plan.contains("idx_orders_working"), "{plan}");
    }
}
