//! Why a database does not open, and how to mend it.

use openalgo_core::port::BoxError;
use std::path::PathBuf;
use thiserror::Error;

/// Why a database does not open. The file is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no file.
    #[error("there is no database at {}: create one, or name the folder that holds it", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is a file, or the log of one, where one was to be created.
    #[error("there is a file at {} already: open it, or choose another folder", path.display())]
    AlreadyExists {
        /// Where it is.
        path: PathBuf,
    },
    /// The folder of a file that was to be created does not exist.
    #[error("the folder of {} does not exist: create it first", path.display())]
    NoFolder {
        /// Where the file was to be.
        path: PathBuf,
    },
    /// The file is an unencrypted SQLite database.
    #[error("{} is an unencrypted SQLite database, not one of OpenAlgo: move it away", path.display())]
    PlainSqlite {
        /// The file.
        path: PathBuf,
    },
    /// The file has not the size of a database: it is something else, or it was cut off.
    #[error(
        "{} is no database, or a part of one was lost: its {bytes} bytes are no whole number of pages; restore a backup",
        path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The key does not open the file. It belongs to another file, or the file's beginning is
    /// damaged; encryption makes the two look the same.
    #[error(
        "the key does not open {}: supply the key that the database was created with; if it is that one, the file is damaged and a backup must be restored",
        path.display()
    )]
    WrongKeyOrDamaged {
        /// The file.
        path: PathBuf,
    },
    /// The key opens the file, but its content is damaged.
    #[error("{} is damaged{}: restore a backup", path.display(), in_brackets(pages.as_deref()))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which pages are, where that is known.
        pages: Option<String>,
        /// What the database said.
        #[source]
        source: BoxError,
    },
    /// The file was written by a newer program.
    #[error(
        "{} was written by a newer OpenAlgo: its schema is {found} and this program knows up to {known}; install the newer program",
        path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The newest migration recorded in the file.
        found: String,
        /// The newest migration of this program.
        known: String,
    },
    /// The file is an older copy that was put back.
    #[error(
        "{} is an older copy: {found} commits are in it and {expected} were made; put the newer file back, or accept this one if the newer is lost",
        path.display()
    )]
    OlderCopy {
        /// The file.
        path: PathBuf,
        /// How many commits are in it.
        found: i64,
        /// How many there were.
        expected: i64,
    },
    /// The file that tells an older copy is not there.
    #[error(
        "{} is missing, so nobody can tell whether the database is the newest: put it back, or accept the database as it is",
        path.display()
    )]
    AnchorMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file that tells an older copy is not that of this database, or was changed.
    #[error(
        "{} does not belong to this database or was changed, so nobody can tell whether the database is the newest: put the right one back, or accept the database as it is",
        path.display()
    )]
    AnchorStrange {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder may not be written.
    #[error("{} cannot be written: give this user the right to write it and its folder", path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: BoxError,
    },
    /// The program was built without encryption.
    #[error("this program cannot encrypt ({reason}): build it with SQLCipher")]
    NoEncryption {
        /// What is missing.
        reason: &'static str,
    },
    /// The storage failed in another way.
    #[error("failed to {operation} {}", path.display())]
    Storage {
        /// What was being done.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: BoxError,
    },
}

fn in_brackets(text: Option<&str>) -> String {
    text.map(|text| format!(" ({text})")).unwrap_or_default()
}
