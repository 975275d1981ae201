//! Single files: made, named and removed, and their names made durable. What a data folder holds is
//! in `folder`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes the name of a file as durable as its contents.
#[cfg(unix)]
pub(crate) fn sync_parent(of: &Path) -> io::Result<()> {
    of.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Windows opens no folder as a file, and keeps names durable by itself.
#[cfg(not(unix))]
pub(crate) fn sync_parent(of: &Path) -> io::Result<()> {
    of.metadata().map(drop)
}

/// Removes a file; one that is not there is as good.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_file(path))
}

/// Removes a folder and all that is in it; one that is not there is as good.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    unless_missing(fs::remove_dir_all(path))
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Where a file is worked on that is to be at `path`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Fails with [`io::ErrorKind::AlreadyExists`] where there is a file.
pub(crate) fn refuse_existing(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives a finished file its name, durably, and never takes the place of another file: then it
/// fails with [`io::ErrorKind::AlreadyExists`].
pub(crate) fn publish(from: &Path, to: &Path) -> io::Result<()> {
    // A second name is refused where there is a file. Not every file system knows second names.
    match fs::hard_link(from, to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        Err(_unsupported) => {
            refuse_existing(to)?;
            fs::rename(from, to)?;
        }
    }
    sync_parent(to)
}

/// Creates a file that nobody else may read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file beside its place and moves it there, so that it is never half there. A failure
/// leaves nothing of it.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // One that was left by somebody who was killed may be open to others.
    let draft = Scratch::new(beside(path, ".new"))?;
    let mut file = create_private(&draft.0)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&draft.0, path)?;
    sync_parent(path)
}

/// A file that is removed in the end, whatever happens.
#[derive(Debug)]
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    /// Takes a name over from somebody who was killed.
    pub(crate) fn new(path: PathBuf) -> io::Result<Self> {
        remove(&path).map(|()| Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "an unfinished file stays behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As when the disk is full.
    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("vault.json");
        fs::create_dir_all(path.join("in the way")).unwrap();
        replace(&path, b"{}").unwrap_err();
        let names = fs::read_dir(place.path()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["vault.json"]);
    }
}
