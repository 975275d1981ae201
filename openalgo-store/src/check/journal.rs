//! Whether the journal is complete and unchanged.

use super::CHUNK;
use crate::bridge::Context;
use crate::error::Fault;
use crate::journal::{self, Heads};
use crate::row::event::{NumberedEvent, read_payload};
use crate::schema::order_events as table;
use crate::verify::numbers_given;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_crypto::JournalKey;

/// Recomputes the chain of every account.
pub(super) fn examine(
    c: &mut SqliteConnection,
    context: &Context,
) -> Result<Option<String>, Fault> {
    let mut reader = JournalReader::new(&context.journal_key);
    loop {
        let entries: Vec<NumberedEvent> = table::table
            .filter(table::id.gt(reader.last()))
            .order(table::id.asc())
            .limit(CHUNK)
            .select(NumberedEvent::as_select())
            .load(c)?;
        if entries.is_empty() {
            return Ok(reader.end(numbers_given(c)?));
        }
        for entry in &entries {
            if let Some(finding) = reader.read(entry)? {
                return Ok(Some(finding));
            }
        }
    }
}

/// Reads the journal from its beginning and finds where it is not what was written.
#[derive(Debug)]
pub(crate) struct JournalReader<'a> {
    heads: Heads<'a>,
    last: i64,
}

impl<'a> JournalReader<'a> {
    pub(crate) fn new(key: &'a JournalKey) -> Self {
        Self {
            heads: Heads::new(key),
            last: 0,
        }
    }

    /// The number of the last entry that was read.
    pub(crate) fn last(&self) -> i64 {
        self.last
    }

    /// Takes the next entry; gives what is wrong with it.
    pub(crate) fn read(&mut self, entry: &NumberedEvent) -> Result<Option<String>, Fault> {
        let NumberedEvent { id, event: row } = entry;
        // Numbers are given out without gaps, and nothing is ever deleted.
        if self.last.checked_add(1) != Some(*id) {
            return Ok(Some(format!("the entry before entry {id} is missing")));
        }
        self.last = *id;
        let (order, seq) = (row.order_id, row.seq);
        if journal::to_hex(&self.heads.extend(row)) != row.mac {
            return Ok(Some(format!(
                "entry {id} (number {seq} of order {order}) does not match its seal: it or an \
                 entry before it was changed or taken out"
            )));
        }
        let event = read_payload(*id, &row.payload)?;
        if event.kind.as_str() != row.event || event.at.to_string() != row.at {
            return Ok(Some(format!(
                "entry {id} (number {seq} of order {order}) is not the event it says it is"
            )));
        }
        Ok(None)
    }

    /// What is missing at the end, when numbers up to `given` were given out.
    pub(crate) fn end(&self, given: i64) -> Option<String> {
        let last = self.last;
        (given != last).then(|| format!("entries {last} to {given}: the newest are missing"))
    }
}
