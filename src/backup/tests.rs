use super::*;
use crate::{DataFolder, KeySource, OpenAlgo, PlaceRule, SystemClock};
use openalgo_store::CheckReport;
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A data folder with an owner, an order and a backup of it.
struct World {
    place: TempDir,
    backup: PathBuf,
}

fn passphrase() -> BackupSecret {
    BackupSecret::Passphrase("three plain words".into())
}

impl World {
    async fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let world = Self {
            backup: place.path().join("backup.oab"),
            place,
        };
        let app = world.open("data").await;
        app.set_up_owner().await.unwrap();
        world.make(&app).await.unwrap();
        app.close().await;
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn key(&self, folder: &str) -> KeySource {
        KeySource::File(self.path(&format!("{folder}.key")))
    }

    async fn open(&self, folder: &str) -> OpenAlgo {
        let app = OpenAlgo::builder().data_dir(self.path(folder));
        let app = app.key_source(self.key(folder)).without_market_watch();
        app.open().await.unwrap()
    }

    async fn make(&self, app: &OpenAlgo) -> Result<BackupInfo, BackupError> {
        let secret = SecretString::from("three plain words");
        app.files().back_up(&self.backup, &secret, &|_| {}).await
    }

    async fn verify(&self, secret: BackupSecret) -> Result<CheckReport, BackupError> {
        let backup = Backup::open(&self.backup)?;
        backup.verify(secret, Arc::new(SystemClock)).await
    }

    async fn restore(&self, folder: &str, secret: BackupSecret) -> Result<Restored, BackupError> {
        let target = RestoreTarget {
            folder: DataFolder::new(self.path(folder)),
            place: PlaceRule::OwnDisk,
            key_source: Some(self.key(folder)),
            clock: Arc::new(SystemClock),
        };
        let backup = Backup::open(&self.backup)?;
        backup.restore(secret, target, &|_| {}).await
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_is_one_private_file() {
    let world = World::new().await;
    assert_eq!(
        names(world.place.path()),
        ["backup.oab", "data", "data.key"]
    );
    let info = Backup::open(&world.backup).unwrap().info().clone();
    assert_eq!(info.program_version, env!("CARGO_PKG_VERSION"));
    assert!(info.database_bytes > 100_000);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = world.backup.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(world.verify(passphrase()).await.unwrap().is_sound());
}

#[tokio::test]
async fn a_restored_folder_is_whole_and_halted() {
    let world = World::new().await;
    let restored = world.restore("new", passphrase()).await.unwrap();
    assert!(restored.key_source.starts_with("file:"));
    let names = names(&world.path("new"));
    assert_eq!(
        names,
        ["instance.lock", "main.db", "main.db-anchor", "vault.json"]
    );
    let app = world.open("new").await;
    assert!(!app.files().is_new());
    let report = app.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    let owner = app.users().owner().await.unwrap();
    assert!(app.users().api_key(owner.id).await.unwrap().is_some());
    app.close().await;
    // The old key does not open the new folder.
    let other = OpenAlgo::builder().data_dir(world.path("new"));
    let other = other.key_source(world.key("data")).open().await;
    assert!(other.is_err());
}

#[tokio::test]
async fn a_file_is_never_overwritten() {
    let world = World::new().await;
    let before = std::fs::read(&world.backup).unwrap();
    let app = world.open("data").await;
    let refused = world.make(&app).await.unwrap_err();
    assert!(matches!(refused, BackupError::Exists { .. }), "{refused}");
    assert_eq!(std::fs::read(&world.backup).unwrap(), before);
    app.close().await;
}

#[tokio::test]
async fn a_wrong_secret_opens_nothing_and_makes_nothing() {
    let world = World::new().await;
    let wrong = || BackupSecret::Passphrase("three other words".into());
    let refused = world.verify(wrong()).await.unwrap_err();
    assert!(
        matches!(refused, BackupError::WrongPassphrase { .. }),
        "{refused}"
    );
    let refused = world.restore("new", wrong()).await.unwrap_err();
    assert!(
        matches!(refused, BackupError::WrongPassphrase { .. }),
        "{refused}"
    );
    assert!(!world.path("new").exists());
    let recovery = BackupSecret::Recovery("0".into());
    let refused = world.verify(recovery).await.unwrap_err();
    assert!(matches!(refused, BackupError::NoRecovery), "{refused}");
}

#[tokio::test]
async fn a_folder_with_something_in_it_is_refused() {
    let world = World::new().await;
    let before = names(&world.path("data"));
    let refused = world.restore("data", passphrase()).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty { .. }), "{refused}");
    assert_eq!(names(&world.path("data")), before);
}

#[tokio::test]
async fn what_a_killed_restore_left_is_no_obstacle() {
    let world = World::new().await;
    std::fs::create_dir_all(world.path("new/restoring")).unwrap();
    std::fs::write(world.path("new/restoring/main.db"), "half").unwrap();
    std::fs::write(world.path("new/main.db.new"), "half").unwrap();
    assert!(!DataFolder::new(world.path("new")).has_data());
    world.restore("new", passphrase()).await.unwrap();
    assert!(!world.path("new/restoring").exists());
    assert!(!world.path("new/main.db.new").exists());
}

/// Killed between the name of the database and its own end.
#[tokio::test]
async fn what_a_killed_restore_left_beside_the_data_goes_at_the_next_start() {
    let world = World::new().await;
    world.restore("new", passphrase()).await.unwrap();
    let folder = world.path("new");
    let expected = names(&folder);
    std::fs::create_dir(folder.join("restoring")).unwrap();
    std::fs::write(folder.join("restoring/main.db"), "whole").unwrap();
    std::fs::hard_link(folder.join("main.db"), folder.join("main.db.new")).unwrap();
    let refused = world.restore("new", passphrase()).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty { .. }), "{refused}");
    let app = world.open("new").await;
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
    assert_eq!(names(&folder), expected);
}

/// Bytes of the backup, and where its database begins in them.
fn parts(world: &World) -> (Vec<u8>, usize) {
    let whole = std::fs::read(&world.backup).unwrap();
    let info = Backup::open(&world.backup).unwrap().info().clone();
    let body = whole.len() - usize::try_from(info.database_bytes).unwrap();
    (whole, body)
}

/// One changed bit, wherever it is.
#[tokio::test]
async fn a_changed_file_is_refused() {
    let world = World::new().await;
    let (whole, body) = parts(&world);
    let front = [0, 15, 17, 30, body / 2, body - 40, body - 1];
    let pages = (body..whole.len())
        .step_by(100 * 4096)
        .map(|start| start + 5);
    for place in front.into_iter().chain(pages) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        std::fs::write(&world.backup, bytes).unwrap();
        match world.verify(passphrase()).await {
            Err(
                BackupError::NotABackup { .. }
                | BackupError::Newer { .. }
                | BackupError::Damaged { .. }
                | BackupError::WrongPassphrase { .. },
            ) => {}
            Err(error) => panic!("byte {place}: {error}"),
            Ok(report) => assert!(!report.is_sound(), "byte {place} is not missed"),
        }
    }
    assert!(world.restore("new", passphrase()).await.is_err());
    assert!(!DataFolder::new(world.path("new")).has_data());
    assert!(!world.path("new/restoring").exists());
}

#[tokio::test]
async fn a_shortened_or_longer_file_is_refused() {
    let world = World::new().await;
    let (whole, body) = parts(&world);
    let mut files: Vec<_> = [0, 10, 19, 100, body, whole.len() - 4096]
        .map(|length| whole[..length].to_vec())
        .into();
    files.push([whole.as_slice(), b"more"].concat());
    for bytes in files {
        std::fs::write(&world.backup, &bytes).unwrap();
        let refused = world.verify(passphrase()).await.unwrap_err();
        let expected = matches!(
            refused,
            BackupError::NotABackup { .. } | BackupError::Damaged { .. }
        );
        assert!(expected, "{}: {refused}", bytes.len());
    }
}
