//! The anchor: a small file beside the database that tells an older copy of it from the newest.
//!
//! Every commit of the writer counts one up in the table `commits`, and when it is durable the
//! number goes to the anchor, sealed with a key of the database. A database that has counted less
//! than its anchor is an older copy that was put back. The anchor is not flushed: after a power cut
//! it may be behind, which is mended at the next start, but it is never ahead of what was
//! committed. It has two records that are written in turn, so that a torn one leaves the other.
//!
//! A database gets its name when its anchor is there, and counts from one. Only two things begin
//! without a number: a file from before commits were counted, which is taken once unless an anchor
//! says that it is older than that; and one that was killed while it began, which an empty anchor
//! tells. While a copy takes the place of a database, the anchor has two records of each.
//!
//! Whoever puts back an older anchor together with the database of the same age is not noticed.

mod record;

use crate::error::Fault;
use crate::open_error::OpenError;
use crate::repo::audit_log;
use crate::schema::commits as table;
use crate::{file, store};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use openalgo_core::market::Timestamp;
use openalgo_core::monitor::{AuditAction, AuditEntry, Author, Surface};
use openalgo_crypto::JournalKey;
use record::{BOTH, Found, Seals, look, open_file, start, write};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What is done about the anchor when a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorRule {
    /// An older copy is refused.
    Hold,
    /// An older copy, or one without its anchor, is taken from now on, and copies from before that
    /// are refused. The audit log keeps that it was said, and from where.
    Accept(Surface),
    /// There is none: the file is no database of a data folder.
    Without,
}

/// The anchor of an open database.
#[derive(Debug)]
pub(crate) struct Anchor {
    path: PathBuf,
    seals: Seals,
    // Only the writer and a check on the writer's thread use it: nobody ever waits here.
    file: Mutex<File>,
}

/// Where the anchor of a database is.
fn path_of(database: &Path) -> PathBuf {
    file::beside(database, "-anchor")
}

/// A database that is no older than its anchor, or was accepted; nothing of it was changed.
#[derive(Debug)]
pub(crate) struct Compared {
    path: PathBuf,
    key: JournalKey,
    file: File,
    next: Next,
}

/// What a database counts from now on.
#[derive(Debug, Clone, Copy)]
struct Next {
    number: i64,
    /// From where it was said that this is the newest, when the anchor did not say so.
    accepted: Option<Surface>,
}

/// Compares the database at `path` with its anchor before anything is changed.
///
/// One that is taken has an anchor file afterwards, be it empty: whatever is made of it from here
/// on is not mistaken for one that lost its anchor.
pub(crate) fn compare(
    c: &mut SqliteConnection,
    (path, key): (&Path, JournalKey),
    rule: AnchorRule,
) -> Result<Option<Compared>, OpenError> {
    if rule == AnchorRule::Without {
        return Ok(None);
    }
    let counted = counted(c).map_err(|fault| store::storage(path, "read", fault.into_source()))?;
    let place = path_of(path);
    let unusable = |error: io::Error| store::storage(&place, "open", error);
    let (seals, number) = match counted {
        Some((identity, number)) => {
            let key = key.clone();
            (Some(Seals { key, identity }), Some(number))
        }
        None => (None, None),
    };
    let found = look(&place, seals.as_ref()).map_err(unusable)?;
    let next = judge(path, (number, found), rule)?;
    let file = open_file(&place).map_err(unusable)?;
    file::sync_folder(&place).map_err(unusable)?;
    let path = path.into();
    Ok(Some(Compared {
        path,
        key,
        file,
        next,
    }))
}

/// Decides what a database that has counted `counted` goes on with; `None` is one from before
/// commits were counted.
fn judge(
    path: &Path,
    (counted, found): (Option<i64>, Found),
    rule: AnchorRule,
) -> Result<Next, OpenError> {
    let number = counted.unwrap_or_default();
    let go_on = |number| {
        Ok(Next {
            number,
            accepted: None,
        })
    };
    let (refused, above) = match (counted, found) {
        // An anchor that was begun is ahead of its database by the one commit that begins it.
        (Some(_), Found::Number(anchored)) if anchored <= number.max(1) => {
            return go_on(number.max(1));
        }
        (None, Found::Missing | Found::Empty) | (Some(0), Found::Empty) => return go_on(1),
        (Some(_), Found::Number(anchored)) => {
            let path = path.into();
            let refused = OpenError::OlderCopy {
                path,
                found: number,
                expected: anchored,
            };
            (refused, anchored)
        }
        (_, Found::Missing | Found::Empty) => {
            let path = path_of(path);
            (OpenError::AnchorMissing { path }, number)
        }
        (_, Found::Strange | Found::Number(_)) => {
            let path = path_of(path);
            (OpenError::AnchorStrange { path }, number)
        }
    };
    match rule {
        AnchorRule::Accept(from) => Ok(Next {
            number: above.saturating_add(1),
            accepted: Some(from),
        }),
        AnchorRule::Hold | AnchorRule::Without => Err(refused),
    }
}

impl Compared {
    /// Holds on to the database, which has the schema of this program now.
    pub(crate) fn hold(
        self,
        c: &mut SqliteConnection,
        now: Timestamp,
    ) -> Result<Anchor, OpenError> {
        let Self {
            path,
            key,
            mut file,
            next,
        } = self;
        let place = path_of(&path);
        let failed = |fault: Fault| store::storage(&path, "read", fault.into_source());
        let unusable = |error: io::Error| store::storage(&place, "open", error);
        let (identity, number) = stored(c).map_err(failed)?;
        let seals = Seals { key, identity };
        // Killed between the two, a database that begins still has no number, and begins again.
        // One that goes on must not fall behind its anchor when its commit fails.
        let begins = number == 0;
        if begins {
            start(&mut file, &seals, next.number).map_err(unusable)?;
        }
        if next.number != number {
            let counted = c.transaction(|c| {
                set(c, next.number)?;
                let note = next.accepted.map(|from| note(c, (&path, from), now));
                note.unwrap_or(Ok(()))
            });
            counted.map_err(failed)?;
        }
        if !begins {
            start(&mut file, &seals, next.number).map_err(unusable)?;
        }
        let file = Mutex::new(file);
        Ok(Anchor {
            path: place,
            seals,
            file,
        })
    }
}

impl Anchor {
    /// Keeps the number of a commit that is durable.
    ///
    /// A failure is no failure of the commit: an anchor that is behind is mended at the next start.
    pub(crate) fn keep(&self, number: i64) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = write(&mut file, &self.seals, number) {
            tracing::warn!(%error, "the anchor of the database is behind");
        }
    }

    /// What is wrong with the anchor while nothing is being committed.
    pub(crate) fn examine(&self, c: &mut SqliteConnection) -> Result<Option<String>, Fault> {
        let (_, number) = stored(c)?;
        // The file that is there now, not the one that was opened.
        let found = look(&self.path, Some(&self.seals));
        let name = self.path.display();
        Ok(match found {
            Ok(Found::Number(anchored)) if anchored == number => None,
            Ok(Found::Number(anchored)) => Some(format!(
                "{name} says {anchored} commits and the database {number}: close everything and \
                 open it again"
            )),
            Ok(Found::Missing | Found::Empty | Found::Strange) | Err(_) => Some(format!(
                "{name} is missing or was changed: an older copy of the database could not be told; \
                 run `openalgo db accept-older` if this is the newest"
            )),
        })
    }
}

/// Makes the anchor of a database that is about to get its name at `path`, so that it is never
/// without one there.
pub(crate) fn begin(c: &mut SqliteConnection, path: &Path, key: &JournalKey) -> Result<(), Fault> {
    set(c, 1)?;
    let (identity, number) = stored(c)?;
    let key = key.clone();
    let (place, seals) = (path_of(path), Seals { key, identity });
    open_file(&place)
        .and_then(|mut file| start(&mut file, &seals, number))
        .and_then(|()| file::sync_folder(&place))
        .map_err(Fault::other)
}

/// Lets the anchor of a closed database speak for the copy too that is about to take its place,
/// so that whichever of them is there opens.
pub(crate) fn pass_on(database: &Path, copy: &Path) -> Result<(), OpenError> {
    let (place, from) = (path_of(database), path_of(copy));
    let mut records = Vec::new();
    match File::open(&from) {
        // It is not of a data folder.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened
            .and_then(|file| file.take(BOTH).read_to_end(&mut records))
            .map_err(|error| store::storage(&from, "read", error))?,
    };
    open_file(&place)
        .and_then(|mut file| {
            file.seek(SeekFrom::Start(BOTH))?;
            file.write_all(&records)?;
            file.sync_all()
        })
        .and_then(|()| file::sync_folder(&place))
        .map_err(|error| store::storage(&place, "write", error))
}

/// Removes the anchor of a database that is not there any more.
pub(crate) fn remove(database: &Path) -> Result<(), OpenError> {
    let place = path_of(database);
    match std::fs::remove_file(&place) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(store::storage(&place, "remove", error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Whether what is beside the place of a database tells of one that was in use.
///
/// A first start that was killed leaves an anchor without a database, too, but that one has counted
/// nothing beyond the beginning. Nothing is proved here: there is no database to prove it with.
pub fn tells_of_use(database: &Path) -> io::Result<bool> {
    Ok(record::claimed(&path_of(database))? > 1)
}

/// Counts a commit, within it.
pub(crate) fn count(c: &mut SqliteConnection) -> QueryResult<i64> {
    diesel::update(table::table)
        .set(table::number.eq(one_more(table::number)))
        .returning(table::number)
        .get_result(c)
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "this builds SQL and calculates nothing"
)]
fn one_more<C: std::ops::Add<i64>>(column: C) -> C::Output {
    column + 1
}

/// The identity of a database and its number; `None` when it is from before there were any.
fn counted(c: &mut SqliteConnection) -> Result<Option<(String, i64)>, Fault> {
    let is_kept = sql::<BigInt>("SELECT count(*) FROM sqlite_master WHERE name = 'commits'");
    if is_kept.get_result::<i64>(c)? == 0 {
        return Ok(None);
    }
    stored(c).map(Some)
}

fn stored(c: &mut SqliteConnection) -> Result<(String, i64), Fault> {
    Ok(table::table
        .select((table::identity, table::number))
        .get_result(c)?)
}

fn set(c: &mut SqliteConnection, number: i64) -> Result<(), Fault> {
    diesel::update(table::table)
        .set(table::number.eq(number))
        .execute(c)?;
    Ok(())
}

/// Puts on record that the database was taken as it is.
fn note(
    c: &mut SqliteConnection,
    (path, from): (&Path, Surface),
    now: Timestamp,
) -> Result<(), Fault> {
    let name = path.file_name().unwrap_or_default();
    let entry = AuditEntry {
        by: Author {
            user: None,
            surface: from,
        },
        action: AuditAction::OlderAccepted,
        object: name.to_string_lossy().into_owned(),
        detail: None,
        at: now,
    };
    audit_log::append(c, &entry)
}
