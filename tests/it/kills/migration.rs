//! A database of an older program that is opened.

use super::trial::{BEGINS, Sign, Trial};
use super::{Prepared, copy_files, names, raw};
use crate::victim::{say, victim_folder};
use crate::world::World;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::fs;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("openalgo-store/migrations");
/// The last migration that the older program knew.
const OLDER: &str = "20261123000009";

const TEST: &str = "kills::migration::a_killed_migration_goes_through_at_the_next_start";
/// How often it is killed in the ordinary tests.
const KILLS: u64 = 12;
/// The copy that is left beside the database; the version is that of the older program.
const SIGNS: &[Sign] = &[
    Sign::Word,
    Sign::There("data/main.db.before-20261123000009.part"),
    Sign::There("data/main.db.before-20261123000009"),
    Sign::There("data/main.db-wal"),
];

async fn migrate(world: &World) {
    say(BEGINS);
    world.open().await.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_migration_goes_through_at_the_next_start() {
    if let Some(folder) = victim_folder() {
        return migrate(&World::at(&folder)).await;
    }
    let folder = Prepared::new().await;
    let newest = version(&mut folder.raw());
    while version(&mut folder.raw()) != OLDER {
        folder.raw().revert_last_migration(MIGRATIONS).unwrap();
    }
    let older = OLDER.to_owned();
    // That program counted no commits and had no anchor.
    fs::remove_file(folder.world.data().join("main.db-anchor")).unwrap();
    folder.keep();
    let mut trial = Trial::new((TEST, folder.root()), SIGNS, KILLS);
    while !trial.is_over(&["copying", "not migrated", "migrated"]) {
        folder.put_back();
        trial.kill();
        let at = killed_at(&folder);
        trial.met(match () {
            () if at == newest => "migrated",
            () if at != older => "half migrated",
            () if names(&folder.world.data())
                .iter()
                .any(|name| name.contains(".part")) =>
            {
                "copying"
            }
            () => "not migrated",
        });
        folder.assert_whole(&folder.world, &[]).await;
        assert_eq!(version(&mut folder.raw()), newest);
        assert_way_back(&folder, &older);
    }
    println!("{}", trial.report("migration", 0));
}

/// The copy for the older program is the one of that program, and whole.
fn assert_way_back(folder: &Prepared, older: &str) {
    let copy = format!("main.db.before-{older}");
    let data = folder.world.data();
    let copies: Vec<_> = names(&data)
        .into_iter()
        .filter(|name| name.contains(".before-"))
        .collect();
    assert_eq!(copies, [copy.as_str()]);
    let mut c = raw(&folder.world, &data.join(copy));
    assert_eq!(version(&mut c), older);
    let orders = sql::<BigInt>("SELECT count(*) FROM orders").get_result::<i64>(&mut c);
    assert_eq!(orders.unwrap(), i64::try_from(folder.orders.len()).unwrap());
}

/// The version of what a kill left, which stays as it is.
fn killed_at(folder: &Prepared) -> String {
    let aside = folder.root().join("aside");
    copy_files(&folder.world.data(), &aside);
    version(&mut raw(&folder.world, &aside.join("main.db")))
}

fn version(c: &mut SqliteConnection) -> String {
    sql::<Text>("SELECT max(version) FROM __diesel_schema_migrations")
        .get_result(c)
        .unwrap()
}
