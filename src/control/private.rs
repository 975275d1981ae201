//! A folder that only this user can look into, for what lives no longer than a process.

use crate::folder::DataFolder;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io;
use std::path::PathBuf;

/// The folder: in `$XDG_RUNTIME_DIR` where there is one, else among the temporary files. It is
/// made if it is missing, and refused if others could use it.
#[cfg(unix)]
pub(super) fn folder() -> io::Result<PathBuf> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    let user = rustix::process::getuid().as_raw();
    let folder = match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => folder.join("openalgo"),
        Some(_) | None => std::env::temp_dir().join(format!("openalgo-{user}")),
    };
    match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let found = folder.symlink_metadata()?;
    if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
        let message = format!("{} is not this user's alone", folder.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(folder)
}

/// The folder: Windows keeps the temporary files of its users apart.
#[cfg(not(unix))]
pub(super) fn folder() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().join("openalgo");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A name that no other data folder has.
pub(super) fn name_of(folder: &DataFolder) -> io::Result<String> {
    let root = folder.root().canonicalize()?;
    let hash = Sha256::digest(root.as_os_str().as_encoded_bytes());
    let mut name = String::new();
    for byte in hash.iter().take(8) {
        write!(name, "{byte:02x}").map_err(io::Error::other)?;
    }
    Ok(name)
}
