//! What can go wrong with lists of instruments.

use crate::folder::FolderError;
use openalgo_brokers::kite_file::{ImplausibleError, InstrumentFileError};
use openalgo_core::id::BrokerName;
use openalgo_core::market::InstrumentListError;
use openalgo_core::port::{CryptoError, MarketError, StoreError};
use std::io;
use std::path::PathBuf;
use thiserror::Error;
use tokio::task::JoinError;

/// Why a list was not taken. The one that there was is used as before.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TakeContractError {
    /// Nobody knows how this broker writes its list down.
    #[error("lists of {broker} cannot be read, only those of {readable}")]
    NoParser {
        /// Whose list it was to be.
        broker: BrokerName,
        /// Those whose lists can be.
        readable: String,
    },
    /// It does not come.
    #[error("{origin} cannot be read: {source}")]
    Download {
        /// Where it was to come from.
        origin: String,
        /// What went wrong.
        #[source]
        source: MarketError,
    },
    /// It is longer than any list.
    #[error("the instrument file has more than {most} bytes, which no list of instruments has")]
    TooLarge {
        /// How long one may be.
        most: u64,
    },
    /// It is no text.
    #[error("row {row} of the instrument file is no text: it is not valid UTF-8")]
    NotText {
        /// The line; the headings are line 1.
        row: usize,
    },
    /// It is no list of instruments.
    #[error(transparent)]
    File(#[from] InstrumentFileError),
    /// It cannot be the whole list of a day.
    #[error(transparent)]
    Implausible(#[from] ImplausibleError),
    /// It cannot be kept in memory.
    #[error(transparent)]
    List(#[from] InstrumentListError),
    /// The folder of the lists cannot be made.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// It cannot be written.
    #[error("the list of instruments cannot be written to {}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// There is no randomness for its mark.
    #[error("the list of instruments cannot be marked")]
    Mark(#[from] CryptoError),
    /// What is known of it cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime was stopped meanwhile.
    #[error("taking the list of instruments was interrupted")]
    Interrupted(#[source] JoinError),
}

/// Why a list cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenContractError {
    /// There has never been one.
    #[error("there is no list of instruments of {broker}")]
    Unknown {
        /// Whose.
        broker: BrokerName,
    },
    /// Its file cannot be used, nor that of the one before.
    #[error(transparent)]
    Unusable(#[from] UnusableContract),
    /// It cannot be kept in memory.
    #[error(transparent)]
    List(#[from] InstrumentListError),
    /// What is known of it cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The runtime was stopped meanwhile.
    #[error("reading the list of instruments was interrupted")]
    Interrupted(#[source] JoinError),
}

/// Why a file with a list is not used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UnusableContract {
    /// It is gone.
    #[error("the list of instruments {} is gone", path.display())]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("the list of instruments {} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is not what was written.
    #[error(
        "the list of instruments {} was changed by somebody else and is not used: it decides which \
         instrument an order reaches",
        path.display()
    )]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// It was written by another version of the program.
    #[error("the list of instruments {} is of a form that this program does not know", path.display())]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// What it stumbles over.
        #[source]
        source: serde_json::Error,
    },
}
