//! Examining everything that is stored.

mod journal;
mod orders;
mod values;

use crate::bridge::{Context, Database};
use crate::error::Fault;
use crate::repo::{api_keys, users};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::StoreError;

/// Rows that are read at a time, so that a long history needs no more memory than a short one.
const CHUNK: i64 = 1_000;

/// What came of examining a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
}

impl CheckReport {
    /// Whether nothing was found.
    pub fn is_sound(&self) -> bool {
        self.findings().next().is_none()
    }

    /// The checks that found something, with what they found.
    pub fn findings(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.checks.iter().filter_map(|check| match &check.outcome {
            CheckOutcome::Sound => None,
            CheckOutcome::Damaged { finding } => Some((check.name, finding.as_str())),
        })
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name, such as `journal`.
    pub name: &'static str,
    /// What came of it.
    pub outcome: CheckOutcome,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// All is as it must be.
    Sound,
    /// Something is not.
    Damaged {
        /// What, and where it was met first.
        finding: String,
    },
}

/// A check gives its finding, if it has one.
type Examine = fn(&mut SqliteConnection, &Context) -> Result<Option<String>, Fault>;

const CHECKS: [(&str, Examine); 7] = [
    (PAGES, |c, _| pages(c)),
    ("structure", |c, _| structure(c)),
    ("references", |c, _| references(c)),
    ("journal", journal::examine),
    ("orders", |c, _| orders::examine(c)),
    ("sealed fields", sealed_fields),
    ("values", |c, _| values::examine(c)),
];
const PAGES: &str = "pages";

pub(crate) async fn run(database: &Database) -> Result<CheckReport, StoreError> {
    let operation = "check the database";
    let mut checks = database.read(operation, examine_all).await?;
    let suspect = |check: &&mut Check| check.name == PAGES && check.outcome != CheckOutcome::Sound;
    if let Some(check) = checks.iter_mut().find(suspect) {
        // Pages are read past the WAL, so one that a checkpoint was just writing looks damaged.
        // On the writer nothing is being written.
        check.outcome = database
            .write(operation, |c, context| {
                Ok(outcome(|c, _| pages(c), c, context))
            })
            .await?;
    }
    Ok(CheckReport { checks })
}

/// Everything within one transaction, so that all checks see the same state.
fn examine_all(c: &mut SqliteConnection, context: &Context) -> Result<Vec<Check>, Fault> {
    c.transaction(|c| {
        let check = |(name, examine): (&'static str, Examine)| Check {
            name,
            outcome: outcome(examine, c, context),
        };
        Ok(CHECKS.into_iter().map(check).collect())
    })
}

/// What cannot even be read is a finding too.
fn outcome(examine: Examine, c: &mut SqliteConnection, context: &Context) -> CheckOutcome {
    match examine(c, context) {
        Ok(None) => CheckOutcome::Sound,
        Ok(Some(finding)) => CheckOutcome::Damaged { finding },
        Err(fault) => CheckOutcome::Damaged {
            finding: explain(&fault.into_store("read what is to be checked")),
        },
    }
}

fn explain(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// The seal of every page, as it stands in the file.
fn pages(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    let findings = sql::<Text>("PRAGMA cipher_integrity_check").load::<String>(c)?;
    Ok(findings.into_iter().next())
}

fn structure(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    let findings = sql::<Text>("PRAGMA integrity_check").load::<String>(c)?;
    Ok(findings.into_iter().find(|finding| finding != "ok"))
}

fn references(c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
    let findings = sql::<(Text, Nullable<BigInt>, Text, BigInt)>("PRAGMA foreign_key_check")
        .load::<(String, Option<i64>, String, i64)>(c)?;
    Ok(findings.into_iter().next().map(|(table, row, parent, _)| {
        let row = row.unwrap_or_default();
        format!("row {row} of {table} points to a row of {parent} that does not exist")
    }))
}

fn sealed_fields(c: &mut SqliteConnection, context: &Context) -> Result<Option<String>, Fault> {
    users::open_sealed(c, context)?;
    api_keys::open_sealed(c, context)?;
    Ok(None)
}
