//! An open database file: how to get further connections to it.

use crate::connection::{self, ConnectError, Role};
use crate::error::Fault;
use diesel::sqlite::SqliteConnection;
use openalgo_crypto::DatabaseKey;

/// The file and its key.
pub(crate) struct Source {
    /// Its name, for connections that find the file or fail.
    existing: String,
    key: DatabaseKey,
}

impl Source {
    pub(crate) fn new(path: &str, key: DatabaseKey) -> Self {
        Self {
            existing: existing(path),
            key,
        }
    }

    /// A connection of one's own to it that cannot write.
    pub(crate) fn open(&self) -> Result<SqliteConnection, ConnectError> {
        connection::open(&self.existing, &self.key, Role::Reader)
    }

    /// A connection to a file that may be too damaged for any other.
    pub(crate) fn open_unproved(&self) -> Result<SqliteConnection, ConnectError> {
        connection::open_unproved(&self.existing, &self.key)
    }

    /// A connection for the writer.
    pub(crate) fn open_writer(&self) -> Result<SqliteConnection, ConnectError> {
        connection::open(&self.existing, &self.key, Role::Writer)
    }

    /// Attaches it to another connection as `source`.
    pub(crate) fn attach(&self, c: &mut SqliteConnection) -> Result<(), Fault> {
        Ok(connection::attach(c, &self.existing, &self.key)?)
    }
}

/// How SQLite is told to open a file and to make none. In the place of one that was removed while
/// it is open, an empty file would appear, and SQLite would remove the log of the lost one with all
/// that is only there.
#[cfg(unix)]
pub(crate) fn existing(path: &str) -> String {
    // Behind two strokes comes the name of a host, here none.
    let begin = if path.starts_with('/') {
        "file://"
    } else {
        "file:"
    };
    let mut uri = String::from(begin);
    for letter in path.chars() {
        match letter {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            plain => uri.push(plain),
        }
    }
    uri.push_str("?mode=rw");
    uri
}

/// Windows removes no file that is open.
#[cfg(not(unix))]
pub(crate) fn existing(path: &str) -> String {
    path.to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::{Source, existing};
    use crate::connection::{self, Role};
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};
    use openalgo_core::testing::FakeRandom;
    use openalgo_crypto::MasterKey;
    use std::fs;
    use tempfile::TempDir;

    /// The names of folders are people's: some hold what means something in a URI.
    #[test]
    fn a_file_that_is_gone_is_not_made_anew_and_keeps_its_log() {
        let folder = TempDir::new().unwrap();
        let odd = folder.path().join("50% of #1? & more");
        fs::create_dir(&odd).unwrap();
        let path = odd.join("main.db");
        let name = format!("/{}", path.display());
        let name = name.as_str();
        let key = || {
            MasterKey::make(&FakeRandom::default())
                .unwrap()
                .database_key()
        };
        let source = Source::new(name, key());
        assert!(source.open().is_err());
        assert!(!path.exists());

        drop(connection::open(name, &key(), Role::Writer).unwrap());
        drop(source.open().unwrap());
        fs::rename(&path, odd.join("aside")).unwrap();
        let log = odd.join("main.db-wal");
        fs::write(&log, "what is only there").unwrap();
        assert!(source.open().is_err());
        assert!(source.open_writer().is_err());
        assert!(!path.exists());
        assert_eq!(fs::read_to_string(&log).unwrap(), "what is only there");
        // Nor by a copy that is being made of it.
        let copy = odd.join("copy");
        fs::write(&copy, "").unwrap();
        let copy = existing(copy.to_str().unwrap());
        let mut copy = connection::open(&copy, &key(), Role::Copy).unwrap();
        assert!(source.attach(&mut copy).is_err());
        assert!(!path.exists());
        fs::remove_file(&log).unwrap();
        fs::rename(odd.join("aside"), &path).unwrap();
        source.attach(&mut copy).unwrap();
    }

    /// A name is one, whatever it would mean as a URI.
    #[test]
    fn a_name_that_looks_like_a_uri_is_a_name() {
        let folder = TempDir::new().unwrap();
        let inner = folder.path().join("file:main.db?mode=memory");
        let plain = inner.to_str().unwrap();
        assert!(SqliteConnection::establish(&existing(plain)).is_err());
        fs::write(&inner, "").unwrap();
        let mut c = SqliteConnection::establish(&existing(plain)).unwrap();
        c.batch_execute("CREATE TABLE t (a)").unwrap();
        assert!(fs::metadata(&inner).unwrap().len() > 0);
        // So is one without a folder.
        assert_eq!(existing("file:x?y"), "file:file:x%3fy?mode=rw");
    }
}
