//! Why a backup was not made, or not opened.

use crate::folder::FolderError;
use crate::key_source::UnlockError;
use crate::lock::LockError;
use openalgo_core::port::{CryptoError, StoreError};
use openalgo_crypto::key_source::KeySourceError;
use openalgo_store::{CopyError, OpenError};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;
use tokio::task::JoinError;

/// Why a backup was not made, verified or restored. What there was before is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BackupError {
    /// There is a file where the backup was to go.
    #[error("{} already exists and is left alone: choose another name", path.display())]
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// There is no folder where the backup was to go.
    #[error("cannot write {}: there is no folder {}", path.display(), folder.display())]
    NoFolder {
        /// The file that was named.
        path: PathBuf,
        /// The folder that it was to be in.
        folder: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a backup of OpenAlgo: name the file that `backup create` made", path.display())]
    NotABackup {
        /// The file.
        path: PathBuf,
    },
    /// The file was made by a newer program.
    #[error("{} is a backup of version {version}, newer than this program: update it", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// The file is not what was written, or not all of it.
    #[error("{} is damaged ({finding}): use another backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        finding: String,
    },
    /// The passphrase is not that of the backup.
    #[error(
        "this passphrase does not open {}: a backup opens with the one that was given when it was made",
        path.display()
    )]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The recovery key is not that of the folder when the backup was made.
    #[error(
        "this recovery key does not open {}: a backup opens with the one that the folder had when it was made",
        path.display()
    )]
    WrongRecoveryKey {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase or recovery key is none, or no key could be kept.
    #[error(transparent)]
    Key(#[from] KeySourceError),
    /// No recovery key opens it.
    #[error(
        "no recovery key opens this backup, since the folder had none when it was made: give its passphrase"
    )]
    NoRecovery,
    /// There is something in the folder that was to be made.
    #[error("{} is not empty (there is {found}): restore into a folder that is empty or does not exist", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// Something in it.
        found: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {operation} {}", path.display())]
    File {
        /// What was being done.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database was not copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The database in the backup does not open for a reason that lies outside it.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The new folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another process owns the new folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The new folder's key has no place.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// No key could be made or used.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The runtime was stopped meanwhile.
    #[error("the work was interrupted")]
    Interrupted(#[from] JoinError),
}

impl BackupError {
    /// What is being done in [`Self::File`] where the file of a backup is missing or not to be read.
    pub const OPEN: &str = "open";

    pub(crate) fn file(operation: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::File {
            operation,
            path,
            source,
        }
    }

    pub(crate) fn damaged(path: &Path, finding: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            finding: finding.into(),
        }
    }
}
