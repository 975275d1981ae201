//! A complete copy of the open database under other keys.
//!
//! The copy is written by a connection of its own, to which the source is attached: one read
//! transaction sees one state of it while the writer goes on. Tables and indexes are copied as they
//! are; what depends on a key is not: every sealed field is opened and sealed again, and the
//! journal is verified and chained anew.

use crate::bridge::Context;
use crate::check::JournalReader;
use crate::connection::{self, Role};
use crate::copy_error::CopyError;
use crate::error::Fault;
use crate::journal::{Heads, to_hex};
use crate::keys::Keys;
use crate::open_error::OpenError;
use crate::row::event::NumberedEvent;
use crate::source::{Source, existing};
use crate::store::Store;
use crate::{anchor, file, halt, sealed};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::BoxError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often somebody who waits hears how far the copy has come.
const REPORTS: Duration = Duration::from_millis(100);
/// Entries of the journal that are read at a time.
const CHUNK: i64 = 1_000;

/// How far a copy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes written so far.
    pub done: u64,
    /// Bytes that there will be, about.
    pub total: u64,
}

impl Store {
    /// Writes a copy of the whole database to a new file at `path`, under other keys.
    ///
    /// The copy is one state of the database, with everything that was reported as written before;
    /// meanwhile others read and write as ever. The file gets its name when it is complete and on
    /// the disk. A copy that has begun is finished, even if the caller stops waiting.
    pub async fn copy_to(
        &self,
        path: &Path,
        keys: Keys,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), CopyError> {
        self.copy_for(Purpose::Copy, (path, keys), progress).await
    }

    /// Writes a copy as [`Self::copy_to`] does, which is to take the place of this database by
    /// [`crate::replace`]. It has its anchor beside it from the beginning.
    pub async fn rekey_to(
        &self,
        path: &Path,
        keys: Keys,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), CopyError> {
        self.copy_for(Purpose::Rekey, (path, keys), progress).await
    }

    /// Writes a copy as [`Self::copy_to`] does, in which nothing trades by itself: broker tokens
    /// are dropped, sessions ended, strategies off, and every user's kill switch is on. It has its
    /// anchor beside it from the beginning.
    pub async fn restore_to(
        &self,
        path: &Path,
        keys: Keys,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), CopyError> {
        self.copy_for(Purpose::Restore, (path, keys), progress)
            .await
    }

    async fn copy_for(
        &self,
        purpose: Purpose,
        (path, keys): (&Path, Keys),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), CopyError> {
        let target = Target::new(path, purpose)?;
        let (draft, total) = (target.draft.clone(), Arc::clone(&target.total));
        let context = Arc::clone(&self.database.context);
        let copying = self
            .database
            .readers
            .with_source(move |source| target.write(source, &context, &keys));
        let mut copying = std::pin::pin!(copying);
        let mut reports = tokio::time::interval(REPORTS);
        loop {
            tokio::select! {
                done = &mut copying => {
                    done.unwrap_or(Err(CopyError::Closed))?;
                    let total = total.load(Ordering::Relaxed);
                    progress(Progress { done: total, total });
                    return Ok(());
                }
                _ = reports.tick() => {
                    let (done, total) = (file::size_of(&draft), total.load(Ordering::Relaxed));
                    if total > 0 {
                        let done = done.min(total);
                        progress(Progress { done, total });
                    }
                }
            }
        }
    }
}

/// What a copy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be as the original.
    Copy,
    /// To take the place of the original.
    Rekey,
    /// To begin anew somewhere else.
    Restore,
}

/// The file that a copy is written to.
struct Target {
    purpose: Purpose,
    path: PathBuf,
    /// Its name until it is complete.
    draft: PathBuf,
    /// Its size, about; zero until that is known.
    total: Arc<AtomicU64>,
}

impl Target {
    fn new(path: &Path, purpose: Purpose) -> Result<Self, CopyError> {
        let path =
            std::path::absolute(path).map_err(|error| CopyError::target(path, "find", error))?;
        file::refuse_existing(&path)?;
        Ok(Self {
            purpose,
            draft: file::beside(&path, ".new"),
            path,
            total: Arc::default(),
        })
    }

    fn write(&self, source: &Source, old: &Context, new: &Keys) -> Result<(), CopyError> {
        // The copy is made of the file that is under the name.
        old.presence.examine().map_err(CopyError::Lost)?;
        // What a copy that was killed left there has never been used.
        file::remove(&self.draft)?;
        file::create(&self.draft).map_err(|error| self.by_its_name(error))?;
        let made = self.fill(source, old, new).and_then(|()| {
            file::sync(&self.draft)?;
            Ok(file::publish(&self.draft, &self.path)?)
        });
        made.inspect_err(|_| {
            if let Err(error) = file::remove(&self.draft) {
                tracing::warn!(%error, "an unfinished copy stays behind");
            }
        })
    }

    /// Names the file that was asked for instead of its draft.
    fn by_its_name(&self, error: OpenError) -> OpenError {
        if matches!(error, OpenError::NoFolder { .. }) {
            let path = self.path.clone();
            OpenError::NoFolder { path }
        } else {
            error
        }
    }

    fn fill(&self, source: &Source, old: &Context, new: &Keys) -> Result<(), CopyError> {
        let failed = |error: BoxError| CopyError::target(&self.path, "create", error);
        let draft = self.draft.to_str();
        let draft = draft.ok_or_else(|| failed("its path is not valid Unicode".into()))?;
        let mut c = connection::open(&existing(draft), &new.database_key, Role::Copy)
            .map_err(|error| failed(error.into()))?;
        // The target is open, so it is the source that cannot be read.
        source.attach(&mut c).map_err(|fault| CopyError::Damaged {
            finding: fault.into_source().to_string(),
        })?;
        match self.transfer(&mut c, old, new) {
            Ok(None) => Ok(()),
            Ok(Some(finding)) => Err(CopyError::Damaged { finding }),
            Err(fault) => Err(CopyError::of(fault, &self.path)),
        }
    }

    /// Everything within one transaction; gives what is damaged. What fails leaves a draft that is
    /// thrown away, and nothing to roll back: damage that SQLite meets may have ended it already.
    fn transfer(
        &self,
        c: &mut SqliteConnection,
        old: &Context,
        new: &Keys,
    ) -> Result<Option<String>, Fault> {
        c.batch_execute("BEGIN")?;
        self.total.store(size(c)?, Ordering::Relaxed);
        let finding = copy(c, old, new)?;
        if self.purpose == Purpose::Restore {
            halt::halt(c, old.clock.now())?;
        }
        finish(c)?;
        if self.purpose != Purpose::Copy && finding.is_none() {
            anchor::begin(c, &self.path, &new.journal_key)?;
        }
        c.batch_execute("COMMIT")?;
        Ok(finding)
    }
}

/// Bytes of the source that hold something.
fn size(c: &mut SqliteConnection) -> Result<u64, Fault> {
    let mut figure = |name| -> Result<i64, Fault> {
        Ok(sql::<BigInt>(&format!("PRAGMA source.{name}")).get_result(c)?)
    };
    let pages = figure("page_count")?.saturating_sub(figure("freelist_count")?);
    let bytes = pages.saturating_mul(figure("page_size")?);
    Ok(u64::try_from(bytes).unwrap_or_default())
}

/// Copies everything but triggers and views; gives what is damaged.
fn copy(c: &mut SqliteConnection, old: &Context, new: &Keys) -> Result<Option<String>, Fault> {
    for object in objects(c, "'table', 'index'")? {
        c.batch_execute(&object.sql)?;
    }
    for table in objects(c, "'table'")? {
        if table.name != JOURNAL {
            copy_rows(c, &table.name)?;
        }
    }
    if let Some(finding) = relink(c, old, new)? {
        return Ok(Some(finding));
    }
    sealed::reseal(c, old.sealer.as_ref(), new.sealer.as_ref())?;
    Ok(None)
}

/// Adds what would have been in the way of a change.
fn finish(c: &mut SqliteConnection) -> Result<(), Fault> {
    for object in objects(c, "'view', 'trigger'")? {
        c.batch_execute(&object.sql)?;
    }
    copy_numbers(c)
}

/// The one table whose rows are not taken as they are.
const JOURNAL: &str = "order_events";

struct Object {
    name: String,
    sql: String,
}

/// The parts of the schema of the source that are of these kinds, tables and views first.
fn objects(c: &mut SqliteConnection, kinds: &str) -> Result<Vec<Object>, Fault> {
    let rows = sql::<(Text, Text)>(&format!(
        "SELECT name, sql FROM source.sqlite_master \
         WHERE type IN ({kinds}) AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         ORDER BY type NOT IN ('table', 'view'), rowid"
    ))
    .load::<(String, String)>(c)?;
    let parts = rows.into_iter();
    Ok(parts.map(|(name, sql)| Object { name, sql }).collect())
}

/// Into an equal, empty table: SQLite copies the stored rows and index entries without looking
/// into them.
fn copy_rows(c: &mut SqliteConnection, table: &str) -> Result<(), Fault> {
    let table = table.replace('"', "\"\"");
    c.batch_execute(&format!(
        "INSERT INTO main.\"{table}\" SELECT * FROM source.\"{table}\""
    ))?;
    Ok(())
}

/// Verifies the chains of the journal under the old key and links the copies under the new one;
/// gives what is wrong with the old ones.
fn relink(c: &mut SqliteConnection, old: &Context, new: &Keys) -> Result<Option<String>, Fault> {
    let mut reader = JournalReader::new(&old.journal_key);
    let mut heads = Heads::new(&new.journal_key);
    loop {
        let entries: Vec<NumberedEvent> = sql_query(format!(
            "SELECT * FROM source.{JOURNAL} WHERE id > ? ORDER BY id LIMIT {CHUNK}"
        ))
        .bind::<BigInt, _>(reader.last())
        .load(c)?;
        if entries.is_empty() {
            break;
        }
        for mut entry in entries {
            if let Some(finding) = reader.read(&entry)? {
                return Ok(Some(finding));
            }
            entry.event.mac = to_hex(&heads.extend(&entry.event));
            entry.insert(c)?;
        }
    }
    let given = sql::<BigInt>(&format!(
        "SELECT coalesce(max(seq), 0) FROM source.sqlite_sequence WHERE name = '{JOURNAL}'"
    ));
    Ok(reader.end(given.get_result(c)?))
}

/// What SQLite remembers besides rows, and a count of commits of its own: the copy is another
/// file, which begins with its own anchor.
fn copy_numbers(c: &mut SqliteConnection) -> Result<(), Fault> {
    c.batch_execute("UPDATE main.commits SET identity = lower(hex(randomblob(16))), number = 0")?;
    c.batch_execute(
        "DELETE FROM main.sqlite_sequence; \
         INSERT INTO main.sqlite_sequence SELECT * FROM source.sqlite_sequence;",
    )?;
    for name in ["user_version", "application_id"] {
        let number = sql::<BigInt>(&format!("PRAGMA source.{name}")).get_result::<i64>(c)?;
        c.batch_execute(&format!("PRAGMA main.{name} = {number}"))?;
    }
    Ok(())
}
