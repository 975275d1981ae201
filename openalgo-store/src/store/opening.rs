//! Making a database, and bringing an existing one up to date.

use crate::anchor::{self, Anchor, AnchorRule};
use crate::connection::{self, ConnectError, Role};
use crate::error::speaks_of_damage;
use crate::keys::Keys;
use crate::migrate::{self, Standing};
use crate::open_error::OpenError;
use crate::source::{Source, existing};
use crate::{before, check, file};
use diesel::sqlite::SqliteConnection;
use openalgo_core::market::Timestamp;
use openalgo_core::port::BoxError;
use openalgo_crypto::JournalKey;
use std::path::Path;

/// Makes an empty database with all tables at `path`, and its anchor before it.
pub(super) fn make(path: &Path, with: (&Keys, AnchorRule)) -> Result<(), OpenError> {
    if !file::is_vacant(path) {
        return Err(OpenError::AlreadyExists { path: path.into() });
    }
    let draft = file::beside(path, ".new");
    // What a start that was killed left there has never been used.
    file::remove(&draft)?;
    file::create(&draft).map_err(|error| {
        if matches!(error, OpenError::NoFolder { .. }) {
            OpenError::NoFolder { path: path.into() }
        } else {
            error
        }
    })?;
    let made = fill((&draft, path), with).and_then(|()| {
        // The rest of an earlier start beside the name would be taken for the new file's.
        file::remove(path)?;
        file::rename(&draft, path)
    });
    made.inspect_err(|_| [&draft, path].into_iter().for_each(remove_unfinished))
}

/// Creates all tables in the empty file `draft`, which is on the disk when this returns; `path` is
/// the name that it will get.
fn fill((draft, path): (&Path, &Path), (keys, rule): (&Keys, AnchorRule)) -> Result<(), OpenError> {
    let name = existing(text_of(draft)?);
    let mut c = connection::open(&name, &keys.database_key, Role::Writer)
        .map_err(|error| unopened(draft, error))?;
    let standing = standing(&mut c, draft)?;
    migrate(&mut c, draft, standing)?;
    if rule != AnchorRule::Without {
        anchor::begin(&mut c, path, &keys.journal_key)
            .map_err(|fault| storage(path, "create", fault.into_source()))?;
    }
    // Closing moves the WAL into the file, and says nothing when it cannot.
    drop(c);
    if file::size_of(&file::wal_of(draft)) > 0 {
        return Err(storage(draft, "finish", "its write-ahead log is left over"));
    }
    Ok(())
}

pub(super) fn text_of(path: &Path) -> Result<&str, OpenError> {
    path.to_str()
        .ok_or_else(|| storage(path, "open", "its path is not valid Unicode"))
}

/// The connection of the writer, to a file that has the schema of this program.
pub(super) fn bring_up(
    path: &Path,
    source: &Source,
    (rule, key, now): (AnchorRule, JournalKey, Timestamp),
) -> Result<(SqliteConnection, Option<Anchor>), OpenError> {
    let mut c = source
        .open_writer()
        .map_err(|error| unopened(path, error))?;
    let standing = standing(&mut c, path)?;
    // An older copy is refused as it is, before anything is done to bring it up to date.
    let compared = anchor::compare(&mut c, (path, key), rule)?;
    migrate(&mut c, path, standing)?;
    let anchor = compared.map(|it| it.hold(&mut c, now)).transpose()?;
    Ok((c, anchor))
}

/// How the schema of a file stands; a newer one is refused.
fn standing(c: &mut SqliteConnection, path: &Path) -> Result<Standing, OpenError> {
    match migrate::standing(c).map_err(|fault| unmigrated(path, fault.into_source()))? {
        Standing::Newer { found, known } => {
            let path = path.into();
            Err(OpenError::NewerSchema { path, found, known })
        }
        standing @ (Standing::Current | Standing::Behind { .. }) => Ok(standing),
    }
}

fn migrate(c: &mut SqliteConnection, path: &Path, standing: Standing) -> Result<(), OpenError> {
    let Standing::Behind { last } = standing else {
        return Ok(());
    };
    if let Some(last) = last {
        before::keep(c, path, &last)?;
    }
    migrate::apply_pending(c).map_err(|fault| unmigrated(path, fault.into_source()))
}

/// The key was proved before, so a file that makes no sense now is damaged.
fn unmigrated(path: &Path, source: BoxError) -> OpenError {
    if speaks_of_damage(source.as_ref()) {
        let path = path.into();
        OpenError::Damaged {
            path,
            pages: None,
            source,
        }
    } else {
        storage(path, "migrate", source)
    }
}

/// Adds to an error that says that the file is damaged which of its pages are.
pub(super) fn naming_pages(mut error: OpenError, file: &Source) -> OpenError {
    if let OpenError::Damaged { pages, .. } = &mut error {
        *pages = check::bad_pages(file);
    }
    error
}

pub(crate) fn remove_unfinished(path: &Path) {
    if let Err(error) = file::remove(path).and_then(|()| anchor::remove(path)) {
        tracing::warn!(%error, "an unfinished database stays behind");
    }
}

pub(super) fn unopened(path: &Path, error: ConnectError) -> OpenError {
    let path = path.to_owned();
    match error {
        ConnectError::NoEncryption(reason) => OpenError::NoEncryption { reason },
        ConnectError::NotReadable(_) => OpenError::WrongKeyOrDamaged { path },
        ConnectError::Damaged(error) => OpenError::Damaged {
            path,
            pages: None,
            source: error.into(),
        },
        ConnectError::Storage(source) if source.to_string().contains("readonly database") => {
            OpenError::NotWritable { path, source }
        }
        ConnectError::Storage(source) => storage(&path, "open", source),
    }
}

pub(crate) fn storage(
    path: &Path,
    operation: &'static str,
    source: impl Into<BoxError>,
) -> OpenError {
    OpenError::Storage {
        operation,
        path: path.into(),
        source: source.into(),
    }
}
