//! Why a data folder was not opened.

use crate::calendar::CalendarError;
use crate::folder::{DataFolder, FolderError};
use crate::key_source::UnlockError;
use crate::lock::LockError;
use crate::recording::RecordError;
use crate::staged_clock::ClockSpeed;
use openalgo_brokers::recorded::RecordedError;
use openalgo_brokers::simulated::SimulatedError;
use openalgo_core::account::SettingKey;
use openalgo_core::id::TextError;
use openalgo_core::market::Timestamp;
use openalgo_engine::StartError;
use openalgo_store::OpenError;
use std::path::PathBuf;
use thiserror::Error;
use tokio::task::JoinError;

/// Why a data folder was not opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenAppError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// There is nothing in it yet.
    #[error("there is no OpenAlgo data in {0}")]
    NoData(PathBuf),
    /// There was data in it, and the database is gone.
    #[error("{} is missing or empty, although there was data in it", path.display())]
    DataLost {
        /// Where the database was.
        path: PathBuf,
    },
    /// Another process owns it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The key is not at hand.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key is that of the folder, and does not open the database.
    #[error(
        "the key is the one of this data folder, and yet it does not open {}: the file is damaged, \
         or it comes from another folder",
        path.display()
    )]
    Damaged {
        /// The database.
        path: PathBuf,
    },
    /// A setting that is needed to start is missing or makes no sense.
    #[error("the setting {key} cannot be used: {reason}")]
    Setting {
        /// Which setting.
        key: SettingKey,
        /// What is wrong with it.
        reason: String,
    },
    /// The simulated exchange has no instruments.
    #[error(transparent)]
    Simulation(#[from] SimulatedError),
    /// The recorded market cannot be read.
    #[error(transparent)]
    Recorded(#[from] RecordedError),
    /// The recording cannot be traded on.
    #[error(transparent)]
    Recording(#[from] RecordError),
    /// A speed is given to the true time.
    #[error("the true time goes by as it does, and not {speed} times as fast")]
    SpeedOfTrueTime {
        /// The speed.
        speed: ClockSpeed,
    },
    /// The clock is set to an instant behind what has happened here.
    #[error(
        "the clock cannot start at {}: this data folder was traded in until {}",
        start.to_ist().format("%F %T"),
        last.to_ist().format("%F %T")
    )]
    ClockBehind {
        /// Where it was to start.
        start: Timestamp,
        /// When an order was heard of last, or an account on paper changed.
        last: Timestamp,
    },
    /// The days and hours of the exchanges are not known.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The engine does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The paper broker's name breaks the rules for names.
    #[error(transparent)]
    Name(#[from] TextError),
    /// The runtime was stopped while the folder was being opened.
    #[error("opening was interrupted")]
    Interrupted(#[source] JoinError),
}

impl OpenAppError {
    /// Says of a folder without data whether there was any.
    pub fn without_data(folder: &DataFolder) -> Self {
        if folder.has_lost_data() {
            let path = folder.database();
            return Self::DataLost { path };
        }
        Self::NoData(folder.root().to_owned())
    }
}
