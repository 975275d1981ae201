//! Opening a connection: key first, proof of the key second, settings last.
//!
//! Every connection of this crate is made by [`open`], so an unkeyed one never exists.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::BoxError;
use openalgo_crypto::DatabaseKey;
use secrecy::ExposeSecret;
use std::sync::OnceLock;
use std::time::Duration;
use thiserror::Error;
use zeroize::Zeroizing;

/// SQLCipher's parameters, spelled out so that a later change of its defaults changes nothing.
/// They belong between the key and the first read.
const CIPHER: &str = "
    PRAGMA cipher_page_size = 4096;
    PRAGMA kdf_iter = 256000;
    PRAGMA cipher_hmac_algorithm = HMAC_SHA512;
    PRAGMA cipher_kdf_algorithm = PBKDF2_HMAC_SHA512;
    PRAGMA busy_timeout = 5000;";

/// Orders are money: a commit is on the disk when it returns, also when the power fails. The cache
/// (in KiB) holds what a group of jobs changes, so that no page is encrypted twice for one commit.
const WRITER: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;";

const READER: &str = "
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA query_only = ON;";

/// What is not complete is thrown away after a crash, and flushed once at the end.
const COPY: &str = "
    PRAGMA journal_mode = MEMORY;
    PRAGMA synchronous = OFF;
    PRAGMA foreign_keys = OFF;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;";

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one that may change the file.
    Writer,
    /// One of those that cannot.
    Reader,
    /// One that fills a file which nobody uses yet.
    Copy,
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    /// This build does not encrypt.
    #[error("this build does not encrypt: {0}")]
    NoEncryption(&'static str),
    /// The first read failed: what is in the file is not what the key decrypts.
    #[error("the key does not open the file")]
    NotReadable(#[source] DieselError),
    /// The key is right and the content is not.
    #[error("the file is damaged")]
    Damaged(#[source] DieselError),
    /// Anything else.
    #[error("the database cannot be opened")]
    Storage(#[source] BoxError),
}

impl From<DieselError> for ConnectError {
    fn from(error: DieselError) -> Self {
        Self::Storage(error.into())
    }
}

/// Opens a file with a raw key. `path` is what SQLite takes for one, so that it may be a URI: what
/// must be there is named by [`existing`](crate::source::existing).
pub(crate) fn open(
    path: &str,
    key: &DatabaseKey,
    role: Role,
) -> Result<SqliteConnection, ConnectError> {
    let mut c = open_unproved(path, key)?;
    prove(&mut c)?;
    match role {
        Role::Writer => {
            use_wal(&mut c)?;
            c.batch_execute(WRITER)?;
        }
        Role::Reader => c.batch_execute(READER)?,
        Role::Copy => c.batch_execute(COPY)?,
    }
    Ok(c)
}

/// Opens the file at `path` without reading anything of it: for looking at the pages of one that
/// is damaged, and nothing else.
pub(crate) fn open_unproved(
    path: &str,
    key: &DatabaseKey,
) -> Result<SqliteConnection, ConnectError> {
    CIPHER_READY.get_or_init(wait_for_cipher);
    let mut c =
        SqliteConnection::establish(path).map_err(|error| ConnectError::Storage(error.into()))?;
    // SQLCipher writes to stderr otherwise.
    c.batch_execute("PRAGMA cipher_log_level = NONE")?;
    set_key(&mut c, key)?;
    c.batch_execute(CIPHER)?;
    Ok(c)
}

static CIPHER_READY: OnceLock<()> = OnceLock::new();

/// Waits until SQLCipher has set itself up.
///
/// SQLite calls itself ready before SQLCipher is (`sqlite3_initialize` runs `SQLITE_EXTRA_INIT`
/// after it has set `isInit`), so a second thread that opens a file in that moment would see its
/// key refused. Whether this thread or another one started the process's first connection, a key
/// that is taken shows that the moment has passed. What never gets ready fails later with its
/// reason.
fn wait_for_cipher() {
    for _ in 0..100 {
        let probe = SqliteConnection::establish(":memory:");
        let keyed = probe.is_ok_and(|mut c| {
            c.batch_execute("PRAGMA cipher_log_level = NONE; PRAGMA key = 'probe'")
                .is_ok()
        });
        if keyed {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Gives the key, of which no copy of ours stays behind.
fn set_key(c: &mut SqliteConnection, key: &DatabaseKey) -> Result<(), DieselError> {
    c.batch_execute(&around("PRAGMA key = \"x'", key, "'\""))
}

/// Attaches a file as `source`, named as for [`open`].
///
/// SQLCipher reads it with its defaults for version 4, which are the parameters of [`open`].
pub(crate) fn attach(
    c: &mut SqliteConnection,
    path: &str,
    key: &DatabaseKey,
) -> Result<(), DieselError> {
    let key = around("x'", key, "'");
    diesel::sql_query("ATTACH ? AS source KEY ?")
        .bind::<Text, _>(path)
        .bind::<Text, _>(key.as_str())
        .execute(c)
        .map(drop)
}

/// A raw key between two texts, with room for all of it, so that growing leaves no copy.
fn around(before: &str, key: &DatabaseKey, after: &str) -> Zeroizing<String> {
    let digits = key.to_hex();
    let parts = [before, digits.expose_secret(), after];
    let mut text = Zeroizing::new(String::with_capacity(parts.map(str::len).iter().sum()));
    for part in parts {
        text.push_str(part);
    }
    text
}

/// The first read proves the key. A SQLite without encryption would have ignored it without a
/// word, so the cipher must say that it is there and at work.
fn prove(c: &mut SqliteConnection) -> Result<(), ConnectError> {
    let version = sql::<Text>("PRAGMA cipher_version").load::<String>(c)?;
    if version.is_empty() {
        return Err(ConnectError::NoEncryption("it has no SQLCipher"));
    }
    sql::<BigInt>("SELECT count(*) FROM sqlite_master")
        .get_result::<i64>(c)
        .map_err(refused)?;
    let status = sql::<Text>("PRAGMA cipher_status").load::<String>(c)?;
    if status != ["1"] {
        return Err(ConnectError::NoEncryption("SQLCipher is not at work"));
    }
    Ok(())
}

/// Lets SQLCipher wipe whatever memory it frees, in the whole process and for good.
///
/// Meant for the moment before connections are closed: their page caches hold what was stored in
/// clear. From the start it would be too dear, because it also locks every piece of memory that is
/// taken, which makes an insert half as slow again. A process that opens its folder again after a
/// change of the key, or goes on after damage, pays that.
pub(crate) fn wipe_what_is_freed(c: &mut SqliteConnection) -> Result<(), DieselError> {
    c.batch_execute("PRAGMA cipher_memory_security = ON")
}

/// Whether a connection still reads; see [`give_up`].
pub(crate) fn reads(c: &mut SqliteConnection) -> bool {
    sql::<BigInt>("SELECT count(*) FROM sqlite_master")
        .get_result::<i64>(c)
        .is_ok()
}

/// Closes a connection; what it gives back is wiped.
///
/// SQLCipher lets a connection that met a damaged page read nothing any more, sound pages neither,
/// and calls that "out of memory". So another one takes its place.
pub(crate) fn give_up(mut c: SqliteConnection) {
    if let Err(error) = wipe_what_is_freed(&mut c) {
        tracing::warn!(%error, "what was read and written stays in memory");
    }
}

/// SQLite tells these two apart only in its message.
fn refused(error: DieselError) -> ConnectError {
    match error.to_string().as_str() {
        "file is not a database" => ConnectError::NotReadable(error),
        "database disk image is malformed" => ConnectError::Damaged(error),
        _ => ConnectError::from(error),
    }
}

fn use_wal(c: &mut SqliteConnection) -> Result<(), ConnectError> {
    let mode = sql::<Text>("PRAGMA journal_mode = WAL").get_result::<String>(c)?;
    if mode == "wal" {
        Ok(())
    } else {
        let reason = "the file system cannot hold a write-ahead log; use a local disk";
        Err(ConnectError::Storage(reason.into()))
    }
}
