//! Whether the journal is what was written, chain by chain: which entry of each is the first that
//! is not, and what is wrong with it.
//!
//! [`crate::check`] asks only whether there is anything wrong. This goes on behind the first
//! damage: an entry is judged by the stored seal of the one before it, so that one edit spoils one
//! entry, and looks for where an entry came from that does not follow.

mod gaps;
mod orders;
mod origin;
mod stretch;
mod walk;

use crate::bridge::{Context, Database};
use crate::check::explain;
use crate::error::Fault;
use crate::row::event::LooseEvent;
use crate::schema::order_events as table;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use openalgo_core::journal::{JournalReport, JournalScope};
use openalgo_core::port::StoreError;
use std::sync::Arc;
use stretch::Stretches;
use walk::Walk;

/// Rows that are read at a time.
const CHUNK: i64 = 1_000;

/// What was found, and whether SQLite itself failed over it.
struct Examined {
    report: JournalReport,
    is_spoilt: bool,
}

pub(crate) async fn run(
    database: &Database,
    scope: JournalScope,
) -> Result<JournalReport, StoreError> {
    let context = Arc::clone(&database.context);
    let examining = database.readers.run_judged(
        move |c| {
            context.presence.examine()?;
            examine(c, &context, &scope)
        },
        |examined| examined.is_spoilt,
    );
    let examined = examining.await;
    let mut report = examined
        .map_err(|fault| fault.into_store("verify the journal"))?
        .report;
    if database.context.anchor.is_some() {
        // Behind the writer's turn, where nothing is just being committed.
        let looking = database.bare("look at the anchor", |c, context| match &context.anchor {
            Some(anchor) => anchor.examine(c),
            None => Ok(None),
        });
        report.findings.extend(looking.await?);
    }
    Ok(report)
}

/// Everything within one transaction, so that orders and entries are of the same moment. It changes
/// nothing, and damage that SQLite meets may end it early.
fn examine(
    c: &mut SqliteConnection,
    context: &Context,
    scope: &JournalScope,
) -> Result<Examined, Fault> {
    c.batch_execute("BEGIN")?;
    let mut walk = Walk::new(&context.journal_key);
    let examined = examine_all(c, &mut walk, scope);
    if let Err(error) = c.batch_execute("ROLLBACK") {
        tracing::debug!(%error, "nothing to roll back");
    }
    let is_spoilt = examined.as_ref().is_err_and(Fault::is_of_sqlite);
    if let Err(fault) = examined {
        walk.broke_off(&explain(&fault.into_store("read it")));
    }
    Ok(Examined {
        report: walk.report(scope),
        is_spoilt,
    })
}

fn examine_all(
    c: &mut SqliteConnection,
    walk: &mut Walk<'_>,
    scope: &JournalScope,
) -> Result<(), Fault> {
    walk.look_at(Stretches::of(c, scope)?);
    loop {
        let rows: Vec<LooseEvent> = table::table
            .filter(table::id.gt(walk.last()))
            .order(table::id.asc())
            .limit(CHUNK)
            .select(LooseEvent::as_select())
            .load(c)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            walk.take(c, row)?;
        }
    }
    walk.end(numbers_given(c)?);
    orders::compare(c, walk)?;
    orders::find_orphans(c, walk)?;
    orders::name(c, walk)
}

/// The database remembers the highest number that it gave out.
pub(crate) fn numbers_given(c: &mut SqliteConnection) -> Result<i64, Fault> {
    let given = sql::<BigInt>("SELECT seq FROM sqlite_sequence WHERE name = 'order_events'");
    Ok(given.get_result(c).optional()?.unwrap_or_default())
}
