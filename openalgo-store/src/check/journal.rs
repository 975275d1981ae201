//! Whether the journal is complete and unchanged.

use super::CHUNK;
use crate::bridge::Context;
use crate::error::Fault;
use crate::journal::{self, GENESIS, Mac};
use crate::row::event::{EventRow, read_payload};
use crate::schema::order_events as table;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use std::collections::HashMap;

/// Recomputes the chain of every account.
pub(super) fn examine(
    c: &mut SqliteConnection,
    context: &Context,
) -> Result<Option<String>, Fault> {
    let mut heads = Heads::default();
    let mut last = 0;
    loop {
        let rows: Vec<(i64, EventRow)> = table::table
            .filter(table::id.gt(last))
            .order(table::id.asc())
            .limit(CHUNK)
            .select((table::id, EventRow::as_select()))
            .load(c)?;
        if rows.is_empty() {
            return newest_missing(c, last);
        }
        for (id, row) in rows {
            // Numbers are given out without gaps, and nothing is ever deleted.
            if last.checked_add(1) != Some(id) {
                return Ok(Some(format!("the entry before entry {id} is missing")));
            }
            last = id;
            if let Some(finding) = heads.follow(context, id, &row)? {
                return Ok(Some(finding));
            }
        }
    }
}

/// The ends of the chains as far as they have been followed.
#[derive(Default)]
struct Heads(HashMap<(i64, String), Mac>);

impl Heads {
    fn follow(
        &mut self,
        context: &Context,
        id: i64,
        row: &EventRow,
    ) -> Result<Option<String>, Fault> {
        let head = self
            .0
            .entry((row.user_id, row.broker_name.clone()))
            .or_insert(GENESIS);
        *head = journal::seal(&context.journal_key, head, row);
        let EventRow { order_id, seq, .. } = row;
        if journal::to_hex(head) != row.mac {
            return Ok(Some(format!(
                "entry {id} (number {seq} of order {order_id}) does not match its seal: it or an \
                 entry before it was changed or taken out"
            )));
        }
        let event = read_payload(id, &row.payload)?;
        if event.kind.as_str() != row.event || event.at.to_string() != row.at {
            return Ok(Some(format!(
                "entry {id} (number {seq} of order {order_id}) is not the event it says it is"
            )));
        }
        Ok(None)
    }
}

/// The database remembers the highest number that it gave out.
fn newest_missing(c: &mut SqliteConnection, last: i64) -> Result<Option<String>, Fault> {
    let given = sql::<BigInt>("SELECT seq FROM sqlite_sequence WHERE name = 'order_events'")
        .get_result::<i64>(c)
        .optional()?
        .unwrap_or_default();
    Ok((given != last).then(|| format!("entries {last} to {given}: the newest are missing")))
}
