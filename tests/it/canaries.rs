//! Secrets and names planted through every front door: in no file, and in no memory of a process
//! that has closed the folder.

mod day;
mod places;
mod planted;
mod rows;

use crate::older::make_older;
use crate::victim::{Victim, hear, say, victim_folder};
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use day::{PASSPHRASE, SESSION, live_through, open, refused};
use openalgo::backup::{Backup, BackupSecret, RestoreTarget};
use openalgo::store::Progress;
use openalgo::{DataFolder, KeySource, OpenFolder, PlaceRule, RotateKey};
use places::{KEYS, Search};
use planted::Canaries;
use secrecy::ExposeSecret;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;
use tracing_subscriber::filter::LevelFilter;

const BACKUP: &str = "the.backup";
const BACKUP_PASSPHRASE: &str = "the passphrase of a backup";

/// Writes everything that can be logged to where the program logs.
fn log_everything(world: &World) {
    let folder = DataFolder::new(world.data());
    folder.create_logs().unwrap();
    let path = folder.logs().join("app.log");
    let file = fs::File::options().create(true).append(true).open(path);
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(Mutex::new(file.unwrap()))
        .init();
}

/// The folder without its engine, as it is after the keys were planted.
async fn files(world: &World, canaries: &Canaries) -> OpenFolder {
    let passphrase = KeySource::Passphrase(canaries.find(PASSPHRASE));
    let builder = world.builder().key_source(passphrase);
    builder.open_folder().await.unwrap()
}

/// Goes no further once everything is copied, until the process is killed.
fn stop_half_way(progress: Progress) {
    if progress.done == progress.total {
        say("done");
        loop {
            std::thread::park();
        }
    }
}

/// What is done in a process of its own, which is killed then.
async fn perform(task: &str, world: &World, canaries: &mut Canaries) {
    let half_way: &(dyn Fn(Progress) + Sync) = match task.strip_prefix("half ") {
        Some(_) => &stop_half_way,
        None => &|_| {},
    };
    match task.trim_start_matches("half ") {
        "trade" => {
            let app = live_through(world, canaries).await;
            canaries.text(BACKUP_PASSPHRASE, "red boats");
            // What was written since the last checkpoint is to be in the log of the database.
            std::mem::forget(app);
        }
        "compact" => {
            let files = files(world, canaries).await;
            files.compact().await.unwrap();
            files.close().await;
        }
        "back up" => back_up(world, canaries, half_way).await,
        "restore" => restore(task, (world, canaries), half_way).await,
        "rotate" => rotate(world, canaries, half_way).await,
        "update" => open(world, canaries).await.close().await,
        other => panic!("what is {other}?"),
    }
    canaries.save(world);
    say("done");
}

async fn back_up(world: &World, canaries: &mut Canaries, progress: &(dyn Fn(Progress) + Sync)) {
    let (file, passphrase) = (world.root().join(BACKUP), canaries.find(BACKUP_PASSPHRASE));
    let files = files(world, canaries).await;
    files.back_up(&file, &passphrase, progress).await.unwrap();
    files.close().await;
    let wrong = canaries.secret("a mistyped passphrase of a backup", "red boots");
    for secret in [
        BackupSecret::Recovery(wrong.clone()),
        BackupSecret::Passphrase(wrong),
    ] {
        let clock = Arc::clone(&world.clock) as _;
        refused(Backup::open(&file).unwrap().verify(secret, clock).await);
    }
    let (secret, clock) = (
        BackupSecret::Passphrase(passphrase),
        Arc::clone(&world.clock),
    );
    let report = Backup::open(&file).unwrap().verify(secret, clock).await;
    assert!(report.unwrap().is_sound());
}

async fn restore(
    to: &str,
    (world, canaries): (&World, &mut Canaries),
    progress: &(dyn Fn(Progress) + Sync),
) {
    let key = world.root().join(KEYS).join(to);
    let target = RestoreTarget {
        folder: DataFolder::new(world.root().join(to)),
        place: PlaceRule::OwnDisk,
        key_source: Some(KeySource::File(key.clone())),
        clock: Arc::clone(&world.clock) as _,
    };
    let backup = Backup::open(&world.root().join(BACKUP)).unwrap();
    let secret = BackupSecret::Passphrase(canaries.find(BACKUP_PASSPHRASE));
    backup.restore(secret, target, progress).await.unwrap();
    let digits = fs::read_to_string(key).unwrap();
    canaries.add_hex("the master key of the restored folder", digits.trim());
}

async fn rotate(world: &World, canaries: &mut Canaries, progress: &(dyn Fn(Progress) + Sync)) {
    let kept = world.root().join(KEYS).join("kept");
    let with = RotateKey {
        passphrase: Some(canaries.find(PASSPHRASE)),
        keep_old: (!kept.exists()).then_some(kept),
    };
    let files = files(world, canaries).await;
    files.rotate_key(with, progress).await.unwrap();
    let files = self::files(world, canaries).await;
    canaries.add_hex(NEW_KEY, files.export_database_key().expose_secret());
    files.close().await;
}

const NEW_KEY: &str = "the database key that was made later";

/// Lets another process do something, and kills it when that is done.
fn have_done(world: &World, task: &str) -> Canaries {
    let test = "canaries::no_file_of_the_folder_gives_anything_away";
    let mut victim = Victim::start(test, world.root());
    victim.tell(task);
    assert_eq!(victim.words().next().as_deref(), Some("done"), "{task}");
    victim.kill();
    Canaries::read(world)
}

/// What a day leaves, what is left of everything that is done with the folder, and what a process
/// leaves that was killed in the middle of it.
#[tokio::test]
async fn no_file_of_the_folder_gives_anything_away() {
    if let Some(folder) = victim_folder() {
        let world = World::at(&folder);
        log_everything(&world);
        let task = hear();
        let mut canaries = match &*task {
            "trade" => Canaries::default(),
            _ => Canaries::read(&world),
        };
        Box::pin(perform(&task, &world, &mut canaries)).await;
        std::future::pending::<()>().await;
    }
    let world = World::new();
    let mut search = Search::default();
    for (task, left) in [
        ("trade", &["data/main.db-wal", "data/control.sock"][..]),
        ("half back up", &["the.backup.database"]),
        ("back up", &["the.backup"]),
        ("half restore", &["half restore/restoring/main.db"]),
        ("restore", &["restore/main.db"]),
        ("half rotate", &["data/main.db.rotated"]),
        ("rotate", &["data/vault.json", "data/instance.lock"]),
        ("compact", &["data/main.db-anchor"]),
    ] {
        let canaries = have_done(&world, task);
        search.look((&world, &canaries), task, left);
    }
    let canaries = Canaries::read(&world);
    make_older(&world.data().join("main.db"), &canaries.find(NEW_KEY));
    let canaries = have_done(&world, "update");
    search.look((&world, &canaries), "update", &["data/main.db.before-"]);

    let app = open(&world, &canaries).await;
    let owner = app.users().owner().await.unwrap();
    let orders = app.orders().list(owner.id, u32::MAX).await.unwrap();
    assert_eq!(orders.len(), SESSION);
    app.close().await;
    search.look((&world, &canaries), "closed", &["data/main.db"]);
    let log = fs::read_to_string(world.data().join("logs/app.log")).unwrap();
    assert!(log.contains("a login failed"), "nothing was logged");
    println!("{}", search.report(&canaries));
}

/// Each canary is found wherever it lies, in whatever form.
#[test]
fn a_leak_is_found() {
    let world = World::new();
    let mut canaries = Canaries::default();
    let text = canaries.text("a secret", "it");
    fs::create_dir_all(world.data().join("logs")).unwrap();
    canaries.save(&world);
    assert!(Search::default().leaks_in(&world, &canaries).is_empty());
    let hidden = STANDARD.encode(format!("x{text}"));
    for (name, content) in [
        ("data/main.db", text.clone()),
        ("data/logs/app.log", format!("{{\"key\":\"{hidden}\"}}")),
        (&*format!("data/{text}.part"), String::new()),
    ] {
        fs::write(world.root().join(name), content).unwrap();
        let found = Search::default().leaks_in(&world, &canaries);
        assert_eq!(found.len(), 1, "{name}: {found:#?}");
        fs::remove_file(world.root().join(name)).unwrap();
    }
}

/// Takes a dump of everything in a process that is alive; `None` where no debugger may.
fn core_dump(process: u32, folder: &Path) -> Option<Vec<u8>> {
    let made = Command::new("gcore")
        .arg("-o")
        .arg(folder.join("core"))
        .arg(process.to_string())
        .output();
    if made.as_ref().is_ok_and(|made| made.status.success()) {
        return Some(fs::read(folder.join(format!("core.{process}"))).unwrap());
    }
    assert!(
        std::env::var_os("OPENALGO_TEST_NEEDS_GDB").is_none(),
        "{made:?}"
    );
    None
}

#[test]
fn a_process_that_closed_the_folder_holds_nothing_of_it() {
    if let Some(folder) = victim_folder() {
        let world = World::at(&folder);
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let mut canaries = Canaries::default();
            live_through(&world, &mut canaries).await.close().await;
            canaries.text(BACKUP_PASSPHRASE, "red boats");
            back_up(&world, &mut canaries, &|_| {}).await;
            canaries.save(&world);
        });
        drop(runtime);
        say("closed");
        hear();
        return;
    }
    let world = World::new();
    let test = "canaries::a_process_that_closed_the_folder_holds_nothing_of_it";
    let mut victim = Victim::start(test, world.root());
    assert_eq!(victim.words().next().as_deref(), Some("closed"));
    let Some(dump) = core_dump(victim.id(), world.root()) else {
        eprintln!("skipped: there is no gcore, or it may not look into other processes");
        return;
    };
    victim.kill();
    let found = Canaries::read(&world).leaks().found(&dump);
    assert!(found.is_empty(), "{} places: {found:#?}", found.len());
}
