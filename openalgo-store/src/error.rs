//! Diesel errors become [`StoreError`]s here and nowhere else.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use openalgo_core::order::TransitionError;
use openalgo_core::port::{BoxError, CryptoError, StoreError};
use openalgo_core::value::ValueError;
use std::error::Error;
use std::fmt::Display;
use std::io::ErrorKind;
use std::sync::Arc;

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

/// Whether SQLite calls the database damaged, in an error or in what caused it. SQLite tells that
/// from other failures only in its message; what others say, such as a path, is not looked at.
pub fn speaks_of_damage(error: &(dyn Error + 'static)) -> bool {
    const SIGNS: [&str; 3] = ["malformed", "SQLITE_CORRUPT", "not a database"];
    causes(error)
        .filter_map(said_by_sqlite)
        .any(|said| SIGNS.iter().any(|sign| said.contains(sign)))
}

/// Whether SQLite or the system, in an error or in what caused it, says that the disk takes no more.
pub fn speaks_of_a_full_disk(error: &(dyn Error + 'static)) -> bool {
    const FULL: [ErrorKind; 2] = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded];
    causes(error).any(|cause| {
        let of_system = cause.downcast_ref::<std::io::Error>();
        of_system.is_some_and(|error| FULL.contains(&error.kind()))
            || said_by_sqlite(cause).is_some_and(|said| said.contains("disk is full"))
    })
}

/// An error and all that caused it.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let next = |error: &&'e (dyn Error + 'static)| -> Option<&'e (dyn Error + 'static)> {
        (*error).source()
    };
    std::iter::successors(Some(error), next)
}

/// The message of SQLite, if that is where an error comes from.
fn said_by_sqlite<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e str> {
    let shared = || error.downcast_ref::<Arc<DieselError>>().map(AsRef::as_ref);
    let DieselError::DatabaseError(_, said) =
        error.downcast_ref::<DieselError>().or_else(shared)?
    else {
        return None;
    };
    Some(said.message())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_error::OpenError;

    fn sqlite(said: &str) -> DieselError {
        let said = Box::new(said.to_owned());
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, said)
    }

    fn failed(source: impl Into<BoxError>) -> StoreError {
        StoreError::Failed {
            operation: "commit",
            source: source.into(),
        }
    }

    /// What the members of a group of changes share.
    #[derive(Debug, thiserror::Error)]
    #[error("shared")]
    struct Shared(#[source] Arc<DieselError>);

    #[test]
    fn damage_and_a_full_disk_are_told_by_what_sqlite_says() {
        let damage = "database disk image is malformed";
        let full = "database or disk is full";
        let other = "disk I/O error";
        for (said, is_damage, is_full) in [
            (damage, true, false),
            (full, false, true),
            (other, false, false),
        ] {
            for error in [failed(sqlite(said)), failed(Shared(Arc::new(sqlite(said))))] {
                assert_eq!(speaks_of_damage(&error), is_damage, "{said}");
                assert_eq!(speaks_of_a_full_disk(&error), is_full, "{said}");
            }
        }
        let full = std::io::Error::from(ErrorKind::StorageFull);
        assert!(speaks_of_a_full_disk(&failed(full)));
    }

    #[test]
    fn what_a_path_is_called_says_nothing() {
        let error = OpenError::Storage {
            operation: "open",
            path: "/srv/malformed/disk is full/main.db".into(),
            source: failed("the folder 'malformed' is not a database").into(),
        };
        assert!(!speaks_of_damage(&error));
        assert!(!speaks_of_a_full_disk(&error));
    }
}
