//! Why prices were not recorded, or a recording cannot be played.

use openalgo_brokers::recording::RecordingError;
use openalgo_engine::hub::SubscribeError;
use openalgo_engine::market::LookupError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;
use tokio::task::JoinError;

/// Why prices were not recorded, or a recording cannot be played.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is no such instrument, or it cannot be looked up.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The source of prices streams none.
    #[error(transparent)]
    Subscribe(#[from] SubscribeError),
    /// There is a file of that name.
    #[error("{} is there already", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: RecordingError,
    },
    /// It cannot be read.
    #[error("{} cannot be played", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: RecordingError,
    },
    /// The runtime was stopped meanwhile.
    #[error("recording was interrupted")]
    Interrupted(#[from] JoinError),
}

impl RecordError {
    pub(super) fn open(path: &Path, source: RecordingError) -> Self {
        let path = path.to_owned();
        Self::Open { path, source }
    }

    pub(super) fn write(path: &Path, source: RecordingError) -> Self {
        let path = path.to_owned();
        match source {
            RecordingError::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::Exists { path }
            }
            source => Self::Write { path, source },
        }
    }
}
