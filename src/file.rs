//! Single files: removed, and their names made durable. What a data folder holds is in `folder`.

use std::fs;
use std::io;
use std::path::Path;

/// Makes the name of a file as durable as its contents.
#[cfg(unix)]
pub(crate) fn sync_parent(of: &Path) -> io::Result<()> {
    of.parent()
        .map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

/// Windows opens no folder as a file, and keeps names durable by itself.
#[cfg(not(unix))]
pub(crate) fn sync_parent(of: &Path) -> io::Result<()> {
    of.metadata().map(drop)
}

/// Removes a file; one that is not there is as good.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_file(path))
}

/// Removes a folder and all that is in it; one that is not there is as good.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_dir_all(path))
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
