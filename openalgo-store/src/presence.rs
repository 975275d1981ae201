//! Whether the files of an open database are still there under their names.
//!
//! Elsewhere than on Windows an open file can be removed, or another one put in its place: what is
//! written then is gone as soon as it is closed, and no error tells. So nothing counts as stored
//! while the names do not lead to the files that are open.

use openalgo_core::port::StoreError;
use std::path::{Path, PathBuf};

/// The files of an open database.
#[derive(Debug)]
pub(crate) struct Presence {
    files: Vec<(PathBuf, Identity)>,
}

impl Presence {
    /// Remembers which files these are; those that are not there do not matter.
    pub(crate) fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let known = |path: PathBuf| identity(&path).map(|identity| (path, identity));
        Self {
            files: paths.into_iter().filter_map(known).collect(),
        }
    }

    /// One of them that was removed or replaced.
    pub(crate) fn lost(&self) -> Option<String> {
        let is_lost = |(path, known): &&(PathBuf, Identity)| identity(path) != Some(*known);
        let lost = self.files.iter().find(is_lost);
        lost.map(|(path, _)| path.display().to_string())
    }

    /// Refuses when one of them was removed or replaced.
    pub(crate) fn examine(&self) -> Result<(), StoreError> {
        let lost = self.lost().map(|file| StoreError::Lost { file });
        lost.map_or(Ok(()), Err)
    }
}

/// Device and number of a file.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let file = path.metadata().ok()?;
    Some((file.dev(), file.ino()))
}

/// Windows removes no file that is open.
#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.exists().then_some(())
}
