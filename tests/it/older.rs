//! A database as an older program left it.

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use secrecy::{ExposeSecret, SecretString};
use std::fs;
use std::path::Path;

/// Takes a closed database back to the version before; `key` opens it.
pub(crate) fn make_older(database: &Path, key: &SecretString) {
    let mut c = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("openalgo-store/migrations");
    let folders = fs::read_dir(migrations).unwrap();
    let last = folders.map(|folder| folder.unwrap().path()).max().unwrap();
    let down = fs::read_to_string(last.join("down.sql")).unwrap();
    c.batch_execute(&format!(
        "PRAGMA key = \"x'{}'\"; {down} DELETE FROM __diesel_schema_migrations \
         WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
        key.expose_secret()
    ))
    .unwrap();
}
