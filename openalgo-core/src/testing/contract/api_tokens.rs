//! The suite of [`ApiTokenRepository`](crate::port::ApiTokenRepository).

use super::Repositories;
use super::given::{is_duplicate, is_missing, nobody, user};
use crate::account::{ApiToken, NewApiToken, PasswordHash};
use crate::id::{ApiTokenId, KeyPrefix, UserId};
use crate::port::Clock;
use chrono::Duration;
use secrecy::{ExposeSecret, SecretString};

/// Runs the suite of named API keys; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! api_token_contract {
    ($run:path) => {
        $crate::contract_cases! { api_tokens on $run:
            a_key_comes_back_as_it_was_kept,
            a_name_is_taken_once_by_each_user,
            keys_are_found_by_how_they_begin,
            what_is_no_key_is_refused,
            the_latest_use_stays,
            a_removed_key_is_gone,
            a_key_that_is_not_there_is_missing,
        }
    };
}

fn new(store: &Repositories, user: UserId, (name, start): (&str, &str)) -> NewApiToken {
    NewApiToken {
        user,
        name: name.parse().unwrap(),
        key_hash: PasswordHash::new("$argon2id$fake"),
        key: SecretString::from(format!("{start}{}", "0".repeat(56))),
        scopes: "read trade".parse().unwrap(),
        expires_at: Some(store.clock.now().plus(Duration::days(30))),
    }
}

async fn kept(store: &Repositories, user: UserId, (name, start): (&str, &str)) -> ApiToken {
    let token = new(store, user, (name, start));
    store.api_tokens.insert(&token).await.unwrap()
}

async fn names(store: &Repositories, user: UserId) -> Vec<String> {
    let tokens = store.api_tokens.list(user).await.unwrap();
    tokens.iter().map(|token| token.name.to_string()).collect()
}

/// A key reads back with everything that was said of it.
pub async fn a_key_comes_back_as_it_was_kept(store: &Repositories) {
    let user = user(store, "owner").await;
    let asked = new(store, user, ("laptop", "0a1b2c3d"));
    let answered = store.api_tokens.insert(&asked).await.unwrap();
    let listed = store.api_tokens.list(user).await.unwrap();
    let [read] = &listed[..] else {
        panic!("{listed:?}");
    };
    for token in [&answered, read] {
        assert_eq!((token.id, token.user), (answered.id, user));
        assert_eq!((&token.name, &token.scopes), (&asked.name, &asked.scopes));
        assert_eq!(token.key_hash, asked.key_hash);
        assert_eq!(token.key.expose_secret(), asked.key.expose_secret());
        assert_eq!(token.prefix.as_str(), "0a1b2c3d");
        assert_eq!(token.expires_at, asked.expires_at);
        assert_eq!(token.last_used_at, None);
        assert_eq!(token.created_at, store.clock.now());
    }
}

/// Each user's names are apart, and listed in their order.
pub async fn a_name_is_taken_once_by_each_user(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    kept(store, one, ("phone", "00000001")).await;
    kept(store, one, ("laptop", "00000002")).await;
    kept(store, other, ("phone", "00000003")).await;
    let again = new(store, one, ("phone", "00000004"));
    assert!(is_duplicate(&store.api_tokens.insert(&again).await));
    assert_eq!(names(store, one).await, ["laptop", "phone"]);
    assert_eq!(names(store, other).await, ["phone"]);
}

/// A presented key meets those that begin so, whose ever they are, and no others.
pub async fn keys_are_found_by_how_they_begin(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    let first = kept(store, one, ("a", "0a1b2c3d")).await;
    kept(store, one, ("b", "0a1b2c3e")).await;
    let third = kept(store, other, ("c", "0a1b2c3d")).await;
    let prefix = KeyPrefix::try_new("0a1b2c3d").unwrap();
    let found = store.api_tokens.candidates(&prefix).await.unwrap();
    let found: Vec<_> = found.iter().map(|token| token.id).collect();
    assert_eq!(found, [first.id, third.id]);
}

/// A text that no key begins with is not kept.
pub async fn what_is_no_key_is_refused(store: &Repositories) {
    let user = user(store, "owner").await;
    let token = new(store, user, ("a", "not hex!"));
    assert!(store.api_tokens.insert(&token).await.is_err());
    assert_eq!(names(store, user).await, Vec::<String>::new());
}

/// Uses that are noted late do not hide a later one.
pub async fn the_latest_use_stays(store: &Repositories) {
    let user = user(store, "owner").await;
    let token = kept(store, user, ("laptop", "0a1b2c3d")).await;
    let now = store.clock.now();
    for minutes in [5, 9, 7] {
        let at = now.plus(Duration::minutes(minutes));
        store.api_tokens.touch(token.id, at).await.unwrap();
    }
    let listed = store.api_tokens.list(user).await.unwrap();
    let last_used: Vec<_> = listed.iter().map(|token| token.last_used_at).collect();
    assert_eq!(last_used, [Some(now.plus(Duration::minutes(9)))]);
}

/// Its name is free again; a key of the same name of another user stays.
pub async fn a_removed_key_is_gone(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    let token = kept(store, one, ("laptop", "0a1b2c3d")).await;
    kept(store, other, ("laptop", "0a1b2c3d")).await;
    let removed = store.api_tokens.delete(one, &token.name).await;
    removed.unwrap();
    assert_eq!(names(store, one).await, Vec::<String>::new());
    assert_eq!(names(store, other).await, ["laptop"]);
    kept(store, one, ("laptop", "0a1b2c3d")).await;
}

/// Nothing is made by using or removing what is not there, nor for a user who is not there.
pub async fn a_key_that_is_not_there_is_missing(store: &Repositories) {
    let now = store.clock.now();
    let touched = store.api_tokens.touch(ApiTokenId::new(99), now).await;
    assert!(is_missing(&touched));
    let user = user(store, "owner").await;
    let removed = store.api_tokens.delete(user, &"a".parse().unwrap()).await;
    assert!(is_missing(&removed));
    let token = new(store, nobody(), ("a", "0a1b2c3d"));
    assert!(is_missing(&store.api_tokens.insert(&token).await));
}
