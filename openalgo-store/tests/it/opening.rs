//! What opens, what does not, and that refusing changes nothing.

use crate::support::{Place, options, user};
use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use openalgo_core::port::{RandomSource, StoreError};
use openalgo_core::testing::FakeRandom;
use openalgo_crypto::MasterKey;
use openalgo_store::{OpenError, OpenMode, Store};
use std::fs;
use std::sync::Arc;

async fn filled() -> Place {
    let place = Place::new();
    let store = place.create();
    user(&store, "owner").await;
    store.close().await;
    place
}

/// Opens, expects a refusal, and proves that the file is as it was.
fn refusal(place: &Place) -> OpenError {
    let before = fs::read(&place.path).ok();
    let refused = place.try_open().unwrap_err();
    assert_eq!(fs::read(&place.path).ok(), before);
    assert!(!refused.to_string().is_empty());
    refused
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let place = filled().await;
    let owner = place.open().users().owner().await.unwrap().unwrap();
    assert_eq!(owner.username.as_str(), "owner");
}

#[tokio::test]
async fn creating_refuses_an_existing_file() {
    let place = filled().await;
    let refused = Store::open(&place.path, place.options(OpenMode::Create)).unwrap_err();
    assert!(
        matches!(refused, OpenError::AlreadyExists { .. }),
        "{refused}"
    );
    place.open();
}

/// What a start that was killed may have left: nothing of it was ever used.
#[tokio::test]
async fn creating_takes_the_place_of_what_a_killed_start_left() {
    for left in [
        &["main.db"][..],
        &["main.db", "main.db-wal", "main.db-shm"],
        &["main.db-shm"],
        &["main.db.new"],
        &[
            "main.db",
            "main.db.new",
            "main.db.new-wal",
            "main.db.new-shm",
        ],
        &["main.db.new", "main.db.new-journal"],
    ] {
        let place = Place::new();
        for name in left {
            let is_draft = name.starts_with("main.db.new") || name.ends_with("-shm");
            let bytes = if is_draft { vec![7; 9000] } else { Vec::new() };
            fs::write(place.folder.path().join(name), bytes).unwrap();
        }
        let store = place.create();
        user(&store, "owner").await;
        store.close().await;
        drop(store);
        assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 1);
        let owner = place.open().users().owner().await.unwrap();
        assert!(owner.is_some(), "{left:?}");
    }
}

/// The journal of an earlier file would be played back into the new one.
#[test]
fn creating_leaves_no_journal_of_an_earlier_file() {
    let place = Place::new();
    let other = filled_with_journal();
    fs::write(&place.path, []).unwrap();
    let journal = place.folder.path().join("main.db-journal");
    fs::write(&journal, other).unwrap();
    drop(place.create());
    assert!(!journal.exists());
    place.open();
}

/// A rollback journal as a kill in the middle of a transaction leaves it.
fn filled_with_journal() -> Vec<u8> {
    let place = Place::new();
    let mut c = place.raw();
    c.batch_execute(
        "CREATE TABLE one (text TEXT); PRAGMA synchronous = FULL; PRAGMA cache_size = 1; BEGIN; \
         INSERT INTO one SELECT hex(randomblob(4000)) FROM pragma_function_list LIMIT 50;",
    )
    .unwrap();
    let journal = fs::read(place.folder.path().join("main.db-journal")).unwrap();
    assert!(!journal.is_empty());
    journal
}

#[test]
fn creating_refuses_the_log_of_a_lost_file() {
    for is_empty in [true, false] {
        let place = Place::new();
        if is_empty {
            fs::write(&place.path, []).unwrap();
        }
        let wal = place.folder.path().join("main.db-wal");
        fs::write(&wal, [7; 5000]).unwrap();
        let refused = Store::open(&place.path, place.options(OpenMode::Create)).unwrap_err();
        assert!(
            matches!(refused, OpenError::AlreadyExists { .. }),
            "{refused}"
        );
        assert_eq!(fs::read(&wal).unwrap(), [7; 5000]);
    }
}

#[test]
fn opening_refuses_a_missing_file_and_makes_none() {
    let place = Place::new();
    assert!(matches!(refusal(&place), OpenError::Missing { .. }));
    assert!(!place.path.exists());
}

#[test]
fn creating_needs_the_folder() {
    let mut place = Place::new();
    place.path = place.folder.path().join("nowhere/main.db");
    let refused = Store::open(&place.path, place.options(OpenMode::Create)).unwrap_err();
    let OpenError::NoFolder { path } = &refused else {
        panic!("{refused}");
    };
    assert_eq!(*path, place.path);
}

#[tokio::test]
async fn another_key_does_not_open() {
    let place = filled().await;
    let random = FakeRandom::default();
    random.fill(&mut [0; 77]).unwrap();
    let other = MasterKey::make(&random).unwrap();
    let before = fs::read(&place.path).unwrap();
    let options = options(&other, OpenMode::Existing, Arc::clone(&place.clock));
    let refused = Store::open(&place.path, options).unwrap_err();
    assert!(
        matches!(refused, OpenError::WrongKeyOrDamaged { .. }),
        "{refused}"
    );
    assert_eq!(fs::read(&place.path).unwrap(), before);
    place.open();
}

#[tokio::test]
async fn without_a_key_nothing_is_read() {
    let place = filled().await;
    let mut c = SqliteConnection::establish(place.path.to_str().unwrap()).unwrap();
    c.batch_execute("PRAGMA cipher_log_level = NONE").unwrap();
    let refused = c.batch_execute("SELECT count(*) FROM users").unwrap_err();
    assert_eq!(refused.to_string(), "file is not a database");
}

#[test]
fn a_plain_sqlite_file_is_named_as_such() {
    let place = Place::new();
    let mut c = SqliteConnection::establish(place.path.to_str().unwrap()).unwrap();
    c.batch_execute("CREATE TABLE users (id INTEGER)").unwrap();
    drop(c);
    assert!(matches!(refusal(&place), OpenError::PlainSqlite { .. }));
}

#[test]
fn files_of_another_kind_are_named_as_such() {
    for bytes in [0, 1, 15, 4095, 4097, 10_000] {
        let place = Place::new();
        fs::write(&place.path, vec![7; bytes]).unwrap();
        let refused = refusal(&place);
        assert!(
            matches!(refused, OpenError::NotADatabase { .. }),
            "{bytes}: {refused}"
        );
    }
}

#[test]
fn random_pages_do_not_open() {
    let place = Place::new();
    let mut bytes = vec![0; 8192];
    FakeRandom::default().fill(&mut bytes).unwrap();
    fs::write(&place.path, bytes).unwrap();
    assert!(matches!(
        refusal(&place),
        OpenError::WrongKeyOrDamaged { .. }
    ));
}

#[tokio::test]
async fn a_truncated_file_does_not_open() {
    let place = filled().await;
    let whole = fs::read(&place.path).unwrap();
    fs::write(&place.path, &whole[..whole.len() - 100]).unwrap();
    assert!(matches!(refusal(&place), OpenError::NotADatabase { .. }));
    fs::write(&place.path, &whole[..8192]).unwrap();
    let refused = refusal(&place);
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}

/// A full disk can interrupt a checkpoint in the middle of a page.
#[tokio::test]
async fn a_partial_page_that_the_wal_mends_opens() {
    let place = Place::new();
    let store = place.create();
    user(&store, "owner").await;
    let copy = Place::new();
    for name in ["main.db", "main.db-wal"] {
        let bytes = fs::read(place.folder.path().join(name)).unwrap();
        fs::write(copy.folder.path().join(name), bytes).unwrap();
    }
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(&copy.path)
        .unwrap();
    std::io::Write::write_all(&mut file, &[7; 100]).unwrap();
    assert!(copy.open().users().owner().await.unwrap().is_some());
}

#[tokio::test]
async fn a_newer_schema_is_refused_by_its_version() {
    let place = filled().await;
    let store = place.open();
    let summary = store.summary().await.unwrap();
    store.close().await;
    place
        .raw()
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")
        .unwrap();
    let refused = refusal(&place);
    let OpenError::NewerSchema { found, known, .. } = &refused else {
        panic!("{refused}");
    };
    assert_eq!(
        (found.as_str(), Some(known.as_str())),
        ("29990101000000", summary.schema_version())
    );
    assert!(refused.to_string().contains("29990101000000"));
}

#[test]
fn a_folder_is_no_database() {
    let mut place = Place::new();
    place.path = place.folder.path().into();
    let refused = place.try_open().unwrap_err();
    assert!(matches!(refused, OpenError::Storage { .. }), "{refused}");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let _store = place.create();
    for file in fs::read_dir(place.folder.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let place = Place::new();
    let store = place.create();
    let users = store.users();
    store.close().await;
    store.close().await;
    assert!(matches!(users.list().await, Err(StoreError::Closed)));
    let owner = users.get(openalgo_core::id::UserId::new(1)).await;
    assert!(matches!(owner, Err(StoreError::Closed)));
    let renamed = users
        .set_order_broker(openalgo_core::id::UserId::new(1), None)
        .await;
    assert!(matches!(renamed, Err(StoreError::Closed)));
}

#[tokio::test]
async fn closing_and_dropping_leave_one_file() {
    let place = filled().await;
    let only_the_file = || fs::read_dir(place.folder.path()).unwrap().count() == 1;
    assert!(only_the_file());
    let store = place.open();
    let users = store.users();
    drop(store);
    users
        .set_order_broker(openalgo_core::id::UserId::new(1), None)
        .await
        .unwrap();
    assert!(!only_the_file());
    drop(users);
    assert!(only_the_file());
}
