//! Why the journal was not verified or written out.

use openalgo_core::id::Username;
use openalgo_core::market::TradingDay;
use openalgo_core::port::StoreError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;
use tokio::task::JoinError;

/// Why the journal was not verified or written out. The journal is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// There is no user of this name.
    #[error("there is no user '{0}'")]
    UnknownUser(Username),
    /// Several users have an order of this id.
    #[error("the order '{order}' is one of each of {}: say whose is meant", names(.whose))]
    Ambiguous {
        /// The id.
        order: String,
        /// Whose orders have it.
        whose: Vec<Username>,
    },
    /// The last day comes before the first.
    #[error("there is no day from {from} to {to}: the last day comes before the first")]
    NoDays {
        /// The first day.
        from: TradingDay,
        /// The last day.
        to: TradingDay,
    },
    /// There is more than was asked for at once.
    #[error("the journal takes more than {} MiB here: write it to a file", most >> 20)]
    TooLong {
        /// How many bytes it may take.
        most: usize,
    },
    /// There is a file where the journal was to go.
    #[error("{} already exists and is left alone: choose another name", path.display())]
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// There is no folder where the journal was to go.
    #[error("cannot write {}: there is no folder {}", path.display(), folder.display())]
    NoFolder {
        /// The file that was named.
        path: PathBuf,
        /// The folder that it was to be in.
        folder: PathBuf,
    },
    /// What is there must not be replaced.
    #[error("{} is {what} and is left alone: choose another name", path.display())]
    Reserved {
        /// The file that was named.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The file cannot be written.
    #[error("cannot write {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime was stopped meanwhile.
    #[error("the journal was not written out")]
    Interrupted(#[from] JoinError),
}

fn names(whose: &[Username]) -> String {
    let names: Vec<_> = whose.iter().map(|name| format!("'{name}'")).collect();
    names.join(" and ")
}

impl JournalError {
    /// What failed about the file that was named.
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::AlreadyExists {
            return Self::Exists { path };
        }
        Self::File { path, source }
    }
}
