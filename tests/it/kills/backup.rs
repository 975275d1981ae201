//! A backup that is made while orders are placed.

use super::trial::{BEGINS, Sign, Trial};
use super::{Prepared, names};
use crate::crash::keep_placing;
use crate::victim::{say, victim_folder};
use crate::world::World;
use openalgo::backup::{Backup, BackupSecret};
use std::fs;
use std::path::Path;
use std::sync::Arc;

const TEST: &str = "kills::backup::a_killed_backup_leaves_no_half_of_one";
/// How often it is killed in the ordinary tests.
const KILLS: u64 = 4;

/// What comes before the first is the slow hash of the passphrase.
const SIGNS: &[Sign] = &[
    Sign::There("a.backup.database.new"),
    Sign::There("a.backup.database"),
    Sign::There("a.backup.new"),
    Sign::There("a.backup"),
];

/// Backs the folder up beside it.
async fn back_up(world: &World, app: &openalgo::OpenAlgo) {
    let (path, passphrase) = (world.root().join("a.backup"), "three plain words".into());
    let files = app.files();
    files.back_up(&path, &passphrase, &|_| {}).await.unwrap();
}

async fn back_up_under_load(folder: &Path) {
    let world = World::at(folder);
    let (app, owner) = world.open_with_owner().await;
    let app = Arc::new(app);
    keep_placing(&app, owner.id, 1).await;
    say(BEGINS);
    back_up(&world, &app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_backup_leaves_no_half_of_one() {
    if let Some(folder) = victim_folder() {
        return back_up_under_load(&folder).await;
    }
    let folder = Prepared::new().await;
    folder.keep();
    let (mut trial, mut meanwhile) = (Trial::new((TEST, folder.root()), SIGNS, KILLS), 0);
    let path = folder.root().join("a.backup");
    while !trial.is_over(&["copying", "copied", "made"]) {
        folder.put_back();
        let said = trial.kill();
        trial.met(point(&folder));
        meanwhile += said.len();
        folder.assert_whole(&folder.world, &said).await;
        if path.exists() {
            assert_sound(&folder).await;
            fs::remove_file(&path).unwrap();
        }
        let app = folder.world.open().await;
        back_up(&folder.world, &app).await;
        app.close().await;
        assert_sound(&folder).await;
        assert_eq!(
            names(folder.root()),
            ["a.backup", "data", "kept", "master.key"]
        );
    }
    println!("{}", trial.report("backup", meanwhile));
}

/// How far a backup had come.
fn point(folder: &Prepared) -> &'static str {
    let is_there = |name| folder.root().join(name).exists();
    match () {
        () if is_there("a.backup") => "made",
        () if is_there("a.backup.new") => "writing",
        () if is_there("a.backup.database") => "copied",
        () if is_there("a.backup.database.new") => "copying",
        () => "not begun",
    }
}

/// The backup proves to be what it says.
async fn assert_sound(folder: &Prepared) {
    let secret = BackupSecret::Recovery(folder.recovery.clone());
    let backup = Backup::open(&folder.root().join("a.backup")).unwrap();
    let clock = Arc::clone(&folder.world.clock) as _;
    let report = backup.verify(secret, clock).await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}
