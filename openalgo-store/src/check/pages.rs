//! The seal of every page, as it stands in the file.

use crate::connection::ConnectError;
use crate::error::Fault;
use crate::source::Source;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

/// Damaged pages that are named at most.
const NAMED: usize = 5;

/// Which pages are damaged.
pub(super) fn examine(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    // A sentence for each page, with its number at the end.
    let findings = sql::<Text>("PRAGMA cipher_integrity_check").load::<String>(c)?;
    let numbers: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding.rsplit(' ').next())
        .take(NAMED)
        .collect();
    let numbers = numbers.join(", ");
    Ok(match findings.len() {
        0 => None,
        1 => Some(format!("page {numbers} is damaged")),
        all if all > NAMED => Some(format!("{all} pages are damaged, such as {numbers}")),
        _ => Some(format!("pages {numbers} are damaged")),
    })
}

/// The tables and indexes that cannot be walked from end to end.
pub(super) fn unreadable(source: &Source) -> Result<Vec<String>, ConnectError> {
    let mut c = source.open()?;
    let parts = sql::<(Text, Text, Text)>(
        "SELECT type, name, tbl_name FROM sqlite_master WHERE rootpage > 0 ORDER BY rowid",
    )
    .load::<(String, String, String)>(&mut c)?;
    let mut unreadable = Vec::new();
    for (kind, name, table) in parts {
        if walk(&mut c, &name).is_ok() {
            continue;
        }
        // A connection that met damage reads nothing any more.
        c = source.open()?;
        unreadable.push(if kind == "index" {
            format!("index {name} of {table}")
        } else {
            format!("{kind} {name}")
        });
    }
    Ok(unreadable)
}

/// Reads every page of a table or an index, and counts them.
fn walk(c: &mut SqliteConnection, name: &str) -> QueryResult<i64> {
    sql::<BigInt>("SELECT count(*) FROM dbstat WHERE name = ")
        .bind::<Text, _>(name)
        .get_result(c)
}
