//! The suite of [`ApiKeyRepository`](crate::port::ApiKeyRepository).

use super::Repositories;
use super::given::user;
use crate::account::{ApiKeyRecord, NewApiKey, PasswordHash};
use crate::id::UserId;
use crate::market::Timestamp;
use crate::order::OrderMode;
use crate::port::{Clock, StoreError};
use crate::testing::sample::NOBODY;
use chrono::Duration;
use secrecy::{ExposeSecret, SecretString};

/// Runs the suite of the API keys; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! api_key_contract {
    ($run:path) => {
        $crate::contract_cases! { api_keys on $run:
            a_key_is_found_by_its_user,
            a_key_replaces_the_present_one_and_keeps_its_mode,
            keys_of_users_are_kept_apart,
            an_order_mode_needs_a_key,
            a_key_of_nobody_is_refused,
        }
    };
}

fn new_key(user: UserId, text: &str) -> NewApiKey {
    NewApiKey {
        user,
        key_hash: PasswordHash::new(&format!("hash of {text}")),
        key: SecretString::from(text),
    }
}

/// What can be compared of a key.
fn facts(key: &ApiKeyRecord) -> (UserId, &str, &str, OrderMode, Timestamp) {
    (
        key.user,
        key.key_hash.as_str(),
        key.key.expose_secret(),
        key.order_mode,
        key.created_at,
    )
}

/// A key reads back in the clear with its hash, dated, and its orders go out at once.
pub async fn a_key_is_found_by_its_user(store: &Repositories) {
    let owner = user(store, "owner").await;
    assert!(store.api_keys.find(owner).await.unwrap().is_none());
    assert!(store.api_keys.list().await.unwrap().is_empty());
    store
        .api_keys
        .replace(&new_key(owner, "one"))
        .await
        .unwrap();
    let found = store.api_keys.find(owner).await.unwrap().unwrap();
    let expected = (
        owner,
        "hash of one",
        "one",
        OrderMode::Auto,
        store.clock.now(),
    );
    assert_eq!(facts(&found), expected);
    assert!(store.api_keys.find(NOBODY).await.unwrap().is_none());
}

/// A user has one key: a second takes the place of the first, in the order mode chosen before.
pub async fn a_key_replaces_the_present_one_and_keeps_its_mode(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mode = OrderMode::SemiAuto;
    store
        .api_keys
        .replace(&new_key(owner, "one"))
        .await
        .unwrap();
    store.api_keys.set_order_mode(owner, mode).await.unwrap();
    store.clock.advance(Duration::seconds(5));
    store
        .api_keys
        .replace(&new_key(owner, "two"))
        .await
        .unwrap();
    let kept = store.api_keys.list().await.unwrap();
    let kept: Vec<_> = kept.iter().map(facts).collect();
    let expected = (owner, "hash of two", "two", mode, store.clock.now());
    assert_eq!(kept, [expected]);
}

/// What one user does to a key touches nobody else's.
pub async fn keys_of_users_are_kept_apart(store: &Repositories) {
    let owner = user(store, "owner").await;
    let other = user(store, "other").await;
    for user in [owner, other] {
        let key = new_key(user, &format!("key of {user}"));
        store.api_keys.replace(&key).await.unwrap();
    }
    let before = store.api_keys.find(other).await.unwrap().unwrap();
    store.clock.advance(Duration::seconds(5));
    store
        .api_keys
        .replace(&new_key(owner, "new"))
        .await
        .unwrap();
    let mode = OrderMode::SemiAuto;
    store.api_keys.set_order_mode(owner, mode).await.unwrap();
    let after = store.api_keys.find(other).await.unwrap().unwrap();
    assert_eq!(facts(&after), facts(&before));
    let mut users: Vec<_> = store.api_keys.list().await.unwrap();
    users.sort_by_key(|key| key.user);
    let users: Vec<_> = users.iter().map(|key| key.user).collect();
    assert_eq!(users, [owner, other]);
}

/// Where there is no key, its order mode cannot be chosen.
pub async fn an_order_mode_needs_a_key(store: &Repositories) {
    let owner = user(store, "owner").await;
    let mode = OrderMode::SemiAuto;
    let refused = store.api_keys.set_order_mode(owner, mode).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    store
        .api_keys
        .replace(&new_key(owner, "one"))
        .await
        .unwrap();
    let found = store.api_keys.find(owner).await.unwrap().unwrap();
    assert_eq!(found.order_mode, OrderMode::Auto);
}

/// A key belongs to a user who exists.
pub async fn a_key_of_nobody_is_refused(store: &Repositories) {
    let refused = store.api_keys.replace(&new_key(NOBODY, "one")).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    assert!(store.api_keys.list().await.unwrap().is_empty());
}
