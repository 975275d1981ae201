//! Migrations: embedded, applied in order, all that are missing in one transaction.

use crate::error::Fault;
use crate::schema::__diesel_schema_migrations as applied_table;
use diesel::dsl::sql;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use openalgo_core::port::BoxError;
use std::path::Path;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// A migration that has been applied to the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// Its number, which is the time it was written.
    pub version: String,
    /// Its name, such as `2026-11-23-000002_create_trading`; `None` when this program does not
    /// know it.
    pub name: Option<String>,
    /// When it was applied, in UTC.
    pub applied_at: String,
}

/// Versions and names of the migrations of this program, the oldest first.
fn known() -> Result<Vec<(String, String)>, BoxError> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> = MIGRATIONS.migrations()?;
    let mut known: Vec<_> = migrations
        .iter()
        .map(|migration| {
            let name = migration.name();
            (name.version().to_string(), name.to_string())
        })
        .collect();
    known.sort();
    Ok(known)
}

/// What has been applied to a file, the oldest first; nothing to a new one.
pub(crate) fn applied(c: &mut SqliteConnection) -> Result<Vec<AppliedMigration>, Fault> {
    let is_kept = sql::<BigInt>(
        "SELECT count(*) FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
    );
    if is_kept.get_result::<i64>(c)? == 0 {
        return Ok(Vec::new());
    }
    let rows: Vec<(String, String)> = applied_table::table
        .order(applied_table::version.asc())
        .load(c)?;
    let known = known().map_err(Fault::other)?;
    let name_of = |version: &str| {
        let found = known.iter().find(|(known, _)| known == version);
        found.map(|(_, name)| name.clone())
    };
    Ok(rows
        .into_iter()
        .map(|(version, applied_at)| AppliedMigration {
            name: name_of(&version),
            version,
            applied_at,
        })
        .collect())
}

/// How the schema of a file compares with that of this program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// All migrations have been applied.
    Current,
    /// Some are missing; `last` is the last that was applied, if any.
    Behind { last: Option<String> },
    /// Some that were applied are not known here.
    Newer { found: String, known: String },
}

/// Compares without changing anything.
pub(crate) fn standing(c: &mut SqliteConnection) -> Result<Standing, Fault> {
    let applied = applied(c)?;
    let known = known().map_err(Fault::other)?;
    if let Some(unknown) = applied.iter().rev().find(|one| one.name.is_none()) {
        return Ok(Standing::Newer {
            found: unknown.version.clone(),
            known: known.last().cloned().unwrap_or_default().0,
        });
    }
    if applied.len() == known.len() {
        return Ok(Standing::Current);
    }
    let last = applied.last().map(|one| one.version.clone());
    Ok(Standing::Behind { last })
}

/// Applies what is missing, all of it or nothing: a version between that of the older program and
/// that of this one would be of no use to either.
pub(crate) fn apply_pending(c: &mut SqliteConnection) -> Result<(), Fault> {
    let applied = c.transaction(|c| {
        let applied = c.run_pending_migrations(MIGRATIONS).map_err(Fault::Other)?;
        Ok::<_, Fault>(applied.iter().map(ToString::to_string).collect::<Vec<_>>())
    })?;
    for version in applied {
        tracing::info!(%version, "applied a migration");
    }
    Ok(())
}

/// Writes an equally encrypted copy of the whole database into an empty file.
pub(crate) fn copy_to(c: &mut SqliteConnection, path: &Path) -> Result<(), Fault> {
    let path = path
        .to_str()
        .ok_or_else(|| Fault::other("the path is not valid Unicode"))?;
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(path)
        .execute(c)?;
    Ok(())
}
