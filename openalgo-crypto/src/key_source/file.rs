//! A file that holds the key, for servers.

use super::KeySourceError;
use crate::MasterKey;
use secrecy::ExposeSecret;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The longest key file: 64 digits and the end of the line as Windows writes it.
const MAX_LEN: usize = 66;

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
    /// When writing fails, the unfinished file is removed.
    pub fn create(&self, key: &MasterKey) -> Result<(), KeySourceError> {
        let written = self.make_folder().and_then(|()| self.open_new());
        let mut file = written.map_err(|source| self.unwritable(source))?;
        write_durably(&mut file, key, self.folder()).map_err(|source| {
            drop(file);
            // The first failure is the one to report; a rest that stays behind shows as malformed.
            fs::remove_file(&self.path).unwrap_or_default();
            self.unwritable(source)
        })
    }

    /// Reads the key.
    pub fn load(&self) -> Result<MasterKey, KeySourceError> {
        // Before opening: a pipe in its place would make the open wait for ever.
        let metadata = fs::metadata(&self.path).map_err(|source| self.unreadable(source))?;
        if !metadata.is_file() {
            return Err(self.malformed());
        }
        let mut file = File::open(&self.path).map_err(|source| self.unreadable(source))?;
        let metadata = file.metadata().map_err(|source| self.unreadable(source))?;
        if let Some(mode) = exposed_mode(&metadata) {
            let path = self.path.clone();
            return Err(KeySourceError::FileExposed { path, mode });
        }
        let text = read_short(&mut file).map_err(|source| self.unreadable(source))?;
        let digits = text.as_ref().map(|text| text.trim_ascii_end());
        let digits = digits.ok_or_else(|| self.malformed())?;
        MasterKey::from_digits(digits).map_err(|_malformed| self.malformed())
    }

    /// The folder of the file; `None` for a bare name, which is in the current folder.
    fn folder(&self) -> Option<&Path> {
        self.path.parent().filter(|it| !it.as_os_str().is_empty())
    }

    fn make_folder(&self) -> io::Result<()> {
        let Some(folder) = self.folder() else {
            return Ok(());
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    }

    fn open_new(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
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

fn write_durably(file: &mut File, key: &MasterKey, folder: Option<&Path>) -> io::Result<()> {
    file.write_all(key.to_hex().expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    sync_folder(folder.unwrap_or(Path::new(".")))
}

/// Makes the name of a new file as durable as its contents.
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

/// Reads a file of at most [`MAX_LEN`] bytes into a buffer that is wiped; `None` for a longer one.
fn read_short(file: &mut File) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // One byte more than a key file has: a file that fills the buffer is too long.
    let mut bytes = Zeroizing::new(vec![0; MAX_LEN + 1]);
    let mut length = 0;
    while let Some(rest) = bytes.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => length = length.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok((length <= MAX_LEN).then_some(bytes))
}
