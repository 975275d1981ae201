//! The calendar of the exchanges: what comes with the program, updated by a file in the data folder.

use crate::folder::DataFolder;
use openalgo_brokers::calendar_file::{self, CalendarFileError};
use openalgo_core::market::TradingCalendar;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no calendar.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// The file in the data folder cannot be read.
    #[error("the calendar {} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file in the data folder, or the one that comes with the program, is no calendar.
    #[error("{} is no calendar: {source}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: CalendarFileError,
    },
}

impl DataFolder {
    /// Reads trading days and hours of the exchanges: those of the program, updated by the file
    /// `market-calendar.csv` of the folder. Blocks while it reads.
    pub fn read_calendar(&self) -> Result<TradingCalendar, CalendarError> {
        let path = self.calendar();
        let invalid = |source| CalendarError::Invalid {
            path: path.clone(),
            source,
        };
        let built_in = calendar_file::built_in().map_err(invalid)?;
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let newer = calendar_file::parse(&text).map_err(invalid)?;
                Ok(built_in.updated_by(newer))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(built_in),
            Err(source) => Err(CalendarError::Unreadable { path, source }),
        }
    }
}
