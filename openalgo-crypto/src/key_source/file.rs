//! A file that holds the key, for servers.

use super::KeySourceError;
use super::digits::{open_file, read_key};
use crate::MasterKey;
use secrecy::ExposeSecret;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file of 64 hex digits that only its owner can read.
///
/// It belongs outside the data folder, so that a copy of the folder is no copy of the key. On
/// Windows, which has no file modes, the folder's permissions protect it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// Where the file is.
    pub path: PathBuf,
}

impl KeyFile {
    /// Writes a new key file, durably; makes the folders it needs. Never replaces a file.
    ///
    /// The file is written under another name (`.part` behind its own) and gets its own when it is
    /// complete: a process that is killed leaves no half of a key.
    pub fn create(&self, key: &MasterKey) -> Result<(), KeySourceError> {
        let draft = self.beside(".part");
        let made = self.make_folder().and_then(|()| {
            // What a start that was killed left there has never been used.
            remove_if_there(&draft.path)?;
            draft.write(key)?;
            publish(&draft.path, &self.path)
        });
        let made = made.and_then(|()| sync_folder(self.folder()));
        made.map_err(|source| {
            // The first failure is the one to report; the next attempt removes the rest.
            remove_if_there(&draft.path).unwrap_or_default();
            self.unwritable(source)
        })
    }

    /// Reads the key.
    pub fn load(&self) -> Result<MasterKey, KeySourceError> {
        let file = open_file(&self.path).map_err(|source| self.unreadable(source))?;
        let mut file = file.ok_or_else(|| self.malformed())?;
        let metadata = file.metadata().map_err(|source| self.unreadable(source))?;
        if let Some(mode) = exposed_mode(&metadata) {
            let path = self.path.clone();
            return Err(KeySourceError::FileExposed { path, mode });
        }
        let key = read_key(&mut file).map_err(|source| self.unreadable(source))?;
        key.ok_or_else(|| self.malformed())
    }

    /// Takes the place of another key file, at once and durably: for a key that was changed and
    /// whose data has been encrypted again.
    pub fn take_place_of(&self, old: &Self) -> Result<(), KeySourceError> {
        fs::rename(&self.path, &old.path)
            .and_then(|()| sync_folder(old.folder()))
            .map_err(|source| old.unwritable(source))
    }

    /// Removes what a writer of the file left that was killed.
    pub fn remove_draft(&self) -> Result<(), KeySourceError> {
        remove_if_there(&self.beside(".part").path).map_err(|source| self.unwritable(source))
    }

    /// Removes the file if it holds the key of this check value, durably, and the draft of it. One
    /// that is not there is as good.
    pub fn remove(&self, check_value: &str) -> Result<(), KeySourceError> {
        self.remove_draft()?;
        match self.load() {
            Ok(present) if present.matches_check(check_value) => fs::remove_file(&self.path)
                .and_then(|()| sync_folder(self.folder()))
                .map_err(|source| self.unwritable(source)),
            Ok(_) => Err(KeySourceError::FileExists {
                path: self.path.clone(),
            }),
            Err(KeySourceError::FileMissing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The file of the same name with something behind it.
    #[must_use]
    pub fn beside(&self, suffix: &str) -> Self {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        Self { path: path.into() }
    }

    /// The folder of the file; the current one for a bare name.
    fn folder(&self) -> &Path {
        let folder = self.path.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(self.folder())
    }

    fn write(&self, key: &MasterKey) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        file.write_all(key.to_hex().expose_secret().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    }

    fn malformed(&self) -> KeySourceError {
        let path = self.path.clone();
        KeySourceError::FileMalformed { path }
    }

    fn unreadable(&self, source: io::Error) -> KeySourceError {
        let path = self.path.clone();
        match source.kind() {
            io::ErrorKind::NotFound => KeySourceError::FileMissing { path },
            _ => KeySourceError::FileUnreadable { path, source },
        }
    }

    fn unwritable(&self, source: io::Error) -> KeySourceError {
        let path = self.path.clone();
        match source.kind() {
            io::ErrorKind::AlreadyExists => KeySourceError::FileExists { path },
            _ => KeySourceError::FileUnwritable { path, source },
        }
    }
}

/// Gives a finished file its name, unless something has that name already.
fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Ok(()) => fs::remove_file(draft),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without second names. Nobody else makes key files in this moment.
        Err(_) if path.symlink_metadata().is_err() => fs::rename(draft, path),
        Err(_) => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes names as durable as what they stand for.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows opens no folder as a file, and keeps names durable by itself.
#[cfg(not(unix))]
fn sync_folder(folder: &Path) -> io::Result<()> {
    folder.metadata().map(|_metadata| ())
}

/// The permissions of a file that group or others may use; `None` for one that is private.
#[cfg(unix)]
fn exposed_mode(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// There are no modes to check.
#[cfg(not(unix))]
fn exposed_mode(_metadata: &Metadata) -> Option<u32> {
    None
}
