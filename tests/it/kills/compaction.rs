//! The database written anew without its gaps, while orders are placed.

use super::trial::{BEGINS, Sign, Trial};
use super::{Prepared, size};
use crate::crash::keep_placing;
use crate::victim::{say, victim_folder};
use crate::world::World;
use diesel::connection::SimpleConnection;
use std::path::Path;
use std::sync::Arc;

const TEST: &str = "kills::compaction::a_killed_compaction_leaves_all_there_is";
/// How often it is killed in the ordinary tests.
const KILLS: u64 = 12;
const SIGNS: &[Sign] = &[
    Sign::Word,
    Sign::Larger("data/main.db-wal", 1_000_000),
    Sign::Smaller("data/main.db"),
];

async fn compact(folder: &Path) {
    let (app, owner) = World::at(folder).open_with_owner().await;
    let app = Arc::new(app);
    let mut events = app.subscribe();
    keep_placing(&app, owner.id, 2).await;
    // Not before the load is under way.
    events.next().await;
    say(BEGINS);
    app.files().compact().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_compaction_leaves_all_there_is() {
    if let Some(folder) = victim_folder() {
        return compact(&folder).await;
    }
    let folder = Prepared::new().await;
    let gaps = "DELETE FROM order_logs WHERE id % 4 = 0";
    folder.raw().batch_execute(gaps).unwrap();
    folder.keep();
    let (mut trial, mut meanwhile) = (Trial::new((TEST, folder.root()), SIGNS, KILLS), 0);
    while !trial.is_over(&["rewriting", "in the log", "shrunk"]) {
        folder.put_back();
        let said = trial.kill();
        trial.met(point(&folder));
        meanwhile += said.len();
        folder.assert_whole(&folder.world, &said).await;
        let app = folder.world.open().await;
        app.files().compact().await.unwrap();
        app.close().await;
        assert!(database(&folder) < kept(&folder));
        folder.assert_whole(&folder.world, &said).await;
    }
    println!("{}", trial.report("compaction", meanwhile));
}

/// How far a compaction had come: the new state goes into the log, and from there into the file.
fn point(folder: &Prepared) -> &'static str {
    let log = size(&folder.world.data().join("main.db-wal"));
    match () {
        () if database(folder) < kept(folder) => "shrunk",
        () if log > kept(folder) / 2 => "in the log",
        () => "rewriting",
    }
}

fn database(folder: &Prepared) -> u64 {
    size(&folder.world.data().join("main.db"))
}

fn kept(folder: &Prepared) -> u64 {
    size(&folder.root().join("kept/data/main.db"))
}
