//! Copies of an open database under other keys.

use crate::support::{
    Place, accepted, all_of, at, event, intent, keys, options, paper, raw, user, zerodha,
};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use openalgo_core::account::{
    BrokerConnection, BrokerCredentials, BrokerTokens, NewApiKey, NewSession, PasswordHash,
    TelegramConfig, User,
};
use openalgo_core::testing::FakeRandom;
use openalgo_crypto::MasterKey;
use openalgo_store::{CopyError, OpenError, OpenMode, Progress, Store};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

const SECRET: &str = "VERY-RECOGNISABLE-TEXT";

/// A database with rows in every table that depends on a key, and where its copy goes.
struct Original {
    place: Place,
    store: Store,
    owner: User,
    copy: PathBuf,
    copy_key: MasterKey,
}

impl Original {
    async fn new() -> Self {
        let place = Place::new();
        let store = place.create();
        let (owner, other) = (user(&store, "owner").await, user(&store, "other").await);
        for (number, account) in (1..).zip([&owner, &other, &owner]) {
            let broker = if number == 2 { paper() } else { zerodha() };
            let order = store.orders().insert(&intent(account, broker)).await;
            let taken = event(5, accepted(&format!("Z{number}")));
            store
                .orders()
                .append(order.unwrap().id, &taken)
                .await
                .unwrap();
        }
        let secret = SecretString::from(SECRET);
        for user in [&owner, &other] {
            let key = NewApiKey {
                user: user.id,
                key_hash: PasswordHash::new("x"),
                key: secret.clone(),
            };
            store.api_keys().replace(&key).await.unwrap();
        }
        let users = store.users();
        users.enrol_totp(owner.id, &secret, 7).await.unwrap();
        store.sessions().insert(&session(&owner)).await.unwrap();
        store.telegram().upsert(&bot(&owner)).await.unwrap();
        let login = login(&owner);
        store.broker_connections().upsert(&login).await.unwrap();
        let random = FakeRandom::default();
        let (_first, second) = (MasterKey::make(&random), MasterKey::make(&random));
        Self {
            copy: place.folder.path().join("copy.db"),
            place,
            store,
            owner,
            copy_key: second.unwrap(),
        }
    }

    async fn copy(&self) -> Result<(), CopyError> {
        self.store
            .copy_to(&self.copy, keys(&self.copy_key), &|_| {})
            .await
    }

    fn open_copy(&self) -> Store {
        let clock = Arc::clone(&self.place.clock);
        let options = options(&self.copy_key, OpenMode::Existing, clock);
        Store::open(&self.copy, options).unwrap()
    }

    fn raw_copy(&self) -> SqliteConnection {
        raw(self.copy.to_str().unwrap(), &self.copy_key)
    }

    /// Changes the file past the store, which is opened again.
    async fn tampered(change: &str) -> Self {
        let mut original = Self::new().await;
        original.store.close().await;
        original.place.raw().batch_execute(change).unwrap();
        original.store = original.place.open();
        original
    }

    /// That nothing lies beside the database but what belongs to it.
    fn left_nothing(&self) {
        for file in std::fs::read_dir(self.place.folder.path()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(name.starts_with("main.db"), "{name}");
        }
    }
}

fn session(user: &User) -> NewSession {
    NewSession {
        token_id: "session-token-0001".parse().unwrap(),
        user: user.id,
        broker: Some(zerodha()),
        token: SECRET.into(),
        feed_token: Some(SECRET.into()),
        device: None,
        expires_at: at(1_000_000),
    }
}

fn login(user: &User) -> BrokerConnection {
    let secret = || Some(SecretString::from(SECRET));
    BrokerConnection {
        user: user.id,
        broker: zerodha(),
        client_id: None,
        credentials: BrokerCredentials {
            api_key: secret(),
            api_secret: secret(),
        },
        tokens: BrokerTokens {
            auth: secret(),
            refresh: secret(),
            feed: secret(),
        },
        user_broker_id: None,
        is_revoked: false,
        expires_at: None,
    }
}

fn bot(user: &User) -> TelegramConfig {
    TelegramConfig {
        user: user.id,
        chat_id: None,
        bot_token: Some(SecretString::from(SECRET)),
        is_active: true,
        send_order_updates: true,
        send_position_updates: true,
        send_daily_summary: true,
    }
}

fn texts(c: &mut SqliteConnection, query: &str) -> Vec<String> {
    sql::<Text>(query).load(c).unwrap()
}

#[tokio::test]
async fn a_copy_is_whole_and_opens_under_its_own_keys_only() {
    let original = Original::new().await;
    original.copy().await.unwrap();

    let copy = original.open_copy();
    let report = copy.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    let key = copy.api_keys().find(original.owner.id).await.unwrap();
    assert_eq!(key.unwrap().key.expose_secret(), SECRET);
    let owner = copy.users().get(original.owner.id).await.unwrap();
    assert_eq!(owner.totp_secret.unwrap().expose_secret(), SECRET);
    let session = "session-token-0001".parse().unwrap();
    let session = copy.sessions().find(&session).await.unwrap().unwrap();
    assert_eq!(session.token.expose_secret(), SECRET);
    copy.close().await;

    let clock = Arc::clone(&original.place.clock);
    let old = options(&original.place.key, OpenMode::Existing, clock);
    let refused = Store::open(&original.copy, old).unwrap_err();
    assert!(matches!(refused, OpenError::WrongKeyOrDamaged { .. }));
}

#[tokio::test]
async fn a_copy_has_the_same_schema_and_rows() {
    let original = Original::new().await;
    let mut before = original.place.raw();
    before
        .batch_execute("PRAGMA user_version = 7; PRAGMA application_id = 9;")
        .unwrap();
    original.copy().await.unwrap();
    let mut after = original.raw_copy();
    for query in [
        "SELECT type || name || tbl_name || coalesce(sql, '') FROM sqlite_master ORDER BY 1",
        "SELECT name || seq FROM sqlite_sequence ORDER BY 1",
        "SELECT id || order_id || user_id || broker_name || seq || event || payload || at \
         FROM order_events",
        "SELECT json_array(key, value, description, updated_at) FROM settings",
        "SELECT version || run_on FROM __diesel_schema_migrations",
        "SELECT id || username || email || created_at FROM users",
        "SELECT user_version || '' FROM pragma_user_version",
        "SELECT application_id || '' FROM pragma_application_id",
    ] {
        let rows = texts(&mut before, query);
        assert!(!rows.is_empty(), "{query}");
        assert_eq!(texts(&mut after, query), rows, "{query}");
    }
    // What depends on a key is another text under another key.
    for query in [
        "SELECT mac FROM order_events",
        "SELECT key_encrypted FROM api_keys",
        "SELECT access_token FROM sessions",
        "SELECT feed_token FROM sessions",
        "SELECT bot_token FROM telegram_config",
        "SELECT auth_token || refresh_token || feed_token || api_key || api_secret \
         FROM broker_connections",
    ] {
        let (old, new) = (texts(&mut before, query), texts(&mut after, query));
        assert!(!old.is_empty() && old.len() == new.len(), "{query}");
        assert!(old.iter().all(|text| !new.contains(text)), "{query}");
    }
}

#[tokio::test]
async fn work_goes_on_in_a_copy() {
    let original = Original::new().await;
    original.copy().await.unwrap();
    let copy = original.open_copy();
    let order = copy
        .orders()
        .insert(&intent(&original.owner, zerodha()))
        .await
        .unwrap();
    copy.orders()
        .append(order.id, &event(9, accepted("Z9")))
        .await
        .unwrap();
    assert!(copy.check().await.unwrap().is_sound());
    let refused = original
        .raw_copy()
        .batch_execute("DELETE FROM order_events");
    assert_eq!(
        refused.unwrap_err().to_string(),
        "order_events is append-only"
    );
}

#[tokio::test]
async fn a_copy_is_one_state_while_others_write() {
    let original = Original::new().await;
    let (store, owner) = (original.store.clone(), original.owner.clone());
    let writing = tokio::spawn(async move {
        for _ in 0..200 {
            store
                .orders()
                .insert(&intent(&owner, zerodha()))
                .await
                .unwrap();
        }
    });
    for number in 0..5 {
        let before = original
            .store
            .orders()
            .list(&all_of(&original.owner))
            .await
            .unwrap()
            .len();
        let path = original
            .place
            .folder
            .path()
            .join(format!("copy-{number}.db"));
        let copied = original
            .store
            .copy_to(&path, keys(&original.copy_key), &|_| {});
        copied.await.unwrap();
        let clock = Arc::clone(&original.place.clock);
        let copy = Store::open(
            &path,
            options(&original.copy_key, OpenMode::Existing, clock),
        );
        let copy = copy.unwrap();
        let report = copy.check().await.unwrap();
        assert!(report.is_sound(), "{report:?}");
        let orders = copy
            .orders()
            .list(&all_of(&original.owner))
            .await
            .unwrap()
            .len();
        assert!(orders >= before, "{orders} < {before}");
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn the_last_report_says_that_all_is_done() {
    let original = Original::new().await;
    let reports = Mutex::new(Vec::new());
    let heard = |progress: Progress| reports.lock().unwrap().push(progress);
    let copied = original
        .store
        .copy_to(&original.copy, keys(&original.copy_key), &heard);
    copied.await.unwrap();
    let reports = reports.into_inner().unwrap();
    assert!(
        reports.is_sorted_by_key(|report| report.done),
        "{reports:?}"
    );
    let last = reports.last().unwrap();
    assert_eq!(last.done, last.total);
    assert!(last.total > 100_000, "{last:?}");
}

#[tokio::test]
async fn a_damaged_database_is_not_copied() {
    const UNLOCK: &str = "DROP TRIGGER order_events_keep_rows; DROP TRIGGER order_events_keep_all;";
    for (change, expected) in [
        (
            format!("{UNLOCK} UPDATE order_events SET payload = replace(payload, '100', '900');"),
            "entry 1 (number 1 of order 1) does not match its seal",
        ),
        (
            format!("{UNLOCK} DELETE FROM order_events WHERE id = 3;"),
            "the entry before entry 4 is missing",
        ),
        (
            format!("{UNLOCK} DELETE FROM order_events WHERE id = 9;"),
            "the newest are missing",
        ),
        (
            "UPDATE api_keys SET key_encrypted = \
             (SELECT key_encrypted FROM api_keys WHERE user_id = 1) WHERE user_id = 2;"
                .into(),
            "api_keys.key_encrypted of row 2",
        ),
    ] {
        let original = Original::tampered(&change).await;
        let refused = original.copy().await.unwrap_err();
        assert!(matches!(refused, CopyError::Damaged { .. }), "{refused}");
        assert!(refused.to_string().contains(expected), "{refused}");
        original.left_nothing();
    }
}

#[tokio::test]
async fn a_flipped_bit_is_never_copied() {
    let original = Original::new().await;
    original.store.close().await;
    let path = &original.place.path;
    let whole = std::fs::read(path).unwrap();
    let mut refused = 0;
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096 + 100] ^= 1;
        std::fs::write(path, bytes).unwrap();
        let Ok(store) = original.place.try_open() else {
            continue;
        };
        match store
            .copy_to(&original.copy, keys(&original.copy_key), &|_| {})
            .await
        {
            Err(error @ CopyError::Damaged { .. }) => {
                assert!(error.to_string().contains("restore a backup"), "{error}");
                refused += 1;
                assert!(!original.copy.exists());
            }
            Err(error) => panic!("page {page}: {error}"),
            Ok(()) => {
                // Nothing lives on that page.
                let copy = original.open_copy();
                assert!(copy.check().await.unwrap().is_sound());
                copy.close().await;
                std::fs::remove_file(&original.copy).unwrap();
            }
        }
        store.close().await;
    }
    assert!(refused > 20, "{refused}");
}

#[tokio::test]
async fn a_file_that_exists_is_left_alone() {
    let original = Original::new().await;
    std::fs::write(&original.copy, "mine").unwrap();
    let refused = original.copy().await.unwrap_err();
    let is_taken = matches!(refused, CopyError::Target(OpenError::AlreadyExists { .. }));
    assert!(is_taken, "{refused}");
    assert_eq!(std::fs::read(&original.copy).unwrap(), b"mine");
}

#[tokio::test]
async fn a_folder_that_does_not_exist_is_named() {
    let original = Original::new().await;
    let path = original.place.folder.path().join("none/copy.db");
    let refused = original
        .store
        .copy_to(&path, keys(&original.copy_key), &|_| {});
    let refused = refused.await.unwrap_err();
    let message = format!(
        "the folder of {} does not exist: create it first",
        path.display()
    );
    assert_eq!(refused.to_string(), message);
}

#[tokio::test]
async fn a_closed_database_is_not_copied() {
    let original = Original::new().await;
    original.store.close().await;
    let refused = original.copy().await.unwrap_err();
    assert!(matches!(refused, CopyError::Closed), "{refused}");
    original.left_nothing();
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_a_copy() {
    use std::os::unix::fs::PermissionsExt;

    let original = Original::new().await;
    original.copy().await.unwrap();
    let mode = original.copy.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = std::fs::read(&original.copy).unwrap();
    for text in [
        SECRET,
        "CREATE TABLE",
        "owner@example.com",
        "SQLite format 3",
    ] {
        let found = bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes());
        assert!(!found, "{text}");
    }
}

#[tokio::test]
async fn what_a_killed_copy_left_is_no_obstacle() {
    let original = Original::new().await;
    std::fs::write(original.place.folder.path().join("copy.db.new"), "half").unwrap();
    original.copy().await.unwrap();
    assert!(original.open_copy().check().await.unwrap().is_sound());
    assert!(!original.place.folder.path().join("copy.db.new").exists());
}
