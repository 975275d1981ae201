//! Diesel errors become [`StoreError`]s here and nowhere else.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use openalgo_core::order::TransitionError;
use openalgo_core::port::{BoxError, CryptoError, StoreError};
use openalgo_core::value::ValueError;
use std::error::Error;
use std::fmt::Display;

/// Why a piece of work on a connection failed; the bridge adds what was being done.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Already in the words of the port.
    Store(StoreError),
    /// Anything else.
    Other(BoxError),
    /// What Diesel said.
    Diesel(DieselError),
}

impl Fault {
    /// A failure of the storage that Diesel does not know.
    pub(crate) fn other(source: impl Into<BoxError>) -> Self {
        Self::Other(source.into())
    }

    /// Nothing with this id.
    pub(crate) fn not_found(what: &'static str, id: impl Display) -> Self {
        Self::Store(StoreError::NotFound {
            what,
            id: id.to_string(),
        })
    }

    /// The error of the port, for an operation such as `insert the order`.
    pub(crate) fn into_store(self, operation: &'static str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Other(_) | Self::Diesel(_) => StoreError::Failed {
                operation,
                source: self.into_source(),
            },
        }
    }

    /// Whether SQLite itself failed, and not only what was asked of it.
    pub(crate) fn is_of_sqlite(&self) -> bool {
        matches!(self, Self::Diesel(DieselError::DatabaseError(..)))
    }

    /// The plain error.
    pub(crate) fn into_source(self) -> BoxError {
        match self {
            Self::Store(error) => error.into(),
            Self::Other(source) => source,
            Self::Diesel(error) => error.into(),
        }
    }

    /// What the database says was violated, when it was a constraint of this kind.
    fn violated(&self, kind: DatabaseErrorKind) -> Option<&str> {
        match self {
            Self::Diesel(DieselError::DatabaseError(violated, said))
                if std::mem::discriminant(violated) == std::mem::discriminant(&kind) =>
            {
                Some(said.message())
            }
            Self::Store(_) | Self::Other(_) | Self::Diesel(_) => None,
        }
    }
}

impl From<DieselError> for Fault {
    fn from(error: DieselError) -> Self {
        Self::Diesel(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<TransitionError> for Fault {
    fn from(error: TransitionError) -> Self {
        Self::Store(error.into())
    }
}

impl From<CryptoError> for Fault {
    fn from(error: CryptoError) -> Self {
        Self::Store(error.into())
    }
}

impl From<ValueError> for Fault {
    fn from(error: ValueError) -> Self {
        Self::other(error)
    }
}

/// Whether an error, or what caused it, says that the database is damaged. SQLite tells that from
/// other failures only in its message, which may lie below others.
pub fn speaks_of_damage(error: &(dyn Error + 'static)) -> bool {
    let said = error.to_string();
    let is_damage = ["malformed", "SQLITE_CORRUPT", "not a database"]
        .iter()
        .any(|sign| said.contains(sign));
    is_damage || error.source().is_some_and(speaks_of_damage)
}

/// Says in the words of the port what a violated constraint means.
pub(crate) trait Explain<T> {
    /// A violated uniqueness of `column` (with its table) means that `what` exists already.
    fn duplicate(
        self,
        column: &'static str,
        what: &'static str,
        id: impl Display,
    ) -> Result<T, Fault>;

    /// A violated reference means that `what` does not exist.
    fn dangling(self, what: &'static str, id: impl Display) -> Result<T, Fault>;
}

impl<T, E: Into<Fault>> Explain<T> for Result<T, E> {
    fn duplicate(
        self,
        column: &'static str,
        what: &'static str,
        id: impl Display,
    ) -> Result<T, Fault> {
        self.map_err(|error| {
            let fault = error.into();
            let violated = fault.violated(DatabaseErrorKind::UniqueViolation);
            if violated.is_some_and(|said| said.contains(column)) {
                let id = id.to_string();
                return StoreError::Duplicate { what, id }.into();
            }
            fault
        })
    }

    fn dangling(self, what: &'static str, id: impl Display) -> Result<T, Fault> {
        self.map_err(|error| {
            let fault = error.into();
            match fault.violated(DatabaseErrorKind::ForeignKeyViolation) {
                Some(_) => Fault::not_found(what, id),
                None => fault,
            }
        })
    }
}

/// An update that must have met a row.
pub(crate) fn met_a_row(rows: usize, what: &'static str, id: impl Display) -> Result<(), Fault> {
    if rows == 0 {
        Err(Fault::not_found(what, id))
    } else {
        Ok(())
    }
}
