//! A copy in the place of the database.

use crate::file;
use crate::open_error::OpenError;
use std::path::Path;

/// Puts a finished copy in the place of a closed database, in one step. Blocks.
///
/// Refused while either has a write-ahead log with something in it: the database's would be taken
/// for the copy's, and the copy's would be lost.
pub fn replace(database: &Path, copy: &Path) -> Result<(), OpenError> {
    for path in [database, copy] {
        if file::size_of(&file::wal_of(path)) > 0 {
            return Err(OpenError::Storage {
                operation: "close",
                path: path.into(),
                source: "its write-ahead log is left over".into(),
            });
        }
    }
    for path in [database, copy] {
        for suffix in ["-wal", "-shm"] {
            file::remove(&file::beside(path, suffix))?;
        }
    }
    file::rename(copy, database)
}
