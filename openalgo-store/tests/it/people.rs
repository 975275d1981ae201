//! Users and API keys.

use crate::support::{Place, now, user, zerodha};
use chrono::Duration;
use openalgo_core::account::{NewApiKey, NewUser, PasswordHash};
use openalgo_core::id::UserId;
use openalgo_core::order::OrderMode;
use openalgo_core::port::StoreError;
use openalgo_core::rule::throttle::{Subject, SubjectKind, Tally};
use secrecy::{ExposeSecret, SecretString};

#[tokio::test]
async fn a_user_is_found_as_inserted() {
    let place = Place::new();
    let store = place.create();
    let users = store.users();
    assert!(users.owner().await.unwrap().is_none());
    let first = user(&store, "first").await;
    let second = user(&store, "second").await;
    assert_eq!(first.created_at, now(&place));
    let found = users.find(&first.username).await.unwrap().unwrap();
    assert_eq!((found.id, &found.email), (first.id, &first.email));
    assert!(found.is_admin && found.totp_secret.is_none() && found.order_broker.is_none());
    assert_eq!(users.owner().await.unwrap().unwrap().id, first.id);
    let all: Vec<_> = users
        .list()
        .await
        .unwrap()
        .iter()
        .map(|user| user.id)
        .collect();
    assert_eq!(all, [first.id, second.id]);
    assert!(
        users
            .find(&"nobody".parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
    let missing = users.get(UserId::new(99)).await.unwrap_err();
    assert_eq!(missing.to_string(), "user '99' does not exist");
}

#[tokio::test]
async fn one_of_those_who_ask_at_once_is_the_admin() {
    let place = Place::new();
    let store = place.create();
    let (one, two) = tokio::join!(user(&store, "one"), user(&store, "two"));
    assert_ne!(one.is_admin, two.is_admin);
    let later = user(&store, "later").await;
    assert!(!later.is_admin);
    let users = store.users();
    for inserted in [&one, &two, &later] {
        let stored = users.get(inserted.id).await.unwrap();
        assert_eq!(stored.is_admin, inserted.is_admin);
    }
    let owner = if one.is_admin { one } else { two };
    assert_eq!(users.owner().await.unwrap().unwrap().id, owner.id);
}

#[tokio::test]
async fn names_and_addresses_are_taken_once() {
    let place = Place::new();
    let store = place.create();
    user(&store, "first").await;
    for (name, address, message) in [
        (
            "first",
            "other@example.com",
            "user name 'first' exists already",
        ),
        (
            "other",
            "first@example.com",
            "e-mail address 'first@example.com' exists already",
        ),
    ] {
        let twin = NewUser {
            username: name.parse().unwrap(),
            email: address.parse().unwrap(),
            password_hash: PasswordHash::new("x"),
            is_admin: false,
        };
        let refused = store.users().insert(&twin).await.unwrap_err();
        assert_eq!(refused.to_string(), message);
    }
    assert_eq!(store.users().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_user_changes() {
    let place = Place::new();
    let store = place.create();
    let users = store.users();
    let id = user(&store, "owner").await.id;
    place.clock.advance(Duration::seconds(5));
    let secret = SecretString::from("JBSWY3DPEHPK3PXP");
    users
        .set_password(id, &PasswordHash::new("new"), None)
        .await
        .unwrap();
    users.set_totp_secret(id, Some(&secret)).await.unwrap();
    users.set_order_broker(id, Some(&zerodha())).await.unwrap();
    let owner = users.get(id).await.unwrap();
    assert_eq!(owner.password_hash.as_str(), "new");
    assert_eq!(
        owner.totp_secret.unwrap().expose_secret(),
        secret.expose_secret()
    );
    assert_eq!(owner.order_broker, Some(zerodha()));
    assert_eq!(owner.updated_at, now(&place));
    assert!(owner.created_at < owner.updated_at);
    users.set_totp_secret(id, None).await.unwrap();
    users.set_order_broker(id, None).await.unwrap();
    let owner = users.get(id).await.unwrap();
    assert!(owner.totp_secret.is_none() && owner.order_broker.is_none());
    let nobody = UserId::new(99);
    for refused in [
        users
            .set_password(nobody, &PasswordHash::new("new"), None)
            .await,
        users.set_totp_secret(nobody, Some(&secret)).await,
        users.set_order_broker(nobody, None).await,
    ] {
        assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    }
}

#[tokio::test]
async fn an_api_key_replaces_the_present_one_and_keeps_its_mode() {
    let place = Place::new();
    let store = place.create();
    let keys = store.api_keys();
    let id = user(&store, "owner").await.id;
    let key = |text: &str| NewApiKey {
        user: id,
        key_hash: PasswordHash::new(text),
        key: SecretString::from(text),
    };
    assert!(keys.find(id).await.unwrap().is_none());
    assert!(keys.set_order_mode(id, OrderMode::SemiAuto).await.is_err());
    keys.replace(&key("one")).await.unwrap();
    assert_eq!(
        keys.find(id).await.unwrap().unwrap().order_mode,
        OrderMode::Auto
    );
    keys.set_order_mode(id, OrderMode::SemiAuto).await.unwrap();
    place.clock.advance(Duration::seconds(5));
    keys.replace(&key("two")).await.unwrap();
    let kept = keys.list().await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].key.expose_secret(), "two");
    assert_eq!(kept[0].key_hash.as_str(), "two");
    assert_eq!(kept[0].order_mode, OrderMode::SemiAuto);
    assert_eq!(kept[0].created_at, now(&place));
    let nobody = NewApiKey {
        user: UserId::new(99),
        ..key("three")
    };
    assert!(matches!(
        keys.replace(&nobody).await,
        Err(StoreError::NotFound { .. })
    ));
}

#[tokio::test]
async fn a_one_time_code_is_used_by_one_of_two() {
    let place = Place::new();
    let store = place.create();
    let users = store.users();
    let id = user(&store, "owner").await.id;
    assert!(users.get(id).await.unwrap().totp_step.is_none());
    let (one, two) = tokio::join!(users.use_totp_step(id, 7), users.use_totp_step(id, 7));
    assert_ne!(one.unwrap(), two.unwrap());
    assert!(!users.use_totp_step(id, 6).await.unwrap());
    assert!(users.use_totp_step(id, 8).await.unwrap());
    assert_eq!(users.get(id).await.unwrap().totp_step, Some(8));
    let secret = SecretString::from("JBSWY3DPEHPK3PXP");
    users.set_totp_secret(id, Some(&secret)).await.unwrap();
    assert!(users.get(id).await.unwrap().totp_step.is_none());
}

#[tokio::test]
async fn a_renewed_hash_does_not_undo_a_changed_password() {
    let place = Place::new();
    let store = place.create();
    let users = store.users();
    let before = user(&store, "owner").await;
    let hash = |text: &str| PasswordHash::new(text);
    let renew = |to: &'static str| {
        let (users, id, from) = (&users, before.id, &before.password_hash);
        async move {
            users
                .renew_password_hash(id, from, &hash(to))
                .await
                .unwrap()
        }
    };
    assert!(renew("renewed").await);
    users
        .set_password(before.id, &hash("other"), None)
        .await
        .unwrap();
    assert!(!renew("renewed again").await);
    let after = users.get(before.id).await.unwrap();
    assert_eq!(after.password_hash, hash("other"));
}

#[tokio::test]
async fn failed_logins_are_kept_until_they_are_old() {
    let place = Place::new();
    let store = place.create();
    let failures = store.login_failures();
    let begin = now(&place);
    let tally = |name: &str, failures, seconds| {
        let subject = Subject {
            kind: SubjectKind::Address,
            name: name.into(),
        };
        let last = begin.plus(Duration::seconds(seconds));
        (subject, Tally { failures, last })
    };
    let (old, kept) = (tally("192.0.2.1", 1, 0), tally("192.0.2.2", 2, 10));
    failures.keep(&[old, kept.clone()], begin).await.unwrap();
    let again = [tally("192.0.2.2", 3, 20)];
    let since = begin.plus(Duration::seconds(5));
    failures.keep(&again, since).await.unwrap();
    assert_eq!(failures.recent(begin).await.unwrap(), again);
    store.close().await;
    let store = place.open();
    let failures = store.login_failures();
    assert_eq!(failures.recent(since).await.unwrap(), again);
    let later = begin.plus(Duration::seconds(21));
    assert_eq!(failures.recent(later).await.unwrap(), []);
}
