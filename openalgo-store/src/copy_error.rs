//! Why a database was not copied.

use crate::error::{Fault, speaks_of_damage};
use crate::open_error::OpenError;
use openalgo_core::port::{BoxError, StoreError};
use std::error::Error;
use std::path::Path;
use thiserror::Error;

/// Why a database was not copied. There is no copy then, and no part of one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The file of the copy cannot be made.
    #[error(transparent)]
    Target(#[from] OpenError),
    /// What was to be copied is damaged, and a copy would hide it.
    #[error("the database is damaged and was not copied: {finding}; restore a backup")]
    Damaged {
        /// What, and where it was met first.
        finding: String,
    },
    /// What was to be copied is not under its name any more.
    #[error(transparent)]
    Lost(StoreError),
    /// The database was closed meanwhile.
    #[error("the database is closed")]
    Closed,
    /// The storage failed in another way.
    #[error("failed to copy the database")]
    Failed(#[source] BoxError),
}

impl CopyError {
    /// Tells a damaged source from a target that cannot be written.
    pub(crate) fn of(fault: Fault, target: &Path) -> Self {
        match fault {
            Fault::Store(StoreError::Closed) => Self::Closed,
            Fault::Store(error @ StoreError::Corrupt { .. }) => Self::Damaged {
                finding: error.to_string(),
            },
            Fault::Diesel(error) if speaks_of_damage(&error) => Self::Damaged {
                finding: error.to_string(),
            },
            Fault::Diesel(error) => Self::target(target, "write", error),
            Fault::Store(error) => Self::Failed(error.into()),
            Fault::Other(source) => Self::Failed(source),
        }
    }

    /// The file of the copy failed.
    pub(crate) fn target(
        path: &Path,
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Target(OpenError::Storage {
            operation,
            path: path.into(),
            source: source.into(),
        })
    }
}
