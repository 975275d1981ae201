//! An open database file: how to get further connections to it.

use crate::connection::{self, ConnectError, Role};
use crate::error::Fault;
use diesel::sqlite::SqliteConnection;
use openalgo_crypto::DatabaseKey;

/// The file and its key.
pub(crate) struct Source {
    path: String,
    key: DatabaseKey,
}

impl Source {
    pub(crate) fn new(path: &str, key: DatabaseKey) -> Self {
        let path = path.to_owned();
        Self { path, key }
    }

    /// A connection of one's own to it that cannot write.
    pub(crate) fn open(&self) -> Result<SqliteConnection, ConnectError> {
        connection::open(&self.path, &self.key, Role::Reader)
    }

    /// A connection to a file that may be too damaged for any other.
    pub(crate) fn open_unproved(&self) -> Result<SqliteConnection, ConnectError> {
        connection::open_unproved(&self.path, &self.key)
    }

    /// A connection for the writer.
    pub(crate) fn open_writer(&self) -> Result<SqliteConnection, ConnectError> {
        connection::open(&self.path, &self.key, Role::Writer)
    }

    /// Attaches it to another connection as `source`.
    pub(crate) fn attach(&self, c: &mut SqliteConnection) -> Result<(), Fault> {
        Ok(connection::attach(c, &self.path, &self.key)?)
    }
}
