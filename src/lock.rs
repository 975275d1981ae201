//! One process owns a data folder.

use crate::folder::DataFolder;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// How often a folder that somebody else owns is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// Why this process does not own the folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process owns it.
    #[error("the data folder {folder} is in use by {owner}")]
    Owned {
        /// The folder.
        folder: PathBuf,
        /// Who owns it, as far as that is known.
        owner: String,
    },
    /// The lock file cannot be used.
    #[error("the lock file {path} cannot be used: {source}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The ownership of a folder; given up when dropped, or by the system when the process ends in
/// whatever way.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder, waiting up to `patience` for its owner to finish. Blocks.
    pub(crate) fn take(folder: &DataFolder, patience: Duration) -> Result<Self, LockError> {
        let path = folder.lock();
        let unusable = |source| LockError::Unusable {
            path: path.clone(),
            source,
        };
        let mut file = open(&path).map_err(unusable)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if waited < patience => {
                    std::thread::sleep(PAUSE);
                    waited = waited.saturating_add(PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    let folder = folder.root().to_owned();
                    return Err(LockError::Owned {
                        folder,
                        owner: owner(&mut file),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(unusable(source)),
            }
        }
        sign(&mut file).map_err(unusable)?;
        Ok(Self { _file: file })
    }
}

/// Opens the file, or makes one that nobody else may use: whoever can open it can lock it.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    file.flush()
}

fn owner(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match read.map(|_length| text.trim()) {
        Ok(pid) if !pid.is_empty() => format!("process {pid}"),
        Ok(_) | Err(_) => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let held = FolderLock::take(&folder, Duration::ZERO).unwrap();
        let refused = FolderLock::take(&folder, Duration::ZERO).unwrap_err();
        assert!(matches!(refused, LockError::Owned { .. }), "{refused}");
        drop(held);
        FolderLock::take(&folder, Duration::ZERO).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_use_the_lock_file() {
        use std::os::unix::fs::PermissionsExt;

        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let _held = FolderLock::take(&folder, Duration::ZERO).unwrap();
        let mode = folder.lock().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
