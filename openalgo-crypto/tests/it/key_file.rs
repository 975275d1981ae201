//! The key file.

use crate::key_of;
use openalgo_crypto::MasterKey;
use openalgo_crypto::key_source::{KeyFile, KeySourceError};
use secrecy::ExposeSecret;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn key_file(folder: &Path) -> KeyFile {
    KeyFile {
        path: folder.join("new").join("deep").join("openalgo.key"),
    }
}

/// A key file with these contents, private as it must be.
fn written(folder: &TempDir, contents: &[u8]) -> KeyFile {
    let file = key_file(folder.path());
    file.create(&key_of(7)).unwrap();
    fs::write(&file.path, contents).unwrap();
    file
}

fn digits(key: &MasterKey) -> String {
    key.to_hex().expose_secret().to_owned()
}

#[test]
fn a_key_comes_back_from_its_file() {
    let folder = TempDir::new().unwrap();
    let file = key_file(folder.path());
    file.create(&key_of(7)).unwrap();
    assert_eq!(digits(&file.load().unwrap()), "07".repeat(32));
    let contents = fs::read_to_string(&file.path).unwrap();
    assert_eq!(contents, format!("{}\n", "07".repeat(32)));
}

#[test]
fn a_file_is_never_replaced() {
    let folder = TempDir::new().unwrap();
    let file = key_file(folder.path());
    file.create(&key_of(7)).unwrap();
    let error = file.create(&key_of(8)).unwrap_err();
    assert!(matches!(error, KeySourceError::FileExists { .. }));
    assert_eq!(digits(&file.load().unwrap()), "07".repeat(32));
}

/// What a process leaves that was killed while it wrote a key file.
#[test]
fn half_a_key_file_is_never_in_its_place() {
    let folder = TempDir::new().unwrap();
    let file = key_file(folder.path());
    fs::create_dir_all(file.path.parent().unwrap()).unwrap();
    fs::write(file.beside(".part").path, "07070").unwrap();
    assert!(matches!(
        file.load(),
        Err(KeySourceError::FileMissing { .. })
    ));
    file.create(&key_of(7)).unwrap();
    assert_eq!(digits(&file.load().unwrap()), "07".repeat(32));
    let left = fs::read_dir(file.path.parent().unwrap()).unwrap();
    assert_eq!(left.count(), 1);
}

#[test]
fn a_failed_attempt_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let file = key_file(folder.path());
    fs::create_dir_all(&file.path).unwrap();
    assert!(file.create(&key_of(7)).is_err());
    let left = fs::read_dir(file.path.parent().unwrap()).unwrap();
    assert_eq!(left.count(), 1);
}

#[test]
fn a_key_file_takes_the_place_of_another() {
    let folder = TempDir::new().unwrap();
    let old = key_file(folder.path());
    old.create(&key_of(7)).unwrap();
    let new = old.beside(".next");
    new.create(&key_of(8)).unwrap();
    new.take_place_of(&old).unwrap();
    assert_eq!(digits(&old.load().unwrap()), "08".repeat(32));
    assert!(matches!(
        new.load(),
        Err(KeySourceError::FileMissing { .. })
    ));
}

#[test]
fn only_the_key_that_is_named_is_removed() {
    let folder = TempDir::new().unwrap();
    let file = key_file(folder.path());
    file.remove(&key_of(7).check_value()).unwrap();
    file.create(&key_of(7)).unwrap();
    assert!(file.remove(&key_of(8).check_value()).is_err());
    assert_eq!(digits(&file.load().unwrap()), "07".repeat(32));
    file.remove(&key_of(7).check_value()).unwrap();
    assert!(!file.path.exists());
    file.remove(&key_of(7).check_value()).unwrap();
}

#[test]
fn a_missing_file_is_named() {
    let folder = TempDir::new().unwrap();
    let file = key_file(folder.path());
    let error = file.load().unwrap_err();
    assert!(matches!(error, KeySourceError::FileMissing { .. }));
    assert!(error.to_string().contains(&file.path.display().to_string()));
}

#[test]
fn line_ends_of_any_system_are_read() {
    for end in ["", "\n", "\r\n"] {
        let folder = TempDir::new().unwrap();
        let file = written(&folder, format!("{}{end}", "aB".repeat(32)).as_bytes());
        assert_eq!(digits(&file.load().unwrap()), "ab".repeat(32));
    }
}

#[test]
fn anything_but_64_digits_is_refused() {
    let long = "07".repeat(4000);
    for contents in [
        "".as_bytes(),
        b"\n",
        "07".repeat(31).as_bytes(),
        "07".repeat(33).as_bytes(),
        "xy".repeat(32).as_bytes(),
        format!(" {}", "07".repeat(32)).as_bytes(),
        format!("{}\n\n\n", "07".repeat(32)).as_bytes(),
        &[0xff; 64],
        long.as_bytes(),
    ] {
        let folder = TempDir::new().unwrap();
        let error = written(&folder, contents).load().unwrap_err();
        assert!(matches!(error, KeySourceError::FileMalformed { .. }));
    }
}

#[test]
fn a_folder_is_no_key_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    let file = KeyFile { path };
    assert!(matches!(
        file.load(),
        Err(KeySourceError::FileMalformed { .. })
    ));
    assert!(matches!(
        file.create(&key_of(7)),
        Err(KeySourceError::FileExists { .. })
    ));
}

#[test]
fn a_file_in_place_of_a_folder_is_reported() {
    let folder = TempDir::new().unwrap();
    let blocked = folder.path().join("new");
    fs::write(&blocked, "in the way").unwrap();
    let error = key_file(folder.path()).create(&key_of(7)).unwrap_err();
    assert!(!error.to_string().contains(&"07".repeat(32)), "{error}");
    assert_eq!(fs::read_to_string(&blocked).unwrap(), "in the way");
}

/// Root reads everything, so it is the mode that counts and not whether reading works.
#[cfg(unix)]
mod unix {
    use super::{KeySourceError, TempDir, digits, fs, key_file, key_of};
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_can_use_file_and_folders() {
        let folder = TempDir::new().unwrap();
        let file = key_file(folder.path());
        file.create(&key_of(7)).unwrap();
        assert_eq!(mode(&file.path), 0o600);
        for new in ["new", "new/deep"] {
            assert_eq!(mode(&folder.path().join(new)), 0o700);
        }
    }

    #[test]
    fn a_file_that_others_can_use_is_refused() {
        let folder = TempDir::new().unwrap();
        let file = key_file(folder.path());
        file.create(&key_of(7)).unwrap();
        for exposed in [0o640, 0o604, 0o620, 0o602, 0o644, 0o610, 0o601] {
            fs::set_permissions(&file.path, Permissions::from_mode(exposed)).unwrap();
            let error = file.load().unwrap_err();
            assert!(
                matches!(error, KeySourceError::FileExposed { mode, .. } if mode == exposed),
                "{exposed:o}: {error}"
            );
            let remedy = format!(
                "{} (its mode is {exposed:03o}): run `chmod 600`",
                file.path.display()
            );
            assert!(error.to_string().contains(&remedy), "{error}");
        }
        for private in [0o600, 0o400] {
            fs::set_permissions(&file.path, Permissions::from_mode(private)).unwrap();
            assert_eq!(digits(&file.load().unwrap()), "07".repeat(32));
        }
    }

    #[test]
    fn a_link_is_judged_by_the_file_it_leads_to() {
        let folder = TempDir::new().unwrap();
        let file = key_file(folder.path());
        file.create(&key_of(7)).unwrap();
        let link = super::KeyFile {
            path: folder.path().join("link"),
        };
        symlink(&file.path, &link.path).unwrap();
        assert_eq!(digits(&link.load().unwrap()), "07".repeat(32));
        fs::set_permissions(&file.path, Permissions::from_mode(0o644)).unwrap();
        assert!(link.load().is_err());
        assert!(link.create(&key_of(8)).is_err());
    }

    #[test]
    fn a_device_is_no_key_file() {
        let path = "/dev/zero".into();
        let error = super::KeyFile { path }.load().unwrap_err();
        assert!(matches!(error, KeySourceError::FileMalformed { .. }));
    }
}
