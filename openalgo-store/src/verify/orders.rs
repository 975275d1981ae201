//! Whether every order is the fold of its entries, and every entry has its order.

use super::CHUNK;
use super::walk::Walk;
use crate::check::explain;
use crate::column::Text;
use crate::error::Fault;
use crate::row::event::{LooseEvent, NumberedEvent, chain_of, read_payload};
use crate::row::order::OrderRow;
use crate::schema::{order_events as entries, orders as table};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::SqliteConnection;
use openalgo_core::id::OrderId;
use openalgo_core::journal::{BadEntry, Flaw};
use openalgo_core::order::{Order, OrderEvent};
use openalgo_core::port::StoreError;
use openalgo_core::value::Money;

/// Compares every order with its entries.
pub(super) fn compare(c: &mut SqliteConnection, walk: &mut Walk<'_>) -> Result<(), Fault> {
    let mut last = i64::MIN;
    loop {
        let rows: Vec<(i64, OrderRow)> = table::table
            .filter(table::id.gt(last))
            .order(table::id.asc())
            .limit(CHUNK)
            .select((table::id, OrderRow::as_select()))
            .load(c)?;
        if rows.is_empty() {
            return Ok(());
        }
        for (id, row) in rows {
            last = id;
            compare_one(c, walk, (OrderId::new(id), &row))?;
        }
    }
}

fn compare_one(
    c: &mut SqliteConnection,
    walk: &mut Walk<'_>,
    (order, row): (OrderId, &OrderRow),
) -> Result<(), Fault> {
    let rows: Vec<LooseEvent> = entries::table
        .filter(entries::order_id.eq(order.get()))
        .order(entries::seq.asc())
        .select(LooseEvent::as_select())
        .load(c)?;
    let key = match rows.last() {
        Some(entry) => entry.chain(),
        None => chain_of(row.user_id.into(), &row.broker_name),
    };
    // What cannot be read was found where it stands.
    let (Some(key), Ok(journal)) = (key, read(rows)) else {
        return Ok(());
    };
    let Some(flaw) = difference(order, row, &journal) else {
        return Ok(());
    };
    let last = journal.last().map(|(entry, _)| entry);
    let (number, seq) = (last.map(|last| last.id), last.map(|last| last.event.seq));
    let behind = (order, seq.unwrap_or_default());
    let first_lost = walk.lost_behind(&key, number.unwrap_or_default(), behind);
    let bad = first_lost.unwrap_or(BadEntry {
        number,
        order: Some(order),
        seq,
        public_id: None,
        flaw,
    });
    walk.blame(&key, bad);
    Ok(())
}

type Readable = Vec<(NumberedEvent, OrderEvent)>;

fn read(rows: Vec<LooseEvent>) -> Result<Readable, StoreError> {
    let read = |row: LooseEvent| {
        let entry = row.strict()?;
        let event = read_payload(entry.id, &entry.event.payload)?;
        Ok((entry, event))
    };
    rows.into_iter().map(read).collect()
}

/// How an order is not what its entries say; what it reserves is none of theirs.
fn difference(order: OrderId, row: &OrderRow, journal: &Readable) -> Option<Flaw> {
    if journal.is_empty() {
        return Some(Flaw::NoEntries);
    }
    let events: Vec<_> = journal.iter().map(|(_, event)| event.clone()).collect();
    let folded = match Order::fold(order, &events) {
        Ok(folded) => folded,
        Err(error) => {
            let reason = error.to_string();
            return Some(Flaw::Impossible { reason });
        }
    };
    match OrderRow::of(&folded, Money::ZERO) {
        Ok(expected) => {
            let column = row.first_difference(&expected)?;
            Some(Flaw::OrderDiffers { column })
        }
        Err(fault) => {
            let reason = explain(&fault.into_store("compute the order"));
            Some(Flaw::Impossible { reason })
        }
    }
}

/// Entries of orders that are not there.
pub(super) fn find_orphans(c: &mut SqliteConnection, walk: &mut Walk<'_>) -> Result<(), Fault> {
    let rows: Vec<LooseEvent> = entries::table
        .filter(entries::seq.eq(1))
        .filter(sql::<Bool>("order_id NOT IN (SELECT id FROM orders)"))
        .order(entries::id.asc())
        .limit(CHUNK)
        .select(LooseEvent::as_select())
        .load(c)?;
    for row in rows {
        if let (Some(key), Ok(entry)) = (row.chain(), row.strict()) {
            let bad = BadEntry {
                number: Some(entry.id),
                order: Some(OrderId::new(entry.event.order_id)),
                seq: Some(entry.event.seq),
                public_id: None,
                flaw: Flaw::OrderMissing,
            };
            walk.blame(&key, bad);
        }
    }
    Ok(())
}

/// Adds the ids under which people know the orders whose entries are bad.
pub(super) fn name(c: &mut SqliteConnection, walk: &mut Walk<'_>) -> Result<(), Fault> {
    for bad in walk.bad_entries() {
        let Some(order) = bad.order else { continue };
        let id: Option<Text> = table::table
            .find(order.get())
            .select(table::broker_order_id)
            .get_result(c)
            .optional()?;
        bad.public_id = id.and_then(|id| id.as_str().map(str::to_owned));
    }
    Ok(())
}
