//! The statements around the jobs.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::{Sqlite, SqliteConnection};

pub(super) const BEGIN: Control = Control("BEGIN IMMEDIATE");
pub(super) const COMMIT: Control = Control("COMMIT");
pub(super) const ROLLBACK: Control = Control("ROLLBACK");
pub(super) const SAVEPOINT: Control = Control("SAVEPOINT job");
pub(super) const UNDO: Control = Control("ROLLBACK TO job");
pub(super) const RELEASE: Control = Control("RELEASE job");

/// A statement of transaction control, which Diesel's `sql_query` would prepare anew each time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Control(&'static str);

impl QueryFragment<Sqlite> for Control {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

/// Found by its text.
impl QueryId for Control {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<SqliteConnection> for Control {}
