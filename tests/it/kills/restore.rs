//! A new folder that is made from a backup.

use super::trial::{BEGINS, Sign, Trial};
use super::{Prepared, names};
use crate::victim::{say, victim_folder};
use crate::world::World;
use openalgo::backup::{Backup, BackupError, BackupSecret, RestoreTarget};
use openalgo::{DataFolder, KeySource, PlaceRule};
use secrecy::{ExposeSecret, SecretString};
use std::fs;
use std::path::Path;
use std::sync::Arc;

const TEST: &str = "kills::restore::a_killed_restore_leaves_no_data_or_all_of_it";
/// How often it is killed in the ordinary tests.
const KILLS: u64 = 12;

const SIGNS: &[Sign] = &[
    Sign::There("copy/data/restoring/main.db"),
    Sign::There("copy/master.key"),
    Sign::There("copy/data/vault.json"),
    Sign::There("copy/data/main.db.new"),
    Sign::There("copy/data/main.db-anchor"),
    Sign::There("copy/data/main.db"),
    Sign::Gone("copy/data/main.db.new"),
];

/// Restores the backup in a folder beside it.
async fn restore(root: &Path, secret: SecretString) -> Result<(), BackupError> {
    let copy = World::at(&root.join("copy"));
    let target = RestoreTarget {
        folder: DataFolder::new(copy.data()),
        place: PlaceRule::OwnDisk,
        key_source: Some(KeySource::File(copy.key())),
        clock: Arc::clone(&copy.clock) as _,
    };
    let backup = Backup::open(&root.join("a.backup"))?;
    let secret = BackupSecret::Recovery(secret);
    backup.restore(secret, target, &|_| {}).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_restore_leaves_no_data_or_all_of_it() {
    if let Some(folder) = victim_folder() {
        let recovery = fs::read_to_string(folder.join("recovery")).unwrap();
        say(BEGINS);
        restore(&folder, recovery.into()).await.unwrap();
        return;
    }
    let folder = Prepared::new().await;
    let recovery = folder.recovery.expose_secret();
    fs::write(folder.root().join("recovery"), recovery).unwrap();
    let app = folder.world.open().await;
    let (path, passphrase) = (folder.root().join("a.backup"), "three plain words".into());
    let files = app.files();
    files.back_up(&path, &passphrase, &|_| {}).await.unwrap();
    app.close().await;
    let mut trial = Trial::new((TEST, folder.root()), SIGNS, KILLS);
    while !trial.is_over(&["laid out", "copying", "restored"]) {
        fs::remove_dir_all(folder.root().join("copy")).unwrap();
        trial.kill();
        trial.met(point(folder.root()));
        let copy = World::at(&folder.root().join("copy"));
        let again = restore(folder.root(), folder.recovery.clone()).await;
        match again {
            Ok(()) => {}
            Err(BackupError::NotEmpty { found, .. }) => assert_eq!(found, "main.db"),
            Err(error) => panic!("{error}"),
        }
        folder.assert_whole(&copy, &[]).await;
        let expected = ["instance.lock", "main.db", "main.db-anchor", "vault.json"];
        assert_eq!(names(&copy.data()), expected);
        assert_eq!(names(copy.root()), ["data", "master.key"]);
    }
    println!("{}", trial.report("restore", 0));
}

/// How far a restore had come.
fn point(root: &Path) -> &'static str {
    let is_there = |name| root.join("copy").join(name).exists();
    match () {
        () if is_there("data/main.db") => "restored",
        () if is_there("data/main.db.new") => "copying",
        () if is_there("master.key") => "key kept",
        () if is_there("data/restoring/main.db") => "laid out",
        () => "not begun",
    }
}
