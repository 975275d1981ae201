//! Migrations up, down and up again, and what is done before they change a file.

use crate::support::{Place, day, raw, user};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The version of every migration, the oldest first.
fn versions() -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<Sqlite>>> = MIGRATIONS.migrations().unwrap();
    let mut versions: Vec<_> = migrations
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    versions.sort();
    versions
}

fn schema(c: &mut SqliteConnection) -> Vec<String> {
    sql::<Text>(
        "SELECT coalesce(sql, name) FROM sqlite_master \
         WHERE name NOT LIKE '%diesel%' AND name NOT LIKE 'sqlite_%' ORDER BY type, name",
    )
    .load(c)
    .unwrap()
}

#[test]
fn up_down_up_gives_the_same_schema() {
    let place = Place::new();
    drop(place.create());
    let mut c = place.raw();
    let before = schema(&mut c);
    c.revert_all_migrations(MIGRATIONS).unwrap();
    assert_eq!(schema(&mut c), Vec::<String>::new());
    c.run_pending_migrations(MIGRATIONS).unwrap();
    assert_eq!(schema(&mut c), before);
}

#[tokio::test]
async fn tables_with_rows_can_be_taken_down() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let intent = crate::support::intent(&owner, crate::support::paper());
    assert_eq!(intent.trading_day, day(25));
    store.orders().insert(&intent).await.unwrap();
    store.close().await;
    let mut c = place.raw();
    c.revert_all_migrations(MIGRATIONS).unwrap();
}

#[tokio::test]
async fn the_migrations_are_listed() {
    let place = Place::new();
    let store = place.create();
    let summary = store.summary().await.unwrap();
    let versions = versions();
    let applied: Vec<_> = summary.migrations.iter().map(|one| &one.version).collect();
    assert_eq!(applied, versions.iter().collect::<Vec<_>>());
    assert_eq!(
        summary.schema_version(),
        versions.last().map(String::as_str)
    );
    let first = &summary.migrations[0];
    assert_eq!(
        first.name.as_deref(),
        Some("2026-11-23-000001_create_accounts")
    );
    let listed = sql::<BigInt>(
        "SELECT count(*) FROM schema_migrations WHERE version > '' AND applied_at > ''",
    )
    .get_result::<i64>(&mut place.raw());
    assert_eq!(listed, Ok(i64::try_from(versions.len()).unwrap()));
}

/// The file as a kill leaves it at `stop`: a copy that is made while the file is in use.
fn killed_at(stop: impl FnOnce(&mut SqliteConnection)) -> Place {
    let (begun, copy) = (Place::new(), Place::new());
    let mut c = begun.raw();
    c.batch_execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;")
        .unwrap();
    stop(&mut c);
    for name in ["main.db", "main.db-wal"] {
        // There is no WAL before the first change.
        if let Ok(bytes) = std::fs::read(begun.folder.path().join(name)) {
            std::fs::write(copy.folder.path().join(name), bytes).unwrap();
        }
    }
    copy
}

#[tokio::test]
async fn what_was_migrated_in_part_is_migrated_to_the_end() {
    let all = versions().len();
    for applied in 0..all {
        let place = killed_at(|c| {
            for _ in 0..applied {
                c.run_next_migration(MIGRATIONS).unwrap();
            }
        });
        let store = place.open();
        let summary = store.summary().await.unwrap();
        assert_eq!(summary.migrations.len(), all, "{applied}");
        assert!(user(&store, "owner").await.is_admin);
        assert!(store.check().await.unwrap().is_sound());
    }
}

/// Whatever keeps the last migration from going through, those before it are undone with it: the
/// copy that is left beside the file is always the one that the older program can use.
#[tokio::test]
async fn an_update_that_fails_changes_nothing() {
    let place = Place::new();
    place.create().close().await;
    // Back to before there was that table.
    let table = "SELECT 1 FROM login_failures";
    while place.raw().batch_execute(table).is_ok() {
        place.raw().revert_last_migration(MIGRATIONS).unwrap();
    }
    let obstacle = "CREATE TABLE login_failures (text TEXT)";
    place.raw().batch_execute(obstacle).unwrap();
    let before = schema(&mut place.raw());
    for _ in 0..3 {
        let refused = place.try_open().unwrap_err();
        assert!(refused.to_string().contains("migrate"), "{refused}");
        assert_eq!(schema(&mut place.raw()), before);
    }
    let copies = std::fs::read_dir(place.folder.path()).unwrap();
    let names = copies.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.contains(".before-")).count(), 1);
    place
        .raw()
        .batch_execute("DROP TABLE login_failures")
        .unwrap();
    place.open().close().await;
}

#[tokio::test]
async fn a_migration_that_was_cut_off_begins_again() {
    let place = killed_at(|c| {
        c.run_next_migration(MIGRATIONS).unwrap();
        // More than the cache holds, so that some of it is in the WAL without a commit.
        c.batch_execute(
            "PRAGMA cache_size = 1; BEGIN; CREATE TABLE orders (text TEXT); \
             INSERT INTO orders SELECT hex(randomblob(4000)) FROM pragma_function_list LIMIT 50;",
        )
        .unwrap();
    });
    let store = place.open();
    assert_eq!(store.summary().await.unwrap().rows("orders"), Some(0));
}

#[tokio::test]
async fn a_copy_is_left_before_an_existing_file_is_migrated() {
    let place = Place::new();
    let store = place.create();
    user(&store, "owner").await;
    store.close().await;
    assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), 1);
    place.raw().revert_last_migration(MIGRATIONS).unwrap();

    let store = place.open();
    let versions = versions();
    let [.., before, last] = versions.as_slice() else {
        panic!("there are too few migrations");
    };
    let summary = store.summary().await.unwrap();
    assert_eq!(summary.schema_version(), Some(last.as_str()));
    let name = format!("main.db.before-{before}");
    let copy = place.folder.path().join(&name);
    assert!(
        !std::fs::read(&copy)
            .unwrap()
            .starts_with(b"SQLite format 3")
    );
    assert!(!place.folder.path().join(name + ".part").exists());
    let users = sql::<BigInt>("SELECT count(*) FROM users")
        .get_result::<i64>(&mut raw(copy.to_str().unwrap(), &place.key));
    assert_eq!(users, Ok(1));
}

/// Whoever went back to a copy has used the file since.
#[tokio::test]
async fn a_copy_is_made_anew_and_only_the_last_two_are_kept() {
    let place = Place::new();
    let store = place.create();
    user(&store, "owner").await;
    store.close().await;
    let copy = |version: &str| {
        place
            .folder
            .path()
            .join(format!("main.db.before-{version}"))
    };
    for older in ["20200101000001", "20200101000002", "20200101000003", "mine"] {
        std::fs::write(copy(older), "older").unwrap();
    }
    let versions = versions();
    let before = &versions[versions.len() - 2];
    for name in ["second", "third"] {
        place.raw().revert_last_migration(MIGRATIONS).unwrap();
        let store = place.open();
        user(&store, name).await;
        store.close().await;
    }
    let kept: Vec<_> = ["20200101000001", "20200101000002", "20200101000003", "mine"]
        .into_iter()
        .filter(|version| copy(version).exists())
        .collect();
    assert_eq!(kept, ["20200101000003", "mine"]);
    let users = sql::<BigInt>("SELECT count(*) FROM users")
        .get_result::<i64>(&mut raw(copy(before).to_str().unwrap(), &place.key));
    assert_eq!(users, Ok(2));
}
