//! Why a folder or a file in it cannot be used, and what to do about it.

use super::{CliError, Exit, chain};
use crate::shell;
use openalgo::{FolderError, LockError, Owner, SharedPlace};
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

/// So little room is none: SQLite then speaks of an I/O error.
const FULL: u64 = 1 << 20;

impl From<FolderError> for CliError {
    fn from(error: FolderError) -> Self {
        match &error {
            FolderError::Shared { path, place } => {
                // The library says what a program is to do.
                let (shown, harm) = (path.display(), place.harm());
                let message = format!("the data folder {shown} lies {place}, {harm}");
                Self::new(Exit::Unavailable, "shared_folder", &message)
                    .hint(
                        "keep the data folder on a disk of this machine and name it with \
                         --data-dir; what belongs on a network drive or in a synced folder are \
                         backups (`openalgo backup create --output FILE`). Where no other machine \
                         gets at the folder, --allow-shared-folder takes it",
                    )
                    .details(shared(place))
            }
            FolderError::Unusable { path, source } => {
                unusable(&chain(&error), path, Some(source.kind()))
            }
            FolderError::NotUnicode { .. } => unavailable("folder", &error)
                .hint("name a folder with --data-dir whose path is valid Unicode"),
            _ => unavailable("folder", &chain(&error)).hint("name a folder with --data-dir"),
        }
    }
}

/// What kind of place it is, for programs.
fn shared(place: &SharedPlace) -> Value {
    match place {
        SharedPlace::Network { file_system } => {
            json!({ "place": "network", "file_system": file_system })
        }
        SharedPlace::Host { file_system } => json!({ "place": "host", "file_system": file_system }),
        SharedPlace::Synced { program, root } => {
            json!({ "place": "synced", "program": program, "synced_folder": root })
        }
        _ => Value::Null,
    }
}

impl From<LockError> for CliError {
    fn from(error: LockError) -> Self {
        match &error {
            LockError::Owned { owner, .. } => {
                let known = unavailable("in_use", &error);
                match owner {
                    Some(owner) => known.hint(end(owner)).details(json!({
                        "pid": owner.pid,
                        "address": owner.address,
                    })),
                    None => known.hint("wait until that process has ended, or stop it"),
                }
            }
            LockError::Unusable { path, source } => {
                let folder = path.parent().unwrap_or(path);
                unusable(&chain(&error), folder, Some(source.kind()))
            }
            _ => unavailable("folder", &chain(&error)),
        }
    }
}

impl CliError {
    /// The owner of the folder has an address and does not answer there.
    pub(crate) fn silent(folder: &Path, owner: &Owner) -> Self {
        let (folder, pid) = (folder.display(), owner.pid);
        let address = owner.address.as_deref().unwrap_or("its address");
        let message = format!(
            "the data folder {folder} is in use by process {pid}, which does not answer at {address}"
        );
        let stop = stop();
        let force = if cfg!(unix) {
            "kill -9 "
        } else {
            "taskkill /F /PID "
        };
        unavailable("in_use", &message)
            .hint(format!(
                "it may still be opening the folder: run the command again a little later. If that \
                 does not help, end it with `{stop}{pid}`, and if it does not end, with \
                 `{force}{pid}`; what it has answered is safe"
            ))
            .details(json!({
                "pid": pid,
                "address": owner.address,
                "answers": false,
            }))
    }
}

/// What ends a process, but for its number.
fn stop() -> &'static str {
    if cfg!(unix) {
        "kill "
    } else {
        "taskkill /PID "
    }
}

fn end(owner: &Owner) -> String {
    let stop = stop();
    format!(
        "wait until that process has ended, or stop it: `openalgo lock` if it holds the folder \
         unlocked, else `{stop}{}`",
        owner.pid
    )
}

/// A folder that fails in a way of which the system may have told the kind.
pub(super) fn unusable(message: &dyn Display, folder: &Path, kind: Option<ErrorKind>) -> CliError {
    let shown = folder.display();
    match kind {
        Some(ErrorKind::PermissionDenied) => {
            let by = if cfg!(unix) {
                format!(" (`chmod -R u+rwX {}`)", shell::word(folder))
            } else {
                String::new()
            };
            unavailable("read_only", message).hint(format!(
                "if {shown} is yours, give yourself the right to write it and what is in it{by}; \
                 else run the command as the user whom it belongs to, or name another --data-dir"
            ))
        }
        Some(ErrorKind::ReadOnlyFilesystem) => unavailable("read_only", message).hint(format!(
            "the disk of {shown} is mounted for reading only: mount it for writing, or name \
             another --data-dir"
        )),
        // What the system says is true of the file in it that was tried first.
        Some(ErrorKind::NotADirectory) => {
            let what = if folder.is_file() {
                "is a file"
            } else {
                "lies below a file"
            };
            let message = format!("the data folder {shown} {what}");
            unavailable("folder", &message).hint("name a folder with --data-dir")
        }
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => full(message, folder),
        _ if is_full(folder) => full(message, folder),
        _ => unavailable("folder", message).hint(format!(
            "make sure that the disk of {shown} works and takes more, and that the folder is yours \
             to read and write, or name another one with --data-dir; `openalgo doctor` looks for \
             the reason"
        )),
    }
}

fn full(message: &dyn Display, folder: &Path) -> CliError {
    unavailable("disk_full", message).hint(format!(
        "the disk of {} is full: make room on it and run the command again; what was done before \
         is safe",
        folder.display()
    ))
}

pub(super) fn is_full(folder: &Path) -> bool {
    fs4::available_space(folder).is_ok_and(|free| free < FULL)
}

fn unavailable(code: &'static str, message: &dyn Display) -> CliError {
    CliError::new(Exit::Unavailable, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo::SystemClock;
    use openalgo::core::port::Clock;
    use std::io;

    fn lock(kind: ErrorKind) -> CliError {
        let path = "/srv/data/instance.lock".into();
        let source = io::Error::from(kind);
        LockError::Unusable { path, source }.into()
    }

    #[test]
    fn a_folder_that_may_not_be_written_comes_with_the_way_to_write_it() {
        for (kind, word) in [
            (ErrorKind::PermissionDenied, "is yours"),
            (ErrorKind::ReadOnlyFilesystem, "mounted for reading only"),
        ] {
            let error = lock(kind);
            assert_eq!(error.code, "read_only");
            let hint = error.hint.unwrap();
            assert!(hint.contains(word) && hint.contains("/srv/data"), "{hint}");
        }
    }

    /// The folder of a user of macOS has one.
    #[cfg(unix)]
    #[test]
    fn a_name_with_a_space_is_one_word_of_the_command() {
        let path = "/Users/me/Application Support/data/instance.lock".into();
        let source = io::Error::from(ErrorKind::PermissionDenied);
        let hint = CliError::from(LockError::Unusable { path, source }).hint;
        let hint = hint.unwrap();
        let command = "`chmod -R u+rwX '/Users/me/Application Support/data'`";
        assert!(hint.contains(command), "{hint}");
    }

    #[test]
    fn a_full_disk_is_named() {
        let error = lock(ErrorKind::StorageFull);
        assert_eq!(error.code, "disk_full");
        assert!(
            error
                .hint
                .unwrap()
                .contains("the disk of /srv/data is full")
        );
    }

    #[test]
    fn an_owner_is_named_with_its_address_and_the_way_to_stop_it() {
        let owner = Owner {
            pid: 42,
            address: Some("/srv/data/control.sock".to_owned()),
            version: "1.2.3".to_owned(),
            since: SystemClock.now(),
        };
        let (folder, owner) = ("/srv/data".into(), Some(Box::new(owner)));
        let error = CliError::from(LockError::Owned { folder, owner });
        let json = error.to_json();
        assert_eq!(
            (&json["code"], &json["pid"]),
            (&json!("in_use"), &json!(42))
        );
        assert_eq!(json["address"], json!("/srv/data/control.sock"));
        assert!(error.message.contains("process 42"), "{}", error.message);
        assert!(error.hint.unwrap().contains(" 42`"));
    }
}
