//! Failed logins.

use crate::bridge::Database;
use crate::column::{Place, Text, Whole};
use crate::error::Fault;
use crate::schema::login_failures as table;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{LoginFailureRepository, StoreError};
use openalgo_core::rule::throttle::{Subject, Tally};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(Sqlite))]
struct TallyRow {
    kind: Text,
    name: Text,
    failures: Whole,
    last_at: Text,
}

impl TallyRow {
    fn into_tally(self) -> Result<(Subject, Tally), StoreError> {
        let place = Place {
            table: "login_failures",
            row: 0,
        };
        let failures = place.counter("failures", self.failures)?;
        let subject = Subject {
            kind: place.word("kind", &self.kind)?,
            name: place.text("name", &self.name)?.into(),
        };
        let tally = Tally {
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
            last: place.instant("last_at", &self.last_at)?,
        };
        Ok((subject, tally))
    }
}

fn recent(c: &mut SqliteConnection, since: Timestamp) -> Result<Vec<(Subject, Tally)>, Fault> {
    let rows: Vec<TallyRow> = table::table
        .filter(table::last_at.ge(since.to_string()))
        .order(table::last_at.asc())
        .select(TallyRow::as_select())
        .load(c)?;
    let tallies = rows
        .into_iter()
        .map(TallyRow::into_tally)
        .collect::<Result<_, _>>()?;
    Ok(tallies)
}

fn keep(
    c: &mut SqliteConnection,
    tallies: &[(Subject, Tally)],
    since: Timestamp,
) -> Result<(), Fault> {
    for (subject, tally) in tallies {
        diesel::replace_into(table::table)
            .values((
                table::kind.eq(subject.kind.as_str()),
                table::name.eq(&*subject.name),
                table::failures.eq(i64::from(tally.failures)),
                table::last_at.eq(tally.last.to_string()),
            ))
            .execute(c)?;
    }
    diesel::delete(table::table.filter(table::last_at.lt(since.to_string()))).execute(c)?;
    Ok(())
}

#[async_trait]
impl LoginFailureRepository for Database {
    async fn recent(&self, since: Timestamp) -> Result<Vec<(Subject, Tally)>, StoreError> {
        self.read("read the failed logins", move |c, _| recent(c, since))
            .await
    }

    async fn keep(&self, tallies: &[(Subject, Tally)], since: Timestamp) -> Result<(), StoreError> {
        let tallies = tallies.to_vec();
        self.write("count a failed login", move |c, _| keep(c, &tallies, since))
            .await
    }
}
