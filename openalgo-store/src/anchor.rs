//! The anchor: a small file beside the database that tells an older copy of it from the newest.
//!
//! Every commit of the writer counts one up in the table `commits`, and when it is durable the
//! number goes to the anchor, sealed with a key of the database. A database that has counted less
//! than its anchor is an older copy that was put back. The anchor is not flushed: after a power cut
//! it may be behind, which is mended at the next start, but it is never ahead of what was
//! committed. It has two records that are written in turn, so that a torn one leaves the other.
//!
//! Whoever puts back an older anchor together with the database of the same age is not noticed.

use crate::error::Fault;
use crate::open_error::OpenError;
use crate::repo::audit_log;
use crate::schema::commits as table;
use crate::{file, store};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use openalgo_core::market::Timestamp;
use openalgo_core::monitor::{AuditAction, AuditEntry, Author, Surface};
use openalgo_crypto::JournalKey;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Tells seals of anchors from those of the journal, which begin with the number of a user.
const PURPOSE: &[u8] = b"openalgo/v1/anchor";
/// A number and its seal.
const RECORD: usize = 40;

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

/// Makes and proves the records of one database.
#[derive(Debug)]
struct Seals {
    key: JournalKey,
    identity: String,
}

impl Seals {
    fn record(&self, number: i64) -> [u8; RECORD] {
        let digits = number.to_be_bytes();
        let fields: [&[u8]; 3] = [PURPOSE, self.identity.as_bytes(), &digits];
        let seal = self.key.link(&[0; 32], &fields);
        let mut record = [0; RECORD];
        for (to, from) in record.iter_mut().zip(digits.iter().chain(&seal)) {
            *to = *from;
        }
        record
    }

    /// The number of an authentic record.
    fn number(&self, record: &[u8; RECORD]) -> Option<i64> {
        let number = i64::from_be_bytes(*record.first_chunk()?);
        // What is compared is public: the file lies open beside the database.
        (self.record(number) == *record).then_some(number)
    }
}

/// Where the anchor of a database is.
fn path_of(database: &Path) -> PathBuf {
    file::beside(database, "-anchor")
}

/// What an anchor file says.
enum Found {
    Nothing,
    Strange,
    Number(i64),
}

impl Anchor {
    /// Compares the database at `path` with its anchor, and holds on to it from now on.
    pub(crate) fn open(
        c: &mut SqliteConnection,
        (path, key, now): (&Path, JournalKey, Timestamp),
        rule: AnchorRule,
    ) -> Result<Option<Self>, OpenError> {
        if rule == AnchorRule::Without {
            return Ok(None);
        }
        let failed = |fault: Fault| store::storage(path, "read", fault.into_source());
        let (identity, number) = stored(c).map_err(failed)?;
        let seals = Seals { key, identity };
        let place = path_of(path);
        let unusable = |error: io::Error| store::storage(&place, "open", error);
        let mut file = open_file(&place).map_err(unusable)?;
        let found = read(&mut file, &seals).map_err(unusable)?;
        let next = match (found, rule) {
            (Found::Number(anchored), AnchorRule::Accept(_)) if anchored > number => {
                anchored.saturating_add(1)
            }
            (Found::Number(anchored), _) if anchored > number => {
                let path = path.into();
                return Err(OpenError::OlderCopy {
                    path,
                    found: number,
                    expected: anchored,
                });
            }
            (Found::Number(_), _) => number,
            // A database that nobody has opened yet, or only a program that did not count.
            (Found::Nothing | Found::Strange, _) if number == 0 => 1,
            (Found::Nothing | Found::Strange, AnchorRule::Accept(_)) => number.saturating_add(1),
            (Found::Nothing, _) => return Err(OpenError::AnchorMissing { path: place }),
            (Found::Strange, _) => return Err(OpenError::AnchorStrange { path: place }),
        };
        if next != number {
            let counted = c.transaction(|c| {
                set(c, next)?;
                match rule {
                    AnchorRule::Accept(from) if number > 0 => note(c, (path, from), now),
                    AnchorRule::Accept(_) | AnchorRule::Hold | AnchorRule::Without => Ok(()),
                }
            });
            counted.map_err(failed)?;
        }
        start(&mut file, &seals, next).map_err(unusable)?;
        file::sync_folder(&place).map_err(unusable)?;
        let file = Mutex::new(file);
        Ok(Some(Self {
            path: place,
            seals,
            file,
        }))
    }

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
        let found = File::open(&self.path).and_then(|mut file| read(&mut file, &self.seals));
        let name = self.path.display();
        Ok(match found {
            Ok(Found::Number(anchored)) if anchored == number => None,
            Ok(Found::Number(anchored)) => Some(format!(
                "{name} says {anchored} commits and the database {number}: close everything and \
                 open it again"
            )),
            Ok(Found::Nothing | Found::Strange) | Err(_) => Some(format!(
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

fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn read(file: &mut File, seals: &Seals) -> io::Result<Found> {
    let mut records = [[0; RECORD]; 2];
    file.rewind()?;
    let length = file.metadata()?.len();
    for record in &mut records {
        match file.read_exact(record) {
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    let newest = records
        .iter()
        .filter_map(|record| seals.number(record))
        .max();
    Ok(match newest {
        Some(number) => Found::Number(number),
        None if length == 0 => Found::Nothing,
        None => Found::Strange,
    })
}

/// Both records, durably.
fn start(file: &mut File, seals: &Seals, number: i64) -> io::Result<()> {
    let record = seals.record(number);
    file.rewind()?;
    file.write_all(&[record, record].concat())?;
    file.sync_all()
}

/// One record, in turn.
fn write(file: &mut File, seals: &Seals, number: i64) -> io::Result<()> {
    let place = if number.checked_rem(2) == Some(0) {
        0
    } else {
        40
    };
    file.seek(SeekFrom::Start(place))?;
    file.write_all(&seals.record(number))
}
