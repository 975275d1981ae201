//! The key changes, and whatever comes in between, the folder opens with everything in it.

use super::*;
use crate::{Builder, DataFolder, KeySource, OpenAlgo};
use secrecy::ExposeSecret;
use std::fs;
use tempfile::TempDir;

const PASSPHRASE: &str = "three plain words";

/// A data folder with an owner, and what is known of it.
struct World {
    place: TempDir,
    passphrase: Option<SecretString>,
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
}

const STEPS: [Step; 6] = [
    Step::Announced,
    Step::Kept,
    Step::HalfCopied,
    Step::Copied,
    Step::Renamed,
    Step::Moved,
];

impl World {
    async fn with_file() -> Self {
        Self::new(None).await
    }

    async fn with_passphrase() -> Self {
        Self::new(Some(PASSPHRASE.into())).await
    }

    async fn new(passphrase: Option<SecretString>) -> Self {
        let place = tempfile::tempdir().unwrap();
        let key = match &passphrase {
            Some(passphrase) => KeySource::Passphrase(passphrase.clone()),
            None => KeySource::File(place.path().join("my.key")),
        };
        let app = OpenAlgo::builder().data_dir(place.path().join("data"));
        let app = app.key_source(key).without_market_watch().open().await;
        let app = app.unwrap();
        app.set_up_owner().await.unwrap();
        let api_key = api_key(&app).await;
        app.close().await;
        Self {
            place,
            passphrase,
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
        match &self.passphrase {
            Some(passphrase) => builder.key_source(KeySource::Passphrase(passphrase.clone())),
            None => builder,
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
            passphrase: self.passphrase.clone(),
            keep_old: None,
        }
    }

    fn vault(&self) -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(self.folder().vault()).unwrap()).unwrap()
    }

    fn key_check(&self) -> String {
        self.vault()["key_check"].as_str().unwrap().to_owned()
    }

    /// Goes through a rotation up to a step, and leaves everything as it is then.
    async fn kill_at(&self, step: Step) {
        let mut files = self.files().await;
        let (database, copy) = (files.folder.database(), files.folder.copy_under_new_key());
        let new = files.begin_rotation(&self.as_ever()).unwrap();
        let next = self.path("my.key.next");
        if step == Step::Announced && next.exists() {
            fs::remove_file(&next).unwrap();
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
        if step >= Step::Moved && next.exists() {
            fs::rename(next, self.path("my.key")).unwrap();
        }
    }

    async fn survives(&self, step: Step) {
        let before = self.key_check();
        self.kill_at(step).await;
        self.assert_whole().await;
        let is_new = self.key_check() != before;
        assert_eq!(is_new, step >= Step::Renamed, "{step:?}");
        self.assert_whole().await;
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
        let outside: &[&str] = match self.passphrase {
            Some(_) => &["data"],
            None => &["data", "my.key"],
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
            crate::OpenAppError::Unlock(UnlockError::WrongKey { .. })
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
async fn an_interrupted_rotation_is_undone_or_finished() {
    for step in STEPS {
        World::with_file().await.survives(step).await;
    }
}

/// Where the key is wrapped, announcing it is keeping it, and moving it is recording it.
#[tokio::test]
async fn an_interrupted_rotation_of_a_wrapped_key_is_undone_or_finished() {
    for step in [Step::Kept, Step::Copied, Step::Renamed] {
        World::with_passphrase().await.survives(step).await;
    }
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
