//! Where a folder lies: on a disk of this machine, or where other machines get at it, too.
//!
//! The database needs locks and shared memory that work, and files that nobody else copies or puts
//! back. See `docs/adr/0012-a-data-folder-lies-on-a-disk-of-its-machine.md`.

mod file_system;

use std::fmt;
use std::path::{Component, Path, PathBuf, Prefix};

/// Where a data folder may lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PlaceRule {
    /// On a disk of this machine; any other place that is recognised is refused.
    #[default]
    OwnDisk,
    /// Anywhere: somebody has seen to it that no other machine opens the folder or copies it back.
    Anywhere,
}

/// A place at which other machines get, too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SharedPlace {
    /// A file system that several machines reach.
    Network {
        /// What the system calls it.
        file_system: String,
    },
    /// A folder that a virtual machine or container shares with its host.
    Host {
        /// What the system calls it.
        file_system: String,
    },
    /// A folder that a program keeps the same on several machines.
    Synced {
        /// The program, or the maker of it.
        program: String,
        /// The folder that it looks after.
        root: PathBuf,
    },
}

impl SharedPlace {
    /// Where a file or folder lies that need not exist yet; `None` for a disk of this machine, as
    /// far as the system tells.
    pub fn of(path: &Path) -> Option<Self> {
        let path = resolve(path);
        judge(&path, &file_system::names(&path), &|marker| marker.exists())
    }

    /// What becomes of a database there, as a part of a sentence.
    pub fn harm(&self) -> &'static str {
        match self {
            Self::Network { .. } | Self::Host { .. } => {
                "where no lock keeps a second owner out and the database can be damaged"
            }
            Self::Synced { .. } => {
                "which takes parts of the database at different moments and brings old ones back"
            }
        }
    }
}

impl fmt::Display for SharedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network { file_system } => write!(f, "on a network file system ({file_system})"),
            Self::Host { file_system } => {
                write!(
                    f,
                    "in a folder that is shared with the host of this virtual machine or container \
                     ({file_system})"
                )
            }
            Self::Synced { program, root } => {
                let root = root.display();
                write!(
                    f,
                    "in a folder that {program} copies between machines ({root})"
                )
            }
        }
    }
}

/// Whether what lies there is gone when the machine restarts.
pub(super) fn is_in_memory(path: &Path) -> bool {
    let path = resolve(path);
    let names = file_system::names(&path);
    // The kind of the mount nearest to the path comes last.
    names
        .last()
        .is_some_and(|name| name == "tmpfs" || name == "ramfs")
}

/// Judges a place by its path without links, by what the system calls its file system, and by the
/// files that programs leave in the folders which they look after.
fn judge(
    path: &Path,
    file_systems: &[String],
    is_there: &dyn Fn(&Path) -> bool,
) -> Option<SharedPlace> {
    if is_on_a_server(path) {
        let file_system = "a path that begins with a server".to_owned();
        return Some(SharedPlace::Network { file_system });
    }
    let by_name = file_systems.iter().find_map(|name| by_file_system(name));
    by_name.or_else(|| synced(path, is_there))
}

/// A path of Windows such as `\\server\share`. A mapped drive letter resolves to one.
fn is_on_a_server(path: &Path) -> bool {
    match path.components().next() {
        Some(Component::Prefix(prefix)) => {
            matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
        }
        _ => false,
    }
}

/// File systems that several machines reach, as Linux and macOS call them; with `fuse.` before
/// them where a program of the user brings them about.
const NETWORK: &[&str] = &[
    "afpfs",
    "afs",
    "beegfs",
    "blobfuse",
    "blobfuse2",
    "ceph",
    "ceph-fuse",
    "cifs",
    "coda",
    "curlftpfs",
    "davfs",
    "davfs2",
    "fhgfs",
    "gcsfuse",
    "gfs2",
    "glusterfs",
    "goofys",
    "google-drive-ocamlfuse",
    "gpfs",
    "gvfsd-fuse",
    "juicefs",
    "kio-fuse",
    "lizardfs",
    "lustre",
    "mfs",
    "mount-s3",
    "ncp",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "onedriver",
    "orangefs",
    "panfs",
    "rclone",
    "s3fs",
    "seaweedfs",
    "smb2",
    "smb3",
    "smbfs",
    "smbnetfs",
    "sshfs",
    "webdav",
];

/// What passes a folder of the host through: locks and shared memory end at the border.
const HOST: &[&str] = &[
    "9p",
    "drvfs",
    "fakeowner",
    "grpcfuse",
    "osxfs",
    "prl_fs",
    "vboxsf",
    "virtiofs",
    "vmhgfs",
    "vmhgfs-fuse",
];

/// Whatever is in neither list counts as a disk: `overlay`, `tmpfs` and most kinds of `fuse` are.
fn by_file_system(name: &str) -> Option<SharedPlace> {
    let plain = name.strip_prefix("fuse.").unwrap_or(name);
    let file_system = name.to_owned();
    if NETWORK.contains(&plain) {
        Some(SharedPlace::Network { file_system })
    } else if HOST.contains(&plain) {
        Some(SharedPlace::Host { file_system })
    } else {
        None
    }
}

/// Names that programs give to the folders which they look after. Alone, or with an account behind
/// them: `Dropbox (Personal)`, `OneDrive - Company`.
const NAMES: &[(&str, &str)] = &[
    ("Box Sync", "Box"),
    ("CloudStation", "Synology Drive"),
    ("Dropbox", "Dropbox"),
    ("Google Drive", "Google Drive"),
    ("GoogleDrive", "Google Drive"),
    ("MEGA", "MEGA"),
    ("MEGAsync", "MEGA"),
    ("Mobile Documents", "iCloud Drive"),
    ("My Drive", "Google Drive"),
    ("Nextcloud", "Nextcloud"),
    ("OneDrive", "OneDrive"),
    ("Proton Drive", "Proton Drive"),
    ("Resilio Sync", "Resilio Sync"),
    ("Seafile", "Seafile"),
    ("SynologyDrive", "Synology Drive"),
    ("Yandex.Disk", "Yandex Disk"),
    ("iCloudDrive", "iCloud Drive"),
    ("ownCloud", "ownCloud"),
    ("pCloud Drive", "pCloud"),
    ("pCloudDrive", "pCloud"),
];

/// What programs leave in the folders which they look after. `.dropbox` is none of these: in a
/// home folder it holds the program's settings.
const MARKERS: &[(&str, &str)] = &[
    (".SynologyWorkingDirectory", "Synology Drive"),
    (".dropbox.cache", "Dropbox"),
    (".megaignore", "MEGA"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "ownCloud"),
    (".stfolder", "Syncthing"),
    (".sync/ID", "Resilio Sync"),
    (".tmp.drivedownload", "Google Drive"),
    (".tmp.driveupload", "Google Drive"),
];

fn synced(path: &Path, is_there: &dyn Fn(&Path) -> bool) -> Option<SharedPlace> {
    path.ancestors().find_map(|folder| {
        let program = by_name(folder).or_else(|| by_marker(folder, is_there))?;
        let root = folder.to_owned();
        Some(SharedPlace::Synced { program, root })
    })
}

fn by_name(folder: &Path) -> Option<String> {
    let name = folder.file_name()?.to_str()?;
    if folder.parent()?.ends_with("Library/CloudStorage") {
        // Where macOS has the folders of all such programs: `OneDrive-Personal`.
        let program = name.split_once('-').map_or(name, |(program, _)| program);
        return Some(program.to_owned());
    }
    let known = NAMES.iter().find(|(known, _)| {
        name.strip_prefix(known).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(" (") || rest.starts_with(" - ")
        })
    });
    known.map(|(_, program)| (*program).to_owned())
}

fn by_marker(folder: &Path, is_there: &dyn Fn(&Path) -> bool) -> Option<String> {
    let found = MARKERS
        .iter()
        .find(|(marker, _)| is_there(&folder.join(marker)));
    found.map(|(_, program)| (*program).to_owned())
}

/// Where a path leads, links and `..` included, though its last parts need not exist yet.
pub(crate) fn resolve(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_error| path.to_owned());
    let mut resolved = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            resolved.pop();
            continue;
        }
        resolved.push(part);
        // What does not exist is no link, and stays as it is.
        resolved = resolved.canonicalize().unwrap_or(resolved);
    }
    resolved
}

#[cfg(test)]
mod tests;
