//! One process owns a data folder.

use crate::folder::DataFolder;
use openalgo_core::market::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// How often a folder that somebody else owns is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// The process that owns a folder, as it says itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Its process id.
    pub pid: u32,
    /// Where it answers commands; `None` when it answers none.
    pub address: Option<String>,
    /// The version of its program.
    pub version: String,
    /// Since when it owns the folder.
    pub since: Timestamp,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        match &self.address {
            Some(address) => write!(f, ", which answers at {address}"),
            None => f.write_str(", which answers no commands"),
        }
    }
}

/// Why this process does not own the folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process owns it.
    #[error("the data folder {folder} is in use by {}", name(owner.as_deref()))]
    Owned {
        /// The folder.
        folder: PathBuf,
        /// Who owns it; unknown while it has not said so yet.
        owner: Option<Box<Owner>>,
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

fn name(owner: Option<&Owner>) -> String {
    owner.map_or_else(|| "another process".to_owned(), ToString::to_string)
}

/// The ownership of a folder; given up when dropped, or by the system when the process ends in
/// whatever way.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _locked: File,
    /// Where it says who the owner is.
    record: PathBuf,
}

impl FolderLock {
    /// Takes the folder, waiting up to `patience` for its owner to finish. Blocks.
    pub(crate) fn take(folder: &DataFolder, patience: Duration) -> Result<Self, LockError> {
        let path = folder.lock();
        let unusable = |source| unusable(&path, source);
        let file = open(&path).map_err(unusable)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if waited < patience => {
                    std::thread::sleep(PAUSE);
                    waited = waited.saturating_add(PAUSE);
                }
                Err(TryLockError::WouldBlock) => return Err(owned(folder)),
                Err(TryLockError::Error(source)) => return Err(unusable(source)),
            }
        }
        let taken = Self {
            _locked: file,
            record: folder.owner_record(),
        };
        // What the owner before said is no longer true.
        taken.write("")?;
        Ok(taken)
    }

    /// Writes down who the owner is, for those who find the folder taken.
    pub(crate) fn sign(&self, owner: &Owner) -> Result<(), LockError> {
        let text = serde_json::to_string(owner);
        let text = text.map_err(|error| unusable(&self.record, error.into()))?;
        self.write(&format!("{text}\n"))
    }

    fn write(&self, text: &str) -> Result<(), LockError> {
        let written = open(&self.record).and_then(|mut record| {
            record.set_len(0)?;
            record.write_all(text.as_bytes())
        });
        written.map_err(|source| unusable(&self.record, source))
    }
}

/// The ownership of a data folder, apart from what is open in it.
///
/// Whoever keeps it can close the folder and open it again with [`crate::Builder::owned`], and
/// nobody gets in between.
#[derive(Debug, Clone)]
pub struct Ownership {
    pub(crate) owner: Owner,
    pub(crate) _lock: Arc<FolderLock>,
}

impl Ownership {
    /// This process as the owner.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }
}

impl DataFolder {
    /// Who owns the folder at present: `None` when nobody does. The answer may be old by the time
    /// it is read; an owner who has not said who it is yet is an error, [`LockError::Owned`].
    pub fn owner(&self) -> Result<Option<Owner>, LockError> {
        let path = self.lock();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&path, error)),
        };
        // Those who only look do not keep each other away.
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => match owned(self) {
                LockError::Owned {
                    owner: Some(owner), ..
                } => Ok(Some(*owner)),
                unknown => Err(unknown),
            },
            Err(TryLockError::Error(source)) => Err(unusable(&path, source)),
        }
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

fn owned(folder: &DataFolder) -> LockError {
    let said = fs::read_to_string(folder.owner_record()).ok();
    LockError::Owned {
        folder: folder.root().to_owned(),
        owner: said.and_then(|said| serde_json::from_str(&said).ok()),
    }
}

fn unusable(path: &Path, source: io::Error) -> LockError {
    LockError::Unusable {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::port::Clock;
    use openalgo_core::testing::FakeClock;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(place.path());
        let held = FolderLock::take(&folder, Duration::ZERO).unwrap();
        let refused = FolderLock::take(&folder, Duration::ZERO).unwrap_err();
        assert!(refused.to_string().ends_with("by another process"));
        assert!(folder.owner().is_err(), "it has not said who it is");
        let owner = Owner {
            pid: 42,
            address: Some("/run/openalgo.sock".to_owned()),
            version: "1.2.3".to_owned(),
            since: FakeClock::at("2026-11-25T10:30:00+05:30").now(),
        };
        held.sign(&owner).unwrap();
        let refused = FolderLock::take(&folder, Duration::ZERO).unwrap_err();
        let words = "by process 42, which answers at /run/openalgo.sock";
        assert!(refused.to_string().ends_with(words), "{refused}");
        assert_eq!(folder.owner().unwrap(), Some(owner));
        drop(held);
        assert_eq!(folder.owner().unwrap(), None);
        let _held = FolderLock::take(&folder, Duration::ZERO).unwrap();
        assert!(folder.owner().is_err(), "the owner before is forgotten");
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
