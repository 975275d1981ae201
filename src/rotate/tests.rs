//! The key changes, and whatever comes in between, the folder opens with everything in it.

mod interrupted;
mod kept;

use super::*;
use crate::vault::KeyPlace;
use crate::{Builder, DataFolder, KeySource, OpenAlgo};
use openalgo_crypto::MasterKey;
use openalgo_crypto::key_source::{KeyFile, KeySourceError, Keychain};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const PASSPHRASE: &str = "three plain words";

/// A data folder with an owner, and what is known of it.
struct World {
    place: TempDir,
    key: KeySource,
    api_key: String,
}

/// What a rotation had done when it was killed.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Step {
    Announced,
    Kept,
    HalfCopied,
    Copied,
    Renamed,
    Moved,
    Emptied,
}

/// A file takes the place of the other, so that nothing is left to be emptied.
const STEPS_OF_A_FILE: [Step; 6] = [
    Step::Announced,
    Step::Kept,
    Step::HalfCopied,
    Step::Copied,
    Step::Renamed,
    Step::Moved,
];

impl World {
    async fn with_file() -> Self {
        let place = tempfile::tempdir().unwrap();
        let key = KeySource::File(place.path().join("my.key"));
        Self::new(place, key).await
    }

    async fn with_passphrase() -> Self {
        let key = KeySource::Passphrase(PASSPHRASE.into());
        Self::new(tempfile::tempdir().unwrap(), key).await
    }

    async fn with_keychain() -> Self {
        Keychain::keep_in_memory();
        Self::new(tempfile::tempdir().unwrap(), KeySource::Keychain).await
    }

    async fn new(place: TempDir, key: KeySource) -> Self {
        let app = OpenAlgo::builder().data_dir(place.path().join("data"));
        let app = app.key_source(key.clone()).without_market_watch();
        let app = app.open().await.unwrap();
        app.set_up_owner().await.unwrap();
        let api_key = api_key(&app).await;
        app.close().await;
        Self {
            place,
            key,
            api_key,
        }
    }

    fn folder(&self) -> DataFolder {
        DataFolder::new(self.path("data"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn builder(&self) -> Builder {
        let builder = OpenAlgo::builder().data_dir(self.path("data"));
        match &self.key {
            KeySource::Passphrase(_) => builder.key_source(self.key.clone()),
            _ => builder,
        }
    }

    async fn files(&self) -> OpenFolder {
        let builder = self.builder().existing_only();
        builder.open_folder().await.unwrap()
    }

    async fn rotate(&self, with: RotateKey) -> Result<KeyRotated, RotateKeyError> {
        self.files().await.rotate_key(with, &|_| {}).await
    }

    fn as_ever(&self) -> RotateKey {
        RotateKey {
            passphrase: self.key.passphrase().cloned(),
            keep_old: None,
        }
    }

    fn vault(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.folder().vault()).unwrap()).unwrap()
    }

    fn key_check(&self) -> String {
        self.vault()["key_check"].as_str().unwrap().to_owned()
    }

    /// Goes through a rotation up to a step, and leaves everything as it is then.
    async fn kill_at(&self, step: Step) -> Value {
        let mut files = self.files().await;
        let (database, copy) = (files.folder.database(), files.folder.copy_under_new_key());
        let (new, _) = files.begin_rotation(&self.as_ever()).unwrap();
        let (place, announced) = (new.place.as_ref().unwrap(), self.vault()["pending"].clone());
        if step == Step::Announced {
            place.empty(&new.master.check_value()).unwrap();
        }
        if step == Step::HalfCopied {
            fs::write(&copy, [7; 5000]).unwrap();
            for half in ["rotated.new", "rotated-journal"] {
                fs::write(copy.with_extension(half), [7; 5000]).unwrap();
            }
        }
        if step >= Step::Copied {
            files.copy_under(&new, &|_| {}).await.unwrap();
        }
        files.store.close().await;
        if step >= Step::Renamed {
            replace(&database, &copy).unwrap();
        }
        match place {
            KeyPlace::File { path } if step >= Step::Moved => {
                fs::rename(path, self.path("my.key")).unwrap();
            }
            KeyPlace::Keychain { .. } if step >= Step::Moved => self.record(step),
            _ => {}
        }
        announced
    }

    /// Lets the vault file name the new entry of the keychain, and empties the old one.
    fn record(&self, step: Step) {
        let old = self.entry();
        let mut vault = self.vault();
        let pending = vault.as_object_mut().unwrap().remove("pending").unwrap();
        vault["retired"] = json!({ "key": vault["key"], "key_check": vault["key_check"] });
        vault["key"] = pending["key"].clone();
        vault["key_check"] = pending["key_check"].clone();
        fs::write(self.folder().vault(), vault.to_string()).unwrap();
        if step >= Step::Emptied {
            let check = vault["retired"]["key_check"].as_str();
            old.remove(check.unwrap()).unwrap();
        }
    }

    /// The entry of the keychain that the vault file names.
    fn entry(&self) -> Keychain {
        let account = self.vault()["key"]["account"].as_str().unwrap().to_owned();
        Keychain { account }
    }

    /// Gives the new key's place and check value, whether or not it came to be the key.
    async fn survives(&self, step: Step) -> Value {
        let before = self.key_check();
        let new = self.kill_at(step).await;
        self.assert_whole().await;
        let is_new = self.key_check() != before;
        assert_eq!(is_new, step >= Step::Renamed, "{step:?}");
        self.assert_whole().await;
        new
    }

    /// Opens the folder and sees that everything is there, and nothing unfinished.
    async fn assert_whole(&self) {
        let app = self.builder().without_market_watch().open().await.unwrap();
        assert!(!app.files().is_new());
        assert_eq!(api_key(&app).await, self.api_key);
        let report = app.check().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        app.close().await;
        let vault = self.vault();
        for unfinished in ["pending", "retired"] {
            assert_eq!(vault.get(unfinished), None, "{vault}");
        }
        let files = ["instance.lock", "main.db", "main.db-anchor", "vault.json"];
        assert_eq!(names(&self.path("data")), files);
        let outside: &[&str] = match self.key {
            KeySource::File(_) => &["data", "my.key"],
            _ => &["data"],
        };
        assert_eq!(names(self.place.path()), outside);
    }
}

async fn api_key(app: &OpenAlgo) -> String {
    let owner = app.users().owner().await.unwrap();
    let key = app.users().api_key(owner.id).await.unwrap();
    key.unwrap().key.expose_secret().to_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn another_key_opens_the_same_data_and_the_old_one_nothing() {
    let world = World::with_file().await;
    let kept = tempfile::tempdir().unwrap();
    let (old, again) = (kept.path().join("old.key"), kept.path().join("again.key"));
    fs::copy(world.path("my.key"), &old).unwrap();
    let before = world.key_check();
    let with = RotateKey {
        keep_old: Some(again.clone()),
        ..RotateKey::default()
    };
    let done = world.rotate(with).await.unwrap();
    assert_eq!(
        done.source,
        format!("file:{}", world.path("my.key").display())
    );
    assert!(!done.had_recovery_key);
    assert_ne!(world.key_check(), before);
    world.assert_whole().await;
    assert_eq!(fs::read(&again).unwrap(), fs::read(&old).unwrap());
    let opened = world.builder().key_source(KeySource::File(old));
    let refused = opened.open_folder().await.unwrap_err();
    assert!(
        matches!(
            refused,
            crate::OpenAppError::Unlock(UnlockError::NamedElsewhere { .. })
        ),
        "{refused}"
    );
    world.rotate(world.as_ever()).await.unwrap();
    world.assert_whole().await;
}

#[tokio::test]
async fn the_passphrase_stays_when_the_key_changes() {
    let world = World::with_passphrase().await;
    let before = world.key_check();
    for wrong in [None, Some("three other words".into())] {
        let with = RotateKey {
            passphrase: wrong,
            keep_old: None,
        };
        let refused = world.rotate(with).await.unwrap_err();
        assert!(matches!(refused, RotateKeyError::Unlock(_)), "{refused}");
        assert_eq!(world.key_check(), before);
        world.assert_whole().await;
    }
    world.rotate(world.as_ever()).await.unwrap();
    assert_ne!(world.key_check(), before);
    world.assert_whole().await;
}

#[tokio::test]
async fn a_rotation_that_fails_changes_nothing() {
    let world = World::with_file().await;
    let before = world.key_check();
    let inside = RotateKey {
        keep_old: Some(world.path("data/old.key")),
        ..RotateKey::default()
    };
    let refused = world.rotate(inside).await.unwrap_err();
    assert!(refused.to_string().contains("inside"), "{refused}");
    assert_eq!(world.key_check(), before);
    world.assert_whole().await;

    // Nothing can be written where the copy belongs.
    let copy = world.folder().copy_under_new_key();
    fs::create_dir(&copy).unwrap();
    let refused = world.rotate(world.as_ever()).await.unwrap_err();
    assert!(matches!(refused, RotateKeyError::Copy(_)), "{refused}");
    fs::remove_dir(&copy).unwrap();
    assert_eq!(world.key_check(), before);
    world.assert_whole().await;
}

/// Also before anybody opens the folder under its new key.
#[tokio::test]
async fn a_folder_under_a_new_key_needs_its_anchor() {
    let world = World::with_file().await;
    world.rotate(world.as_ever()).await.unwrap();
    fs::remove_file(world.path("data/main.db-anchor")).unwrap();
    let refused = world.builder().open_folder().await.unwrap_err();
    assert!(
        matches!(
            refused,
            crate::OpenAppError::Database(OpenError::AnchorMissing { .. })
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn a_recovery_key_ends_with_the_key_that_it_wraps() {
    let world = World::with_file().await;
    let text = world.files().await.make_recovery_key().await.unwrap();
    let done = world.rotate(world.as_ever()).await.unwrap();
    assert!(done.had_recovery_key);
    let opened = world.builder().key_source(KeySource::Recovery(text));
    let refused = opened.open_folder().await.unwrap_err();
    assert!(
        matches!(
            refused,
            crate::OpenAppError::Unlock(UnlockError::NoRecoveryKey { .. })
        ),
        "{refused}"
    );
    world.assert_whole().await;
}
