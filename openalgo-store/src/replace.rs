//! A copy in the place of the database.

use crate::open_error::OpenError;
use crate::{anchor, file};
use std::path::Path;

/// Puts a finished copy in the place of a closed database, in one step. Blocks.
///
/// The anchor of the copy goes with it: whoever kills this leaves a database that its anchor knows,
/// whichever of the two it is.
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
    anchor::pass_on(database, copy)?;
    file::rename(copy, database)?;
    anchor::remove(copy)
}
