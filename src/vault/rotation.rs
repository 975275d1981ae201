//! Another key for the same data.
//!
//! The protocol, of which [`super::settle`] is the other half:
//!
//! 1. the vault file announces the place of the new key (`pending`);
//! 2. the new key is put there and read back;
//! 3. the database is copied under the new key, to another name, and the copy is examined;
//! 4. the database is closed, and the copy takes its place in one step;
//! 5. the new key takes the place of the old one, and the vault file names it.
//!
//! Before step 4 the old key opens the database, after it the new one. Both are at hand until
//! step 5, whenever this is interrupted.

use super::place::key_file;
use crate::folder::DataFolder;
use openalgo_crypto::key_source::KeyFile;
use std::fs;
use std::io;
use std::path::Path;

/// Where a new key waits for the place of the old one.
pub(super) fn next_of(path: &Path) -> KeyFile {
    key_file(path).beside(".next")
}

/// Removes what an unfinished rotation left of its copy, which nobody has used.
pub(super) fn discard_copy(folder: &DataFolder) {
    let copy = folder.copy_under_new_key();
    for suffix in ["", "-wal", "-shm", ".new", ".new-wal", ".new-shm"] {
        let mut path = copy.clone().into_os_string();
        path.push(suffix);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "an unfinished copy of the database stays behind");
            }
            Ok(()) | Err(_) => {}
        }
    }
}
