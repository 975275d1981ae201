//! Hints for SQLite's query planner.
//!
//! One of them is what queries leave away: Diesel's `first` binds `LIMIT 1`, and a statement with a
//! bound limit is prepared anew at each call, because the planner looks at the number. `get_result`
//! takes the first row too.

use std::ops::Add;

/// The same value as `column`, yet nothing that SQLite would look up in an index or read in
/// order.
///
/// The planner has no statistics: it takes "one user" to be as rare as "one order id", and reading
/// in the order of `id` to be worth walking past every order there is. A query that must start
/// from another index takes the tempting one away.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "this builds SQL and calculates nothing"
)]
pub(crate) fn unindexed<C: Add<i64>>(column: C) -> C::Output {
    column + 0
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::migrate;
    use diesel::connection::InstrumentationEvent;
    use diesel::prelude::*;
    use diesel::sql_types::Text;
    use diesel::sqlite::SqliteConnection;
    use std::sync::{Arc, Mutex};

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    /// How SQLite goes about the queries that `run` makes, in its own words.
    pub(crate) fn plan_of<T>(run: impl FnOnce(&mut SqliteConnection) -> T) -> String {
        let mut c = SqliteConnection::establish(":memory:").unwrap();
        migrate::apply_pending(&mut c).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&asked);
        c.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                hears.lock().unwrap().push(query.to_string());
            }
        });
        run(&mut c);
        let asked = std::mem::take(&mut *asked.lock().unwrap());
        let steps = asked.iter().flat_map(|query| {
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}"))
                .load::<Step>(&mut c)
                .unwrap()
        });
        steps.map(|step| step.detail + "\n").collect()
    }
}
