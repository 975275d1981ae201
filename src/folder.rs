//! The data folder: where everything lives.

use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the data folder cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The system does not say where a user's data belongs.
    #[error("this system does not say where your data belongs; name a data folder yourself")]
    NoHome,
    /// The folder cannot be made or opened.
    #[error("the data folder {path} cannot be used: {source}")]
    Unusable {
        /// Which folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FolderError {
    pub(crate) fn unusable(path: &Path, source: io::Error) -> Self {
        Self::Unusable {
            path: path.to_owned(),
            source,
        }
    }
}

/// The paths inside a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder {
    root: PathBuf,
}

impl DataFolder {
    /// The folder at `root`; nothing is made or opened.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of this user: `OpenAlgo/openalgo_data` in the platform's place for data.
    pub fn of_user() -> Result<Self, FolderError> {
        let strategy = choose_native_strategy().map_err(|_no_home| FolderError::NoHome)?;
        Ok(Self::new(
            strategy.data_dir().join("OpenAlgo").join("openalgo_data"),
        ))
    }

    /// The folder in which this user's key files are made: outside the data folder, so that a
    /// copy of the data is not a copy of the key.
    pub fn key_folder() -> Result<PathBuf, FolderError> {
        let strategy = choose_native_strategy().map_err(|_no_home| FolderError::NoHome)?;
        Ok(strategy.config_dir().join("OpenAlgo"))
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The encrypted database.
    pub fn database(&self) -> PathBuf {
        self.root.join("main.db")
    }

    /// What is needed, besides the key, to open the database: nothing secret.
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault.json")
    }

    /// Held by the one process that owns the folder.
    pub fn lock(&self) -> PathBuf {
        self.root.join("instance.lock")
    }

    /// The log files.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Whether there is a database.
    pub fn has_data(&self) -> bool {
        self.database().exists()
    }

    /// Makes the folder, for this user's eyes only.
    pub(crate) fn create(&self) -> Result<(), FolderError> {
        if self.root.is_dir() {
            return Ok(());
        }
        private_folder(&self.root).map_err(|source| FolderError::unusable(&self.root, source))
    }
}

#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).create(path)
}
