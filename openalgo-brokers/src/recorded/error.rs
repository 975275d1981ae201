//! Why there is no market in a folder.

use crate::kite_file::{ImplausibleError, InstrumentFileError, RefusedRow};
use std::fmt;
use std::io;
use std::path::PathBuf;
use thiserror::Error;
use tokio::task::JoinError;

/// The files of a recorded market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedFile {
    /// The instruments.
    Instruments,
    /// The prices.
    Quotes,
    /// Past prices.
    Historical,
}

impl RecordedFile {
    /// What it is called in its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instruments => "instruments.csv",
            Self::Quotes => "quotes.json",
            Self::Historical => "historical.json",
        }
    }
}

impl fmt::Display for RecordedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a folder holds no market that could be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordedError {
    /// One of the files cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The instruments are no table of instruments.
    #[error("{}: {source}", path.display())]
    Instruments {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: InstrumentFileError,
    },
    /// The instruments cannot be all that there are.
    #[error("{}: {source}", path.display())]
    Implausible {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: ImplausibleError,
    },
    /// One row of the instruments cannot be used. A recorded market is small and made by hand, so
    /// none is left out.
    #[error("{}: {source}: {}", path.display(), source.source)]
    Row {
        /// Which file.
        path: PathBuf,
        /// Which row, and what is wrong with it.
        #[source]
        source: Box<RefusedRow>,
    },
    /// The prices are not as they should be; the reason names the line.
    #[error("{}: {source}", path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, and where.
        #[source]
        source: serde_json::Error,
    },
    /// Reading was interrupted.
    #[error("reading the recorded market was interrupted")]
    Interrupted(#[source] JoinError),
}
