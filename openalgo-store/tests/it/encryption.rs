//! Nothing readable reaches the disk.

use crate::support::{Place, intent, user, zerodha};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use openalgo_core::account::{NewApiKey, PasswordHash};
use secrecy::SecretString;
use std::fs;

const SECRET: &str = "VERY-RECOGNISABLE-TEXT";

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[tokio::test]
async fn inserted_text_is_in_no_file() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    for _ in 0..50 {
        let mut intent = intent(&owner, zerodha());
        intent.order.strategy = Some(SECRET.into());
        store.orders().insert(&intent).await.unwrap();
    }
    let mut sizes = Vec::new();
    for file in fs::read_dir(place.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        sizes.push((path.extension().unwrap().to_owned(), bytes.len()));
        for text in [
            SECRET,
            "CREATE TABLE",
            "owner@example.com",
            "SQLite format 3",
        ] {
            assert!(!holds(&bytes, text), "{text} is in {}", path.display());
        }
    }
    assert!(
        sizes
            .iter()
            .any(|(kind, bytes)| kind == "db-wal" && *bytes > 100_000)
    );
    store.close().await;
    assert!(!holds(&fs::read(&place.path).unwrap(), SECRET));
}

#[tokio::test]
async fn sealed_fields_are_unreadable_even_with_the_database_key() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let key = NewApiKey {
        user: owner.id,
        key_hash: PasswordHash::new("$argon2id$fake"),
        key: SecretString::from(SECRET),
    };
    store.api_keys().replace(&key).await.unwrap();
    let secret = SecretString::from(SECRET);
    store
        .users()
        .enrol_totp(owner.id, &secret, 7)
        .await
        .unwrap();
    let stored = sql::<(Text, Text)>(
        "SELECT key_encrypted, totp_secret FROM api_keys JOIN users ON users.id = user_id",
    )
    .get_result::<(String, String)>(&mut place.raw())
    .unwrap();
    assert!(!stored.0.contains(SECRET) && !stored.1.contains(SECRET));
    assert_ne!(stored.0, stored.1);
}
