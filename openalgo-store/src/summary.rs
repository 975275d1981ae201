//! What is in a database, in figures.

use crate::error::Fault;
use crate::file;
use crate::migrate::{self, AppliedMigration};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use openalgo_core::market::Timestamp;
use std::path::Path;

/// When the file was last written to, as its own entries say. The journal and the trades are in
/// the order of time, so that their last rows are enough.
const NEWEST: &str = "
    SELECT max(at) FROM (
        SELECT * FROM (SELECT at FROM order_events ORDER BY id DESC LIMIT 1)
        UNION ALL SELECT * FROM (SELECT created_at FROM trades ORDER BY id DESC LIMIT 1)
        UNION ALL SELECT max(updated_at) FROM users
        UNION ALL SELECT max(updated_at) FROM paper_accounts
    )";

/// The tables that say something to people, in the order in which they are shown.
const TABLES: [&str; 27] = [
    "users",
    "api_keys",
    "api_tokens",
    "broker_connections",
    "sessions",
    "orders",
    "order_events",
    "trades",
    "positions",
    "holdings",
    "paper_accounts",
    "paper_movements",
    "paper_reservations",
    "daily_pnl",
    "gtt_orders",
    "strategies",
    "pending_orders",
    "bot_state",
    "watchlists",
    "candles",
    "risk_limits",
    "settings",
    "order_logs",
    "latency_metrics",
    "idempotency_keys",
    "audit_log",
    "master_contracts",
];

/// What is in a database, in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Rows of the main tables.
    pub tables: Vec<TableSummary>,
    /// The migrations that were applied, the oldest first; the last is the schema's version.
    pub migrations: Vec<AppliedMigration>,
    /// Size of the file.
    pub database_bytes: u64,
    /// Size of the write-ahead log beside it.
    pub wal_bytes: u64,
    /// Version of SQLCipher, as it names itself.
    pub sqlcipher_version: String,
    /// Version of the SQLite in it.
    pub sqlite_version: String,
    /// The time of the newest entry; a clock that shows less has been set back.
    pub newest_entry: Option<Timestamp>,
}

impl Summary {
    /// The last migration that was applied.
    pub fn schema_version(&self) -> Option<&str> {
        self.migrations.last().map(|last| last.version.as_str())
    }

    /// Rows of a table; `None` when it is not among the main ones.
    pub fn rows(&self, table: &str) -> Option<i64> {
        let found = self.tables.iter().find(|one| one.table == table);
        found.map(|one| one.rows)
    }
}

/// How much is in one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSummary {
    /// Its name.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: i64,
}

pub(crate) fn of(c: &mut SqliteConnection, path: &Path) -> Result<Summary, Fault> {
    let tables = TABLES
        .into_iter()
        .map(|table| {
            let rows = sql::<BigInt>(&format!("SELECT count(*) FROM {table}")).get_result(c)?;
            Ok(TableSummary { table, rows })
        })
        .collect::<Result<_, Fault>>()?;
    Ok(Summary {
        tables,
        migrations: migrate::applied(c)?,
        database_bytes: file::size_of(path),
        wal_bytes: file::size_of(&file::wal_of(path)),
        sqlcipher_version: sql::<Text>("PRAGMA cipher_version").get_result(c)?,
        sqlite_version: sql::<Text>("SELECT sqlite_version()").get_result(c)?,
        newest_entry: newest_entry(c)?,
    })
}

/// A time that cannot be read is for the check to report, not for a summary.
fn newest_entry(c: &mut SqliteConnection) -> Result<Option<Timestamp>, Fault> {
    let newest: Option<String> = sql::<Nullable<Text>>(NEWEST).get_result(c)?;
    Ok(newest.and_then(|at| Timestamp::parse_stored(&at).ok()))
}
