//! Examining everything that is stored.

mod funds;
mod journal;
mod orders;
mod pages;
mod positions;
mod settings;
mod trades;
mod values;

use crate::bridge::{Context, Database};
use crate::error::Fault;
use crate::sealed;
use crate::source::Source;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::StoreError;
use std::sync::Arc;

pub(crate) use journal::JournalReader;

/// Rows that are read at a time, so that a long history needs no more memory than a short one.
const CHUNK: i64 = 1_000;

/// The name of the broker whose books this program keeps itself: at every other one the broker's
/// own books hold.
const PAPER: &str = "paper";

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

const CHECKS: [(&str, Examine); 11] = [
    (PAGES, |c, _| pages::examine(c)),
    (STRUCTURE, |c, _| structure(c)),
    ("references", |c, _| references(c)),
    ("journal", journal::examine),
    ("orders", |c, _| orders::examine(c)),
    ("trades", |c, _| trades::examine(c)),
    ("positions", |c, _| positions::examine(c)),
    ("funds", |c, _| funds::examine(c)),
    ("settings", |c, _| settings::examine(c)),
    ("sealed fields", sealed_fields),
    ("values", |c, _| values::examine(c)),
];
const PAGES: &str = "pages";
/// Where pages are damaged, tells of each page that hangs on one of them.
const STRUCTURE: &str = "structure";
/// Stands for those that damaged pages kept from being made.
const REST: &str = "other checks";

/// A check, and whether what it has to examine could be read at all.
struct Examined {
    check: Check,
    readable: bool,
}

pub(crate) async fn run(database: &Database) -> Result<CheckReport, StoreError> {
    let operation = "check the database";
    let context = Arc::clone(&database.context);
    let examining = database.readers.run_judged(
        move |c| {
            context.presence.examine()?;
            examine_all(c, &context)
        },
        |examined| examined.iter().any(|it| !it.readable),
    );
    let examined = examining.await;
    let mut examined = examined.map_err(|fault| fault.into_store(operation))?;
    let is_suspect = |it: &&mut Examined| it.check.name == PAGES && is_damaged(&it.check);
    if let Some(suspect) = examined.iter_mut().find(is_suspect) {
        // Pages are read past the WAL, so one that a checkpoint was just writing looks damaged.
        // On the writer nothing is being written.
        *suspect = database
            .write(operation, |c, context| {
                Ok(made((PAGES, |c, _| pages::examine(c)), c, context))
            })
            .await?;
        name_what_is_lost(database, &mut suspect.check).await;
    }
    let mut checks = without_echoes(examined);
    if database.context.anchor.is_some() {
        // On the writer, where nothing is just being committed.
        let anchor = database.write(operation, |c, context| {
            Ok(made(("anchor", examine_anchor), c, context).check)
        });
        checks.push(anchor.await?);
    }
    Ok(CheckReport { checks })
}

/// Which pages of a file are damaged that is too damaged to be opened; `None` when that cannot be
/// told either.
pub(crate) fn bad_pages(file: &Source) -> Option<String> {
    let mut c = file.open_unproved().ok()?;
    pages::examine(&mut c).ok()?
}

/// Adds to a finding of damaged pages what is on them, as far as that can be told.
async fn name_what_is_lost(database: &Database, pages: &mut Check) {
    let CheckOutcome::Damaged { finding } = &mut pages.outcome else {
        return;
    };
    let lost = match database.readers.with_source(pages::unreadable).await {
        Some(Ok(lost)) if lost.is_empty() => "nothing that is used".to_owned(),
        Some(Ok(lost)) => lost.join(", "),
        Some(Err(error)) => return tracing::warn!(%error, "what is on damaged pages is not known"),
        None => return,
    };
    *finding = format!("{finding} ({lost})");
}

fn examine_anchor(c: &mut SqliteConnection, context: &Context) -> Result<Option<String>, Fault> {
    match &context.anchor {
        Some(anchor) => anchor.examine(c),
        None => Ok(None),
    }
}

fn is_damaged(check: &Check) -> bool {
    check.outcome != CheckOutcome::Sound
}

/// Names the checks that damaged pages made impossible once, instead of what each of them met.
fn without_echoes(examined: Vec<Examined>) -> Vec<Check> {
    let has_bad_pages = |it: &Examined| it.check.name == PAGES && is_damaged(&it.check);
    if !examined.iter().any(has_bad_pages) {
        return examined.into_iter().map(|it| it.check).collect();
    }
    let (kept, lost): (Vec<_>, Vec<_>) = examined
        .into_iter()
        .partition(|it| it.check.name == PAGES || (it.readable && it.check.name != STRUCTURE));
    let mut checks: Vec<_> = kept.into_iter().map(|it| it.check).collect();
    if !lost.is_empty() {
        let names: Vec<_> = lost.iter().map(|it| it.check.name).collect();
        let names = names.join(", ");
        checks.push(Check {
            name: REST,
            outcome: CheckOutcome::Damaged {
                finding: format!("not examined, because pages are damaged: {names}"),
            },
        });
    }
    checks
}

/// Everything within one transaction, so that all checks see the same state. It changes nothing,
/// so there is nothing to commit; and damage that SQLite meets may end it early.
fn examine_all(c: &mut SqliteConnection, context: &Context) -> Result<Vec<Examined>, Fault> {
    c.batch_execute("BEGIN")?;
    let examined = CHECKS.map(|check| made(check, c, context)).into();
    if let Err(error) = c.batch_execute("ROLLBACK") {
        tracing::debug!(%error, "nothing to roll back");
    }
    Ok(examined)
}

/// What cannot even be read is a finding too.
fn made(
    (name, examine): (&'static str, Examine),
    c: &mut SqliteConnection,
    context: &Context,
) -> Examined {
    let found = examine(c, context);
    let readable = !matches!(found, Err(Fault::Diesel(_)));
    let finding = found.unwrap_or_else(|fault| {
        let error = fault.into_store("read what is to be checked");
        Some(explain(&error))
    });
    let outcome = match finding {
        None => CheckOutcome::Sound,
        Some(finding) => CheckOutcome::Damaged { finding },
    };
    Examined {
        check: Check { name, outcome },
        readable,
    }
}

/// An error and all that caused it.
pub(crate) fn explain(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
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
    sealed::open_all(c, context.sealer.as_ref())?;
    Ok(None)
}
