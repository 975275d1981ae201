//! Sealed columns: what stands in them opens in its own row, column and table, and nowhere else.

use crate::support::{Place, now, only_finding, user, zerodha};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use openalgo_core::account::{
    ApiScope, ApiScopes, BrokerConnection, BrokerCredentials, BrokerTokens, NewApiKey, NewApiToken,
    NewSession, PasswordHash, TelegramConfig, User,
};
use openalgo_core::id::UserId;
use openalgo_core::market::Timestamp;
use openalgo_core::port::{CryptoError, FieldPlace, MockSealer, StoreError};
use openalgo_store::{OpenMode, Store};
use secrecy::SecretString;
use std::fs;
use std::sync::Arc;

/// Every sealed column.
const SEALED: [(&str, &str); 11] = [
    ("users", "totp_secret"),
    ("api_keys", "key_encrypted"),
    ("api_tokens", "key_encrypted"),
    ("broker_connections", "auth_token"),
    ("broker_connections", "refresh_token"),
    ("broker_connections", "feed_token"),
    ("broker_connections", "api_key"),
    ("broker_connections", "api_secret"),
    ("sessions", "access_token"),
    ("sessions", "feed_token"),
    ("telegram_config", "bot_token"),
];

/// Begins every secret, so that one that is readable anywhere is recognised.
const CANARY: &str = "VERY-RECOGNISABLE-SECRET";

fn secret(place: &str) -> SecretString {
    SecretString::from(format!("{CANARY}-{place}"))
}

/// The tables with sealed columns.
const TABLES: [&str; 6] = [
    "users",
    "api_keys",
    "api_tokens",
    "broker_connections",
    "sessions",
    "telegram_config",
];

/// Fills every sealed column of one user's rows.
async fn fill(place: &Place, store: &Store, owner: &User) {
    for table in TABLES {
        fill_table((place, store), owner, table).await.unwrap();
    }
}

async fn fill_table(
    (place, store): (&Place, &Store),
    owner: &User,
    table: &str,
) -> Result<(), StoreError> {
    match table {
        "users" => {
            let totp = secret("totp");
            store.users().enrol_totp(owner.id, &totp, 7).await.map(drop)
        }
        "api_keys" => {
            let key = NewApiKey {
                user: owner.id,
                key_hash: PasswordHash::new("$argon2id$fake"),
                key: secret("key"),
            };
            store.api_keys().replace(&key).await.map(drop)
        }
        "api_tokens" => store.api_tokens().insert(&token(owner)).await.map(drop),
        "broker_connections" => store.broker_connections().upsert(&login(owner)).await,
        "sessions" => store
            .sessions()
            .insert(&session(place, owner))
            .await
            .map(drop),
        "telegram_config" => store.telegram().upsert(&bot(owner)).await,
        _ => panic!("nobody fills {table}"),
    }
}

fn session(place: &Place, owner: &User) -> NewSession {
    NewSession {
        token_id: format!("token-of-{}-session", owner.username)
            .parse()
            .unwrap(),
        user: owner.id,
        broker: Some(zerodha()),
        token: secret("session"),
        feed_token: Some(secret("session-feed")),
        device: None,
        expires_at: now(place),
    }
}

fn bot(owner: &User) -> TelegramConfig {
    TelegramConfig {
        user: owner.id,
        chat_id: None,
        bot_token: Some(secret("bot")),
        is_active: true,
        send_order_updates: true,
        send_position_updates: true,
        send_daily_summary: true,
    }
}

fn token(owner: &User) -> NewApiToken {
    NewApiToken {
        user: owner.id,
        name: "scripts".parse().unwrap(),
        key_hash: PasswordHash::new("$argon2id$fake"),
        // A key, and not the same for both: it begins with its prefix, which lies open.
        key: format!("{:08}-{CANARY}", owner.id.get()).into(),
        scopes: ApiScopes::try_new([ApiScope::Read]).unwrap(),
        expires_at: None,
    }
}

fn login(owner: &User) -> BrokerConnection {
    BrokerConnection {
        user: owner.id,
        broker: zerodha(),
        client_id: None,
        user_broker_id: None,
        credentials: BrokerCredentials {
            api_key: Some(secret("broker-key")),
            api_secret: Some(secret("broker-secret")),
        },
        tokens: BrokerTokens {
            auth: Some(secret("auth")),
            refresh: Some(secret("refresh")),
            feed: Some(secret("feed")),
        },
        is_revoked: false,
        expires_at: None,
    }
}

/// Two users with a secret in every sealed column.
async fn filled() -> (Place, Store) {
    let place = Place::new();
    let store = place.create();
    for name in ["one", "two"] {
        let owner = user(&store, name).await;
        fill(&place, &store, &owner).await;
    }
    assert!(store.check().await.unwrap().is_sound());
    (place, store)
}

fn cell(c: &mut SqliteConnection, (table, column): (&str, &str), row: i64) -> String {
    let query = format!("SELECT {column} FROM {table} WHERE id = {row}");
    sql::<Text>(&query).get_result(c).unwrap()
}

/// Columns whose names speak of secrets, apart from hashes and ids.
#[test]
fn every_column_that_holds_a_secret_is_known() {
    let place = Place::new();
    drop(place.create());
    let found = sql::<(Text, Text)>(
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.name NOT LIKE '%hash%' AND c.name NOT LIKE '%\\_id' ESCAPE '\\' \
         AND (c.name LIKE '%token%' OR c.name LIKE '%secret%' OR c.name LIKE '%encrypted%' \
              OR c.name = 'api_key')",
    );
    let found: Vec<(String, String)> = found.load(&mut place.raw()).unwrap();
    assert!(found.len() >= SEALED.len());
    for (table, column) in &found {
        // The broker's number of an instrument is called token, too.
        let is_public = column == "token";
        let is_sealed = SEALED.contains(&(table, column));
        assert!(is_public || is_sealed, "{table}.{column} is not sealed");
    }
}

#[tokio::test]
async fn no_secret_is_readable_in_the_file_or_with_its_key() {
    let (place, store) = filled().await;
    for file in fs::read_dir(place.folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let mut parts = bytes.windows(CANARY.len());
        assert!(!parts.any(|part| part == CANARY.as_bytes()));
    }
    store.close().await;
    let mut c = place.raw();
    for sealed in SEALED {
        for row in [1, 2] {
            let text = cell(&mut c, sealed, row);
            assert!(
                text.len() > CANARY.len() && !text.contains(CANARY),
                "{sealed:?}"
            );
        }
    }
    let tables = sql::<Text>("SELECT name FROM sqlite_master WHERE type = 'table'");
    for table in tables.load::<String>(&mut c).unwrap() {
        assert!(!holds_canary(&mut c, &table), "{table}");
    }
}

/// Whether a secret is in any cell of a table.
fn holds_canary(c: &mut SqliteConnection, table: &str) -> bool {
    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
    let columns: Vec<String> = sql::<Text>(&columns).load(c).unwrap();
    columns.iter().any(|column| {
        let query = format!(
            "SELECT count(*) FROM \"{table}\" WHERE CAST(\"{column}\" AS TEXT) LIKE '%{CANARY}%'"
        );
        let count = sql::<BigInt>(&query).get_result::<i64>(c);
        count.unwrap() > 0
    })
}

/// Opens the sealed fields of a user's row, as the program does.
async fn open_row(store: &Store, table: &str, owner: UserId) -> Result<(), StoreError> {
    let all = Timestamp::from_micros(0).unwrap();
    match table {
        "users" => store.users().get(owner).await.map(drop),
        "api_keys" => store.api_keys().find(owner).await.map(drop),
        "api_tokens" => store.api_tokens().list(owner).await.map(drop),
        "broker_connections" => store.broker_connections().list(owner).await.map(drop),
        "sessions" => store.sessions().active(owner, all).await.map(drop),
        "telegram_config" => store.telegram().find(owner).await.map(drop),
        _ => panic!("nobody opens {table}"),
    }
}

fn put((table, column): (&str, &str), row: i64, text: &str) -> String {
    format!("UPDATE {table} SET {column} = '{text}' WHERE id = {row}")
}

/// Each text is put into every other sealed cell, one at a time, and must open in none.
#[tokio::test]
async fn a_sealed_text_opens_nowhere_else() {
    let (place, store) = filled().await;
    let mut c = place.raw();
    let cells = SEALED.into_iter().flat_map(|at| [(at, 1), (at, 2)]);
    let cells: Vec<_> = cells
        .map(|(at, row)| (at, row, cell(&mut c, at, row)))
        .collect();
    let mut refused = 0;
    for (to, row, own) in &cells {
        let (table, column) = *to;
        for (from, other_row, text) in &cells {
            if (from, other_row) == (to, row) {
                continue;
            }
            c.batch_execute(&put(*to, *row, text)).unwrap();
            let error = open_row(&store, table, UserId::new(*row))
                .await
                .unwrap_err();
            let expected = CryptoError::NotAuthentic { table, column };
            assert!(
                matches!(&error, StoreError::Crypto(it) if *it == expected),
                "{from:?} of row {other_row} in {to:?} of row {row}: {error}"
            );
            refused += 1;
        }
        c.batch_execute(&put(*to, *row, own)).unwrap();
        open_row(&store, table, UserId::new(*row)).await.unwrap();
    }
    assert_eq!(refused, 22 * 21);
    assert!(store.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_sealed_text_of_another_row_is_found_in_every_column() {
    let (place, store) = filled().await;
    let mut c = place.raw();
    for at in SEALED {
        let (own, text) = (cell(&mut c, at, 2), cell(&mut c, at, 1));
        c.batch_execute(&put(at, 2, &text)).unwrap();
        let finding = only_finding(&store, "sealed fields").await;
        let (table, column) = at;
        let expected =
            format!("{table}.{column} of row 2 is damaged: {table}.{column} was altered");
        assert!(finding.starts_with(&expected), "{finding}");
        c.batch_execute(&put(at, 2, &own)).unwrap();
    }
}

/// Refuses one column, and lets all others pass.
fn refusing((table, column): (&'static str, &'static str)) -> MockSealer {
    let pass = move |place: FieldPlace<'_>| {
        if (place.table, place.column) == (table, column) {
            Err(CryptoError::NotAuthentic { table, column })
        } else {
            Ok("anything")
        }
    };
    let mut sealer = MockSealer::new();
    let text = move |at: FieldPlace<'_>| pass(at).map(str::to_owned);
    sealer.expect_seal().returning(move |at, _| text(at));
    let secret = move |at: FieldPlace<'_>| pass(at).map(SecretString::from);
    sealer.expect_open().returning(move |at, _| secret(at));
    sealer
}

fn open_with(place: &Place, sealer: MockSealer) -> Store {
    let mut options = place.options(OpenMode::Existing);
    options.keys.sealer = Arc::new(sealer);
    Store::open(&place.path, options).unwrap()
}

fn assert_names(refused: Result<(), StoreError>, (table, column): (&'static str, &'static str)) {
    let error = refused.unwrap_err();
    let expected = CryptoError::NotAuthentic { table, column };
    assert!(
        matches!(&error, StoreError::Crypto(it) if *it == expected),
        "{table}.{column}: {error}"
    );
}

#[tokio::test]
async fn what_cannot_be_sealed_is_named_and_leaves_no_trace() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    store.close().await;
    place.clock.advance(Duration::seconds(60));
    for at in SEALED {
        let store = open_with(&place, refusing(at));
        assert_names(fill_table((&place, &store), &owner, at.0).await, at);
        let kept = store.users().get(owner.id).await.unwrap();
        assert!(kept.totp_secret.is_none());
        assert_eq!(kept.updated_at, owner.updated_at);
        store.close().await;
    }
    for table in &TABLES[1..] {
        let rows = sql::<BigInt>(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(rows.get_result::<i64>(&mut place.raw()), Ok(0), "{table}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_named() {
    let (place, store) = filled().await;
    store.close().await;
    for at in SEALED {
        let store = open_with(&place, refusing(at));
        assert_names(open_row(&store, at.0, UserId::new(1)).await, at);
        store.close().await;
    }
}
