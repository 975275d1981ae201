//! Giving the room of what was deleted back to the disk.

use crate::error::Fault;
use crate::file;
use crate::store::Store;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::StoreError;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What came of compacting a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes of the file and its write-ahead log before.
    pub before: u64,
    /// The same now.
    pub after: u64,
    /// Whether somebody who was reading all the while keeps the file from shrinking now: then it
    /// shrinks when the database is closed.
    pub is_held: bool,
}

/// Why a database was not compacted. It is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompactError {
    /// The disk is too full for it.
    #[error(
        "compacting needs {needed} bytes beside {} for a while and {free} are free: make room on that disk first",
        path.display()
    )]
    NoRoom {
        /// The database.
        path: PathBuf,
        /// Bytes that are needed for a while.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Writes the whole database anew without its gaps, and makes the file as small as that.
    ///
    /// Reads go on; changes wait until it is done. A process that is killed meanwhile leaves the
    /// database as it was before or as it is afterwards.
    pub async fn compact(&self) -> Result<Compacted, CompactError> {
        let path = self.database.path.clone();
        let compacting = self
            .database
            .bare("compact the database", move |c, _| compact(c, &path));
        compacting.await?
    }
}

fn compact(
    c: &mut SqliteConnection,
    path: &Path,
) -> Result<Result<Compacted, CompactError>, Fault> {
    let before = size(path);
    let free = fs4::available_space(path.parent().unwrap_or(path)).map_err(Fault::other)?;
    if let Err(refused) = ensure_room(path, before, free) {
        return Ok(Err(refused));
    }
    // The new state is built in a temporary file, encrypted like the database: in memory it could
    // take more than there is.
    c.batch_execute("PRAGMA temp_store = FILE")?;
    let rewritten = c.batch_execute("VACUUM");
    c.batch_execute("PRAGMA temp_store = MEMORY")?;
    rewritten?;
    let is_held = shrink(c)?;
    Ok(Ok(Compacted {
        before,
        after: size(path),
        is_held,
    }))
}

/// A database goes into a temporary file as a whole, and from there into the write-ahead log.
fn ensure_room(path: &Path, size: u64, free: u64) -> Result<(), CompactError> {
    let needed = size.saturating_mul(2);
    if free >= needed {
        return Ok(());
    }
    let path = path.to_owned();
    Err(CompactError::NoRoom { path, needed, free })
}

/// Moves the write-ahead log into the file, which takes its new size by that; says whether a
/// reader is in the way.
fn shrink(c: &mut SqliteConnection) -> Result<bool, Fault> {
    let (busy, _, _) = sql::<(Integer, Integer, Integer)>("PRAGMA wal_checkpoint(TRUNCATE)")
        .get_result::<(i32, i32, i32)>(c)?;
    Ok(busy != 0)
}

fn size(path: &Path) -> u64 {
    file::size_of(path).saturating_add(file::size_of(&file::wal_of(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{self, Role};
    use openalgo_core::testing::FakeRandom;
    use openalgo_crypto::MasterKey;

    #[test]
    fn a_disk_without_room_for_twice_the_database_is_refused() {
        let path = Path::new("main.db");
        assert!(ensure_room(path, 100, 200).is_ok());
        let refused = ensure_room(path, 100, 199).unwrap_err().to_string();
        assert!(refused.contains("needs 200 bytes"), "{refused}");
        assert!(refused.contains("make room"), "{refused}");
    }

    #[test]
    fn whoever_reads_all_the_while_keeps_the_file_from_shrinking() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("main.db");
        let key = MasterKey::make(&FakeRandom::default()).unwrap();
        let open =
            |role| connection::open(path.to_str().unwrap(), &key.database_key(), role).unwrap();
        let mut writer = open(Role::Writer);
        writer
            .batch_execute(
                "PRAGMA busy_timeout = 0; CREATE TABLE gap (bytes BLOB); \
                 INSERT INTO gap VALUES (randomblob(1000000)); DELETE FROM gap;",
            )
            .unwrap();
        let mut reader = open(Role::Reader);
        let count = sql::<Integer>("SELECT count(*) FROM gap");
        reader.batch_execute("BEGIN").unwrap();
        assert_eq!(count.clone().get_result(&mut reader), Ok(0));
        let done = compact(&mut writer, &path).unwrap().unwrap();
        assert!(done.is_held && done.after > 1_000_000, "{done:?}");
        assert_eq!(count.get_result(&mut reader), Ok(0));
        reader.batch_execute("COMMIT").unwrap();
        let done = compact(&mut writer, &path).unwrap().unwrap();
        assert!(!done.is_held && done.after < 100_000, "{done:?}");
    }
}
