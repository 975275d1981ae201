//! What can be wrong with the data or the questions given to the simulated exchange.

use openalgo_core::market::Timestamp;
use openalgo_core::port::BoxError;
use thiserror::Error;

/// Why the simulated exchange cannot be opened or cannot tell a price.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimulatedError {
    /// A file is no table of comma-separated values.
    #[error("the {file} are no comma-separated table")]
    Unreadable {
        /// Which file.
        file: &'static str,
        /// What the reader said.
        #[source]
        source: csv::Error,
    },
    /// A file lacks a column.
    #[error("the {file} have no column '{column}'")]
    MissingColumn {
        /// Which file.
        file: &'static str,
        /// The column that is not there.
        column: &'static str,
    },
    /// A field means nothing.
    #[error("row {row} of the {file}: column '{column}' cannot be '{text}'")]
    Invalid {
        /// Which file.
        file: &'static str,
        /// Its line; the headings are line 1.
        row: u64,
        /// Its column.
        column: &'static str,
        /// The text as given.
        text: Box<str>,
        /// What is wrong with it.
        #[source]
        source: BoxError,
    },
    /// The instant is more than a few thousand years away.
    #[error("{0} is outside the time that the simulated exchange knows")]
    OutOfTime(Timestamp),
}
