//! The suite of [`BrokerConnectionRepository`](crate::port::BrokerConnectionRepository).

use super::Repositories;
use super::given::{broker, is_missing, nobody, user};
use crate::account::{BrokerConnection, BrokerCredentials, BrokerTokens};
use crate::id::{BrokerName, UserId};
use crate::port::Clock;
use secrecy::{ExposeSecret, SecretString};

/// Runs the suite of logins at brokers; see
/// [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! broker_connection_contract {
    ($run:path) => {
        $crate::contract_cases! { broker_connections on $run:
            a_login_is_found_as_kept,
            a_login_replaces_the_present_one,
            a_login_belongs_to_one_user_and_broker,
            logins_are_listed_by_broker,
            a_withdrawn_login_keeps_its_credentials_and_forgets_its_tokens,
            a_removed_login_is_gone,
            a_login_needs_a_user,
            a_login_that_is_not_there_is_named,
        }
    };
}

fn name(text: &str) -> BrokerName {
    text.parse().unwrap()
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// A login whose every field is filled.
fn login(store: &Repositories, user: UserId, broker: BrokerName) -> BrokerConnection {
    BrokerConnection {
        user,
        client_id: Some(format!("client at {broker}")),
        user_broker_id: Some("AB1234".into()),
        credentials: BrokerCredentials {
            api_key: Some(secret("key")),
            api_secret: Some(secret("secret")),
        },
        tokens: BrokerTokens {
            auth: Some(secret("auth")),
            refresh: Some(secret("refresh")),
            feed: Some(secret("feed")),
        },
        is_revoked: false,
        expires_at: Some(store.clock.now()),
        broker,
    }
}

/// A login of which nothing is known yet.
fn bare(user: UserId, broker: BrokerName) -> BrokerConnection {
    BrokerConnection {
        user,
        broker,
        client_id: None,
        user_broker_id: None,
        credentials: BrokerCredentials::default(),
        tokens: BrokerTokens::default(),
        is_revoked: false,
        expires_at: None,
    }
}

async fn kept(store: &Repositories, connection: &BrokerConnection) {
    store.broker_connections.upsert(connection).await.unwrap();
}

async fn found(store: &Repositories, user: UserId, broker: &BrokerName) -> BrokerConnection {
    let found = store.broker_connections.find(user, broker).await.unwrap();
    found.unwrap()
}

fn exposed(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}

/// API key, secret, and the three tokens.
fn secrets(connection: &BrokerConnection) -> [Option<&str>; 5] {
    let BrokerConnection {
        credentials,
        tokens,
        ..
    } = connection;
    [
        exposed(credentials.api_key.as_ref()),
        exposed(credentials.api_secret.as_ref()),
        exposed(tokens.auth.as_ref()),
        exposed(tokens.refresh.as_ref()),
        exposed(tokens.feed.as_ref()),
    ]
}

/// Each secret comes back in its own place.
pub async fn a_login_is_found_as_kept(store: &Repositories) {
    let user = user(store, "owner").await;
    let none = store.broker_connections.find(user, &broker()).await;
    assert!(none.unwrap().is_none());
    kept(store, &login(store, user, broker())).await;
    let found = found(store, user, &broker()).await;
    assert_eq!((found.user, &found.broker), (user, &broker()));
    assert_eq!(found.client_id.as_deref(), Some("client at zerodha"));
    assert_eq!(found.user_broker_id.as_deref(), Some("AB1234"));
    let expected = ["key", "secret", "auth", "refresh", "feed"].map(Some);
    assert_eq!(secrets(&found), expected);
    assert!(!found.is_revoked);
    assert_eq!(found.expires_at, Some(store.clock.now()));
}

/// Nothing of the earlier login shines through.
pub async fn a_login_replaces_the_present_one(store: &Repositories) {
    let user = user(store, "owner").await;
    kept(store, &login(store, user, broker())).await;
    kept(store, &bare(user, broker())).await;
    let found = found(store, user, &broker()).await;
    assert_eq!(secrets(&found), [None; 5]);
    assert_eq!(found.client_id.or(found.user_broker_id), None);
    assert_eq!(found.expires_at, None);
    let all = store.broker_connections.list(user).await.unwrap();
    assert_eq!(all.len(), 1);
}

/// One user's login at one broker is nobody else's and at no other broker.
pub async fn a_login_belongs_to_one_user_and_broker(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    kept(store, &login(store, owner, broker())).await;
    kept(store, &bare(other, broker())).await;
    kept(store, &bare(owner, name("angel"))).await;
    let kept = found(store, owner, &broker()).await;
    assert_eq!(kept.client_id.as_deref(), Some("client at zerodha"));
    assert_eq!(found(store, other, &broker()).await.client_id, None);
    let elsewhere = found(store, owner, &name("angel")).await;
    assert_eq!(elsewhere.client_id, None);
}

/// The list is one user's, in the order of the brokers' names.
pub async fn logins_are_listed_by_broker(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    for broker in ["zerodha", "angel", "dhan"] {
        kept(store, &login(store, owner, name(broker))).await;
    }
    kept(store, &bare(other, name("fyers"))).await;
    let listed = store.broker_connections.list(owner).await.unwrap();
    let names: Vec<_> = listed.iter().map(|it| it.broker.as_str()).collect();
    assert_eq!(names, ["angel", "dhan", "zerodha"]);
}

/// The next login needs no new key, and no token is left to be stolen.
pub async fn a_withdrawn_login_keeps_its_credentials_and_forgets_its_tokens(store: &Repositories) {
    let user = user(store, "owner").await;
    kept(store, &login(store, user, broker())).await;
    kept(store, &login(store, user, name("angel"))).await;
    let connections = &store.broker_connections;
    connections.revoke(user, &broker()).await.unwrap();
    connections.revoke(user, &broker()).await.unwrap();
    let found = found(store, user, &broker()).await;
    assert!(found.is_revoked);
    let expected = [Some("key"), Some("secret"), None, None, None];
    assert_eq!(secrets(&found), expected);
    let other = connections.find(user, &name("angel")).await.unwrap();
    assert!(!other.unwrap().is_revoked);
}

/// Removing a login leaves the others.
pub async fn a_removed_login_is_gone(store: &Repositories) {
    let user = user(store, "owner").await;
    kept(store, &login(store, user, broker())).await;
    kept(store, &login(store, user, name("angel"))).await;
    let connections = &store.broker_connections;
    connections.delete(user, &broker()).await.unwrap();
    let gone = connections.find(user, &broker()).await.unwrap();
    assert!(gone.is_none());
    assert_eq!(connections.list(user).await.unwrap().len(), 1);
}

/// Nobody's login is not kept.
pub async fn a_login_needs_a_user(store: &Repositories) {
    let connection = bare(nobody(), broker());
    let refused = store.broker_connections.upsert(&connection).await;
    assert!(is_missing(&refused), "{refused:?}");
}

/// What cannot be withdrawn because it is not there is an error, not a silence.
pub async fn a_login_that_is_not_there_is_named(store: &Repositories) {
    let user = user(store, "owner").await;
    let connections = &store.broker_connections;
    for refused in [
        connections.revoke(user, &broker()).await,
        connections.delete(user, &broker()).await,
    ] {
        assert!(is_missing(&refused), "{refused:?}");
    }
}
