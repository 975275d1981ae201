//! Databases whose anchor begins: new ones, copies that take their place, files from before there
//! were anchors.

use super::{accept, anchor, audit_log, change, open, opened, try_open, two_states};
use crate::support::{Place, keys, user};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use openalgo_core::testing::FakeRandom;
use openalgo_crypto::MasterKey;
use openalgo_store::{AnchorRule, OpenError, OpenMode, replace};
use std::collections::BTreeMap;
use std::fs;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Every file of the folder.
fn files(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(place.folder.path()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let content = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(path).unwrap())
    };
    paths.map(content).collect()
}

fn assert_missing(place: &Place) {
    let refused = try_open(place).unwrap_err();
    let OpenError::AnchorMissing { .. } = refused else {
        panic!("{refused}");
    };
}

fn assert_strange(place: &Place) {
    let refused = try_open(place).unwrap_err();
    let OpenError::AnchorStrange { .. } = refused else {
        panic!("{refused}");
    };
}

fn is_counting(place: &Place) -> bool {
    let tables = sql::<BigInt>("SELECT count(*) FROM sqlite_master WHERE name = 'commits'");
    tables.get_result::<i64>(&mut place.raw()) == Ok(1)
}

/// Takes the file back to a schema without a count of commits.
fn stop_counting(place: &Place) {
    while is_counting(place) {
        place.raw().revert_last_migration(MIGRATIONS).unwrap();
    }
}

#[tokio::test]
async fn a_new_database_is_never_without_its_anchor() {
    let place = Place::new();
    let store = opened(&place, OpenMode::Create, AnchorRule::Hold).unwrap();
    store.close().await;
    fs::remove_file(anchor(&place)).unwrap();
    assert_missing(&place);
}

/// No database has its name and no number, so one that has is no reason to take it.
#[tokio::test]
async fn a_database_that_counted_nothing_needs_its_anchor_too() {
    let (place, _) = two_states().await;
    let number = place
        .raw()
        .batch_execute("UPDATE commits SET number = 0")
        .map(|()| fs::read(&place.path).unwrap())
        .unwrap();
    assert!(matches!(try_open(&place), Err(OpenError::OlderCopy { .. })));
    fs::write(anchor(&place), [7; 80]).unwrap();
    assert_strange(&place);
    fs::remove_file(anchor(&place)).unwrap();
    assert_missing(&place);
    assert!(!anchor(&place).exists());
    // Unless it was killed while it began.
    fs::write(anchor(&place), []).unwrap();
    open(&place).close().await;
    let begun = fs::read(anchor(&place)).unwrap();
    fs::write(&place.path, number).unwrap();
    fs::write(anchor(&place), begun).unwrap();
    open(&place).close().await;
}

/// A folder whose key was changed, at every moment from then until somebody opens it.
#[tokio::test]
async fn a_copy_under_another_key_takes_the_place_with_its_anchor() {
    let (mut place, _) = two_states().await;
    let copy = place.folder.path().join("main.db.copy");
    let random = FakeRandom::default();
    let [_, key] = [(); 2].map(|()| MasterKey::make(&random).unwrap());
    let store = open(&place);
    store.rekey_to(&copy, keys(&key), &|_| {}).await.unwrap();
    store.close().await;
    let before = files(&place);
    replace(&place.path, &copy).unwrap();
    let after = files(&place);
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        ["main.db", "main.db-anchor"]
    );

    // Killed between the two steps: the old database is still there.
    fs::write(&place.path, &before["main.db"]).unwrap();
    open(&place).close().await;
    assert_eq!(anchor(&place).metadata().unwrap().len(), 80);

    place.key = key;
    fs::write(&place.path, &after["main.db"]).unwrap();
    assert_strange(&place);
    fs::remove_file(anchor(&place)).unwrap();
    assert_missing(&place);
    fs::write(anchor(&place), &after["main.db-anchor"]).unwrap();
    let store = open(&place);
    assert!(store.check().await.unwrap().is_sound());
    change(&store, "dark").await;
    store.close().await;
    fs::write(&place.path, &after["main.db"]).unwrap();
    assert!(matches!(try_open(&place), Err(OpenError::OlderCopy { .. })));
}

#[tokio::test]
async fn a_file_from_before_there_were_anchors_is_taken_once() {
    let (place, _) = two_states().await;
    stop_counting(&place);
    let old = fs::read(&place.path).unwrap();
    // Its anchor says that it is older than the folder.
    let before = files(&place);
    assert_strange(&place);
    assert_eq!(files(&place), before);

    fs::remove_file(anchor(&place)).unwrap();
    let store = open(&place);
    assert!(store.check().await.unwrap().is_sound());
    store.close().await;
    assert!(is_counting(&place));
    let newest = files(&place);
    fs::remove_file(anchor(&place)).unwrap();
    assert_missing(&place);
    fs::write(anchor(&place), &newest["main.db-anchor"]).unwrap();
    fs::write(&place.path, old).unwrap();
    assert_strange(&place);
    let store = accept(&place).unwrap();
    assert_eq!(audit_log(&store).await.len(), 1);
    store.close().await;
    fs::write(&place.path, &newest["main.db"]).unwrap();
    assert_strange(&place);
}

/// Killed when it had the schema of this program and did not count yet.
#[tokio::test]
async fn an_update_to_anchors_that_was_cut_off_goes_on() {
    let (place, _) = two_states().await;
    stop_counting(&place);
    fs::write(anchor(&place), []).unwrap();
    for unfinished in [true, false] {
        if unfinished {
            place.raw().run_next_migration(MIGRATIONS).unwrap();
        }
        let store = open(&place);
        user(&store, if unfinished { "first" } else { "second" }).await;
        store.close().await;
    }
}

#[tokio::test]
async fn an_older_copy_of_an_older_schema_is_refused_as_it_is() {
    let (place, older) = two_states().await;
    fs::write(&place.path, older).unwrap();
    place.raw().revert_last_migration(MIGRATIONS).unwrap();
    assert!(is_counting(&place));
    let before = files(&place);
    assert_eq!(before.len(), 2);
    for _ in 0..2 {
        let refused = try_open(&place).unwrap_err();
        let OpenError::OlderCopy { .. } = refused else {
            panic!("{refused}");
        };
    }
    fs::remove_file(anchor(&place)).unwrap();
    assert_missing(&place);
    fs::write(anchor(&place), &before["main.db-anchor"]).unwrap();
    assert!(
        files(&place) == before,
        "a copy that was refused was changed"
    );
    let store = accept(&place).unwrap();
    assert!(store.check().await.unwrap().is_sound());
    store.close().await;
}
