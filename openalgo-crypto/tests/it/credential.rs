//! A credential of systemd.

use crate::key_of;
use openalgo_crypto::key_source::{Credential, KeyFile, KeySourceError};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn credential(folder: &Path) -> Credential {
    Credential {
        name: Credential::NAME.to_owned(),
        folder: Some(folder.to_owned()),
    }
}

#[test]
fn a_key_file_serves_as_credential() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(Credential::NAME);
    KeyFile { path }.create(&key_of(7)).unwrap();
    let key = credential(folder.path()).load().unwrap();
    assert!(key.matches_check(&key_of(7).check_value()));
}

/// systemd lets the service's user in by an access list, which shows as a right of the group.
#[cfg(unix)]
#[test]
fn its_mode_is_for_systemd_to_judge() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().unwrap();
    let path = folder.path().join(Credential::NAME);
    fs::write(&path, "07".repeat(32)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
    credential(folder.path()).load().unwrap();
}

#[test]
fn a_missing_one_is_named_with_the_line_of_the_unit() {
    let folder = TempDir::new().unwrap();
    let absent = credential(folder.path());
    let no_service = Credential {
        folder: None,
        ..absent.clone()
    };
    for credential in [absent, no_service] {
        let error = credential.load().unwrap_err();
        assert!(matches!(error, KeySourceError::CredentialAbsent { .. }));
        let line = "LoadCredentialEncrypted=openalgo-key:";
        assert!(error.to_string().contains(line), "{error}");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for contents in ["", "sesame", &"07".repeat(33), &"xy".repeat(32)] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(Credential::NAME), contents).unwrap();
        let error = credential(folder.path()).load().unwrap_err();
        assert!(matches!(error, KeySourceError::CredentialMalformed { .. }));
        assert!(!error.to_string().contains("sesame"));
    }
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join(Credential::NAME)).unwrap();
    let error = credential(folder.path()).load().unwrap_err();
    assert!(matches!(error, KeySourceError::CredentialMalformed { .. }));
}
