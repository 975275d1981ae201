//! Where the owner of a folder can be reached.

use super::private;
use crate::folder::DataFolder;
use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use interprocess::local_socket::{GenericFilePath, ListenerOptions, Name};
use std::io;

/// The longest path that every Unix takes for a socket.
#[cfg(unix)]
const LONGEST_PATH: usize = 103;

/// Listens at the first address that works: in the data folder, or beside other short-lived files
/// of this user where the path is too long or the file system takes no sockets. Whoever calls
/// this owns the folder, so what is in the way is left by an owner that was killed.
pub(super) fn listen(folder: &DataFolder) -> io::Result<(Listener, String)> {
    let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses(folder)? {
        match listen_at(&address) {
            Ok(listener) => return Ok((listener, address)),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

pub(super) async fn connect(address: &str) -> io::Result<Stream> {
    Stream::connect(name(address)?).await
}

fn name(address: &str) -> io::Result<Name<'_>> {
    address.to_fs_name::<GenericFilePath>()
}

#[cfg(unix)]
fn addresses(folder: &DataFolder) -> io::Result<Vec<String>> {
    let mut paths = vec![std::path::absolute(folder.root())?.join("control.sock")];
    match private::folder() {
        Ok(private) => paths.push(private.join(format!("{}.sock", private::name_of(folder)?))),
        Err(error) => tracing::warn!(error = %error, "there is no private folder for sockets"),
    }
    let texts = paths
        .into_iter()
        .filter_map(|path| path.into_os_string().into_string().ok());
    Ok(texts.filter(|path| path.len() <= LONGEST_PATH).collect())
}

#[cfg(windows)]
fn addresses(folder: &DataFolder) -> io::Result<Vec<String>> {
    let name = private::name_of(folder)?;
    Ok(vec![format!(r"\\.\pipe\openalgo-{name}")])
}

#[cfg(unix)]
fn listen_at(address: &str) -> io::Result<Listener> {
    use interprocess::os::unix::local_socket::ListenerOptionsExt;
    use std::os::unix::fs::PermissionsExt;

    remove_stale(address)?;
    let options = ListenerOptions::new().name(name(address)?);
    match options.mode(0o600).create_tokio() {
        // Not every Unix sets the mode before the socket is there. Whoever slips in between
        // proves nothing and learns nothing.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            let listener = ListenerOptions::new().name(name(address)?).create_tokio()?;
            std::fs::set_permissions(address, std::fs::Permissions::from_mode(0o600))?;
            Ok(listener)
        }
        listening => listening,
    }
}

/// A pipe lives no longer than its process, and lets in its own user alone.
#[cfg(windows)]
fn listen_at(address: &str) -> io::Result<Listener> {
    ListenerOptions::new().name(name(address)?).create_tokio()
}

/// Removes a socket, and nothing else that may have the name.
#[cfg(unix)]
fn remove_stale(address: &str) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;

    match std::fs::symlink_metadata(address) {
        Ok(found) if found.file_type().is_socket() => std::fs::remove_file(address),
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
