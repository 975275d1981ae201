//! The suite of [`SessionRepository`](crate::port::SessionRepository).

use super::Repositories;
use super::given::{broker, is_duplicate, is_missing, nobody, user};
use crate::account::{NewSession, PasswordHash, Session};
use crate::id::{SessionId, SessionTokenId, UserId};
use crate::port::Clock;
use chrono::Duration;
use secrecy::{ExposeSecret, SecretString};

/// Runs the suite of login sessions; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! session_contract {
    ($run:path) => {
        $crate::contract_cases! { sessions on $run:
            a_session_is_found_by_its_token_id,
            sessions_that_hold_are_listed_from_the_last_opened,
            a_use_is_dated,
            an_ended_session_is_found_but_holds_no_more,
            all_sessions_of_one_user_end_at_once,
            a_changed_password_ends_every_session_but_one,
            expired_sessions_are_removed,
            a_token_id_is_taken_once,
            a_session_needs_a_user,
            a_session_that_is_not_there_is_named,
        }
    };
}

fn token_id(name: &str) -> SessionTokenId {
    format!("token-of-session-{name}").parse().unwrap()
}

/// A session of ten minutes.
fn login(store: &Repositories, user: UserId, name: &str) -> NewSession {
    NewSession {
        token_id: token_id(name),
        user,
        broker: Some(broker()),
        token: SecretString::from(format!("token {name}")),
        feed_token: Some(SecretString::from(format!("feed {name}"))),
        device: Some("laptop".into()),
        expires_at: store.clock.now().plus(Duration::minutes(10)),
    }
}

async fn opened(store: &Repositories, user: UserId, name: &str) -> Session {
    let login = login(store, user, name);
    store.sessions.insert(&login).await.unwrap()
}

async fn holding(store: &Repositories, user: UserId) -> Vec<SessionId> {
    let active = store.sessions.active(user, store.clock.now()).await;
    active.unwrap().iter().map(|it| it.id).collect()
}

/// What was kept comes back, the secrets among it, and nothing of another session.
pub async fn a_session_is_found_by_its_token_id(store: &Repositories) {
    let user = user(store, "owner").await;
    let (one, other) = (
        opened(store, user, "one").await,
        opened(store, user, "other").await,
    );
    assert_ne!(one.id, other.id);
    let found = store.sessions.find(&token_id("one")).await.unwrap();
    let now = store.clock.now();
    for session in [one, found.unwrap()] {
        assert_eq!((&session.token_id, session.user), (&token_id("one"), user));
        assert_eq!(session.broker, Some(broker()));
        assert_eq!(session.token.expose_secret(), "token one");
        assert_eq!(session.feed_token.unwrap().expose_secret(), "feed one");
        assert_eq!(session.device.as_deref(), Some("laptop"));
        assert_eq!((session.created_at, session.last_used_at), (now, now));
        assert_eq!(session.expires_at, now.plus(Duration::minutes(10)));
        assert!(session.is_active);
    }
    let unknown = store.sessions.find(&token_id("unknown")).await.unwrap();
    assert!(unknown.is_none());
}

/// A session holds until the instant at which it expires, and is its own user's alone.
pub async fn sessions_that_hold_are_listed_from_the_last_opened(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let first = opened(store, owner, "first").await;
    store.clock.advance(Duration::minutes(5));
    let second = opened(store, owner, "second").await;
    let third = opened(store, owner, "third").await;
    assert_eq!(holding(store, owner).await, [third.id, second.id, first.id]);
    assert_eq!(holding(store, other).await, []);
    store.clock.advance(Duration::minutes(5));
    assert_eq!(holding(store, owner).await, [third.id, second.id]);
}

/// A use changes its own time and nothing else.
pub async fn a_use_is_dated(store: &Repositories) {
    let user = user(store, "owner").await;
    let session = opened(store, user, "one").await;
    store.clock.advance(Duration::minutes(1));
    let at = store.clock.now();
    store.sessions.touch(session.id, at).await.unwrap();
    let found = store.sessions.find(&session.token_id).await.unwrap();
    let found = found.unwrap();
    assert_eq!(found.last_used_at, at);
    assert_eq!(
        (found.created_at, found.expires_at),
        (session.created_at, session.expires_at)
    );
}

/// Ending a session forgets the broker's token in it; ending it again changes nothing.
pub async fn an_ended_session_is_found_but_holds_no_more(store: &Repositories) {
    let user = user(store, "owner").await;
    let (one, other) = (
        opened(store, user, "one").await,
        opened(store, user, "other").await,
    );
    store.sessions.end(one.id).await.unwrap();
    store.sessions.end(one.id).await.unwrap();
    let ended = store.sessions.find(&one.token_id).await.unwrap().unwrap();
    assert!(!ended.is_active && !ended.holds_at(store.clock.now()));
    assert!(ended.feed_token.is_none());
    assert_eq!(holding(store, user).await, [other.id]);
}

/// Logging out everywhere counts what it ended, and leaves other users alone.
pub async fn all_sessions_of_one_user_end_at_once(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    for name in ["one", "two"] {
        opened(store, owner, name).await;
    }
    let others = opened(store, other, "three").await;
    let ended = opened(store, owner, "four").await;
    store.sessions.end(ended.id).await.unwrap();
    assert_eq!(store.sessions.end_all(owner).await.unwrap(), 2);
    assert_eq!(store.sessions.end_all(owner).await.unwrap(), 0);
    assert_eq!(holding(store, owner).await, []);
    assert_eq!(holding(store, other).await, [others.id]);
    let two = store.sessions.find(&token_id("two")).await.unwrap();
    assert!(two.unwrap().feed_token.is_none());
}

/// Whoever knew the old password is out; the one who changed it stays in.
pub async fn a_changed_password_ends_every_session_but_one(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    opened(store, owner, "one").await;
    let kept = opened(store, owner, "two").await.id;
    opened(store, owner, "three").await;
    let others = opened(store, other, "four").await.id;
    let hash = PasswordHash::new("new");
    for (keep, left) in [(Some(kept), vec![kept]), (None, Vec::new())] {
        store.users.set_password(owner, &hash, keep).await.unwrap();
        assert_eq!(holding(store, owner).await, left);
    }
    assert_eq!(holding(store, other).await, [others]);
}

/// Only what has expired goes, whether it was ended before or not.
pub async fn expired_sessions_are_removed(store: &Repositories) {
    let user = user(store, "owner").await;
    let first = opened(store, user, "first").await;
    let ended = opened(store, user, "ended").await;
    store.sessions.end(ended.id).await.unwrap();
    store.clock.advance(Duration::minutes(1));
    let second = opened(store, user, "second").await;
    let removed = store.sessions.delete_expired(first.expires_at).await;
    assert_eq!(removed.unwrap(), 2);
    assert!(
        store
            .sessions
            .find(&first.token_id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        store
            .sessions
            .find(&ended.token_id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        store
            .sessions
            .find(&second.token_id)
            .await
            .unwrap()
            .is_some()
    );
}

/// Two sessions with one token id could not be told apart.
pub async fn a_token_id_is_taken_once(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    opened(store, owner, "one").await;
    let twin = store.sessions.insert(&login(store, other, "one")).await;
    assert!(is_duplicate(&twin), "{twin:?}");
    assert_eq!(holding(store, other).await, []);
}

/// Nobody is logged in as somebody who is not there.
pub async fn a_session_needs_a_user(store: &Repositories) {
    let refused = store.sessions.insert(&login(store, nobody(), "one")).await;
    assert!(is_missing(&refused), "{refused:?}");
}

/// What cannot be changed because it is not there is an error, not a silence.
pub async fn a_session_that_is_not_there_is_named(store: &Repositories) {
    let missing = SessionId::new(99);
    for refused in [
        store.sessions.touch(missing, store.clock.now()).await,
        store.sessions.end(missing).await,
    ] {
        assert!(is_missing(&refused), "{refused:?}");
    }
}
