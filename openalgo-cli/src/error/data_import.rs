//! Why a calendar or freeze quantities were not taken, and what to do about it.

use super::{CliError, Exit, chain};
use openalgo::DataImportError;

impl From<DataImportError> for CliError {
    fn from(error: DataImportError) -> Self {
        let (exit, code, hint) = match error {
            DataImportError::Unreadable { .. } => (
                Exit::Unavailable,
                "file",
                "name a text file that you may read",
            ),
            DataImportError::Unwritable { .. } => (
                Exit::Unavailable,
                "file",
                "`openalgo doctor` shows whether the disk is full",
            ),
            DataImportError::Calendar(_) => (
                Exit::Refused,
                "calendar_file",
                "mend the row, or see docs/market-calendar.md for the form",
            ),
            DataImportError::Freeze(_) => (
                Exit::Refused,
                "freeze_file",
                "mend the row, or see docs/instruments.md for the two forms",
            ),
            _ => (Exit::Refused, "file", "give the file as it was published"),
        };
        Self::new(exit, code, &chain(&error))
            .hint(format!("{hint}; what there was holds as before"))
    }
}
