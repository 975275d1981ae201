//! The copies that are left beside a database before migrations change it: a way back to the
//! older program.

use crate::open_error::OpenError;
use crate::{file, migrate, store};
use diesel::sqlite::SqliteConnection;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

/// Copies that are kept, each of another version.
const KEPT: usize = 2;

/// Leaves a copy beside the file, as it is at version `last`, equally encrypted and on the disk.
///
/// It takes the place of one of the same version: whoever went back to that has used the file
/// since.
pub(crate) fn keep(c: &mut SqliteConnection, path: &Path, last: &str) -> Result<(), OpenError> {
    let copy = file::beside(path, &format!("{MARK}{last}"));
    let unfinished = file::beside(&copy, ".part");
    file::remove(&unfinished)?;
    file::create(&unfinished)?;
    let made = migrate::copy_to(c, &unfinished)
        .map_err(|fault| store::storage(path, "copy", fault.into_source()))
        .and_then(|()| file::sync(&unfinished))
        .and_then(|()| file::rename(&unfinished, &copy));
    made.inspect_err(|_| store::remove_unfinished(&unfinished))?;
    if let Err(error) = drop_older(path, last) {
        tracing::warn!(%error, "older copies stay beside the database");
    }
    Ok(())
}

/// Between the names of the database and the version.
const MARK: &str = ".before-";

/// Removes all copies but the newest; the one of version `made` stays in any case.
fn drop_older(path: &Path, made: &str) -> io::Result<()> {
    let name = path.file_name().and_then(OsStr::to_str);
    let (Some(folder), Some(name)) = (path.parent(), name) else {
        return Ok(());
    };
    let start = format!("{name}{MARK}");
    let mut others = Vec::new();
    for entry in fs::read_dir(folder)? {
        let found = entry?.file_name();
        let version = found.to_str().and_then(|found| found.strip_prefix(&start));
        // Anything else was put there by somebody.
        others.extend(
            version
                .filter(|it| *it != made && is_version(it))
                .map(str::to_owned),
        );
    }
    others.sort_unstable_by(|one, other| other.cmp(one));
    for version in others.iter().skip(KEPT.saturating_sub(1)) {
        fs::remove_file(folder.join(format!("{start}{version}")))?;
    }
    Ok(())
}

fn is_version(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
