//! Where keys are made, and where they must not be.

mod changes;

use super::{Unlocked, create, settle, unlock};
use crate::folder::DataFolder;
use crate::key_source::{KeySource, UnlockError};
use openalgo_core::market::Timestamp;
use openalgo_core::testing::FakeRandom;
use std::fs;
use std::path::{Path, PathBuf};

fn noon() -> Timestamp {
    Timestamp::parse_stored("2026-11-23 06:30:00.000000").unwrap()
}

struct Place {
    root: tempfile::TempDir,
    folder: DataFolder,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(root.path().join("data"));
        folder.create().unwrap();
        Self { root, folder }
    }

    fn create(&self, key: &Path) -> Result<Unlocked, UnlockError> {
        let source = KeySource::File(key.to_owned());
        self.create_with(&source)
    }

    fn create_with(&self, source: &KeySource) -> Result<Unlocked, UnlockError> {
        create(&self.folder, Some(source), &FakeRandom::default(), noon())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Opens as a start does whose database is opened by the first key that is found.
    fn open(&self, asked: Option<&KeySource>) -> Result<Unlocked, UnlockError> {
        let mut unlocked = unlock(&self.folder, asked)?.first;
        settle(&self.folder, &mut unlocked, noon());
        Ok(unlocked)
    }

    /// The vault file as it is written.
    fn written(&self) -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(self.folder.vault()).unwrap()).unwrap()
    }

    fn write(&self, vault: &serde_json::Value) {
        fs::write(self.folder.vault(), vault.to_string()).unwrap();
    }

    /// The names of the files beside the data folder.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "data")
            .collect();
        names.sort();
        names
    }

    /// Names `key`, a path within the place, as the key file of a new folder.
    fn is_refused(&self, key: &str) -> bool {
        let made = self.create(&self.root.path().join(key));
        let is_refused = matches!(made, Err(UnlockError::InsideFolder { .. }));
        assert_eq!(self.folder.vault().exists(), !is_refused, "{made:?}");
        is_refused
    }
}

#[test]
fn a_new_folder_finds_its_key_again() {
    let place = Place::new();
    let made = place
        .create(&place.root.path().join("keys/my.key"))
        .unwrap();
    let found = unlock(&place.folder, None).unwrap().first;
    assert!(found.master.matches_check(&made.master.check_value()));
    let names = fs::read_dir(place.folder.root()).unwrap();
    assert_eq!(names.count(), 1);
}

/// Killed between the name of the key file and the end of its draft, and before the vault file.
#[test]
fn a_key_that_an_unfinished_start_left_is_taken_and_is_there_once() {
    let place = Place::new();
    let made = place.create(&place.path("my.key")).unwrap();
    fs::hard_link(place.path("my.key"), place.path("my.key.part")).unwrap();
    fs::remove_file(place.folder.vault()).unwrap();
    let taken = place.create(&place.path("my.key")).unwrap();
    assert!(taken.master.matches_check(&made.master.check_value()));
    assert_eq!(place.names(), ["my.key"]);
}

#[test]
fn a_key_file_lies_outside_the_folder() {
    for inside in [
        "data/my.key",
        "data/deeper/my.key",
        "other/../data/my.key",
        "other/../other/deeper/../../data/my.key",
        "./data/./my.key",
    ] {
        assert!(Place::new().is_refused(inside), "{inside}");
    }
    for outside in ["my.key", "data.key", "other/my.key", "data/../my.key"] {
        assert!(!Place::new().is_refused(outside), "{outside}");
    }
}

#[cfg(unix)]
#[test]
fn no_link_leads_the_key_file_into_the_folder() {
    use std::os::unix::fs::symlink;

    let place = Place::new();
    symlink(place.folder.root(), place.root.path().join("link")).unwrap();
    assert!(place.is_refused("link/my.key"));
    assert!(place.is_refused("new/../link/my.key"));
    // A folder that is reached by a link protects its inside too.
    let by_link = Place {
        folder: DataFolder::new(place.root.path().join("link")),
        root: place.root,
    };
    assert!(by_link.is_refused("data/my.key"));
    assert!(by_link.is_refused("link/my.key"));
    assert!(!by_link.is_refused("my.key"));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_vault() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.folder.root(), open).unwrap();
    // The rest of a start that was killed.
    let draft = place.folder.root().join("vault.json.new");
    fs::write(&draft, "half").unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o644)).unwrap();
    place.create(&place.root.path().join("my.key")).unwrap();
    let mode = place
        .folder
        .vault()
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!draft.exists());
}
