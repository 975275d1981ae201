//! Migrations up, down and up again, and what is done before they change a file.

use crate::support::{Place, day, raw, user};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

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
    assert_eq!(summary.schema_version(), Some("20261123000007"));
    let first = &summary.migrations[0];
    assert_eq!(
        first.name.as_deref(),
        Some("2026-11-23-000001_create_accounts")
    );
    let listed = sql::<BigInt>(
        "SELECT count(*) FROM schema_migrations WHERE version > '' AND applied_at > ''",
    )
    .get_result::<i64>(&mut place.raw());
    assert_eq!(listed, Ok(7));
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
    assert_eq!(
        store.summary().await.unwrap().rows("paper_accounts"),
        Some(0)
    );
    let copy = place.folder.path().join("main.db.before-20261123000006");
    assert!(
        !std::fs::read(&copy)
            .unwrap()
            .starts_with(b"SQLite format 3")
    );
    assert!(
        !place
            .folder
            .path()
            .join("main.db.before-20261123000006.part")
            .exists()
    );
    let users = sql::<BigInt>("SELECT count(*) FROM users")
        .get_result::<i64>(&mut raw(copy.to_str().unwrap(), &place.key));
    assert_eq!(users, Ok(1));
}
