//! What can be told of a database file before its key is tried.

use crate::open_error::OpenError;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Bytes of a page.
const PAGE: u64 = 4096;
/// How an unencrypted database begins; an encrypted one begins with random bytes.
const PLAIN: &[u8; 16] = b"SQLite format 3\0";

/// Whether nothing is stored at `path`: there is no file, or one that a start left empty when it
/// was killed. A write-ahead log with something in it is data, whatever lies beside it.
pub(crate) fn is_vacant(path: &Path) -> bool {
    let is_empty = match path.symlink_metadata() {
        Ok(file) => file.is_file() && file.len() == 0,
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    is_empty && size_of(&wal_of(path)) == 0
}

/// Removes a database file and all that SQLite keeps beside it.
pub(crate) fn remove(path: &Path) -> Result<(), OpenError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let file = beside(path, suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(io(&file, "remove", error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Refuses a name that is taken.
pub(crate) fn refuse_existing(path: &Path) -> Result<(), OpenError> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(_) => Err(OpenError::AlreadyExists { path: path.into() }),
        Err(error) => Err(io(path, "create", error)),
    }
}

/// Makes what was written to a file durable.
pub(crate) fn sync(path: &Path) -> Result<(), OpenError> {
    // Windows flushes only what may be written.
    let file = OpenOptions::new().read(true).write(true).open(path);
    file.and_then(|file| file.sync_all())
        .map_err(|error| io(path, "write", error))
}

/// Gives a finished file its name, durably, and never takes the place of another file.
pub(crate) fn publish(from: &Path, to: &Path) -> Result<(), OpenError> {
    // A second name is refused where there is a file. Not every file system knows second names.
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from)
            .and_then(|()| sync_folder(to))
            .map_err(|error| io(to, "create", error)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(OpenError::AlreadyExists { path: to.into() })
        }
        Err(_unsupported) => {
            refuse_existing(to)?;
            rename(from, to)
        }
    }
}

/// Gives a finished file its name, durably.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), OpenError> {
    std::fs::rename(from, to)
        .and_then(|()| sync_folder(to))
        .map_err(|error| io(to, "create", error))
}

#[cfg(unix)]
pub(crate) fn sync_folder(of: &Path) -> std::io::Result<()> {
    of.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Windows opens no folder as a file, and keeps names durable by itself.
#[cfg(not(unix))]
pub(crate) fn sync_folder(of: &Path) -> std::io::Result<()> {
    of.symlink_metadata().map(drop)
}

/// Creates an empty file that nobody else may read.
pub(crate) fn create(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_file) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(OpenError::AlreadyExists { path: path.into() })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(OpenError::NoFolder { path: path.into() })
        }
        Err(error) => Err(io(path, "create", error)),
    }
}

/// Checks that a file could be a database of ours.
pub(crate) fn examine(path: &Path) -> Result<(), OpenError> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(OpenError::Missing { path: path.into() });
        }
        Err(error) => return Err(io(path, "open", error)),
    };
    let bytes = file
        .metadata()
        .map_err(|error| io(path, "examine", error))?
        .len();
    if begins_plain(&mut file, bytes).map_err(|error| io(path, "read", error))? {
        return Err(OpenError::PlainSqlite { path: path.into() });
    }
    // A checkpoint that a full disk interrupted leaves a partial page, which the WAL mends.
    let whole_pages = bytes.checked_rem(PAGE) == Some(0) || size_of(&wal_of(path)) > 0;
    if bytes < PAGE || !whole_pages {
        let path = path.into();
        return Err(OpenError::NotADatabase { path, bytes });
    }
    Ok(())
}

fn begins_plain(file: &mut File, bytes: u64) -> std::io::Result<bool> {
    let mut header = [0; 16];
    if bytes < 16 {
        return Ok(false);
    }
    file.read_exact(&mut header)?;
    Ok(header == *PLAIN)
}

fn io(path: &Path, operation: &'static str, error: std::io::Error) -> OpenError {
    let path = path.into();
    let forbidden = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
    if forbidden.contains(&error.kind()) {
        let source = error.into();
        return OpenError::NotWritable { path, source };
    }
    OpenError::Storage {
        operation,
        path,
        source: error.into(),
    }
}

/// Where SQLite keeps the write-ahead log of a database.
pub(crate) fn wal_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// The path with something added to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Size of a file; zero when there is none.
pub(crate) fn size_of(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}
