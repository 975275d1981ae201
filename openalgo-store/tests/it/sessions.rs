//! Login sessions.

use crate::support::{Place, now, user, zerodha};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use openalgo_core::account::{NewSession, PasswordHash, User};
use openalgo_core::id::{SessionId, SessionTokenId, UserId};
use openalgo_core::port::StoreError;
use secrecy::{ExposeSecret, SecretString};

fn token_id(number: u32) -> SessionTokenId {
    format!("session-token-{number:04}").parse().unwrap()
}

/// A session of ten minutes from the time of the place's clock.
fn login(place: &Place, user: &User, number: u32) -> NewSession {
    NewSession {
        token_id: token_id(number),
        user: user.id,
        broker: Some(zerodha()),
        token: SecretString::from(format!("token {number}")),
        feed_token: Some(SecretString::from(format!("feed {number}"))),
        device: Some("laptop".into()),
        expires_at: now(place).plus(Duration::minutes(10)),
    }
}

#[tokio::test]
async fn a_session_is_found_by_its_token_id() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let sessions = store.sessions();
    assert!(sessions.find(&token_id(1)).await.unwrap().is_none());
    let opened = sessions.insert(&login(&place, &owner, 1)).await.unwrap();
    sessions.insert(&login(&place, &owner, 2)).await.unwrap();
    let found = sessions.find(&token_id(1)).await.unwrap().unwrap();
    assert_eq!((found.id, found.user), (opened.id, owner.id));
    assert_eq!(found.token.expose_secret(), "token 1");
    assert_eq!(found.feed_token.unwrap().expose_secret(), "feed 1");
    assert_eq!(found.broker, Some(zerodha()));
    assert_eq!(found.device.as_deref(), Some("laptop"));
    assert_eq!(
        (found.created_at, found.last_used_at),
        (now(&place), now(&place))
    );
    assert_eq!(found.expires_at, now(&place).plus(Duration::minutes(10)));
    assert!(found.is_active);
}

#[tokio::test]
async fn a_session_holds_until_it_ends_or_expires() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let sessions = store.sessions();
    let first = sessions.insert(&login(&place, &owner, 1)).await.unwrap();
    place.clock.advance(Duration::minutes(5));
    let second = sessions.insert(&login(&place, &owner, 2)).await.unwrap();
    let at = now(&place);
    let ids = async |at| {
        let active = sessions.active(owner.id, at).await.unwrap();
        active.iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(at).await, [second.id, first.id]);
    assert_eq!(ids(first.expires_at).await, [second.id]);
    sessions.touch(first.id, at).await.unwrap();
    sessions.end(first.id).await.unwrap();
    sessions.end(first.id).await.unwrap();
    assert_eq!(ids(at).await, [second.id]);
    let ended = sessions.find(&token_id(1)).await.unwrap().unwrap();
    assert!(!ended.holds_at(at) && ended.feed_token.is_none());
    assert_eq!(ended.last_used_at, at);
    assert_eq!(sessions.end_all(owner.id).await.unwrap(), 1);
    assert_eq!(ids(at).await, []);
    let expired = first.expires_at;
    assert_eq!(sessions.delete_expired(expired).await.unwrap(), 1);
    assert!(sessions.find(&token_id(1)).await.unwrap().is_none());
    assert!(sessions.find(&token_id(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn sessions_that_cannot_be_are_refused() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let sessions = store.sessions();
    let login = login(&place, &owner, 1);
    sessions.insert(&login).await.unwrap();
    let twin = sessions.insert(&login).await.unwrap_err();
    assert!(matches!(twin, StoreError::Duplicate { .. }), "{twin}");
    let nobody = NewSession {
        user: UserId::new(99),
        token_id: token_id(2),
        ..login
    };
    let nowhere = SessionId::new(99);
    for refused in [
        sessions.insert(&nobody).await.map(drop),
        sessions.touch(nowhere, now(&place)).await,
        sessions.end(nowhere).await,
    ] {
        assert!(
            matches!(refused, Err(StoreError::NotFound { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn the_sessions_of_a_user_go_with_the_user() {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    store
        .sessions()
        .insert(&login(&place, &owner, 1))
        .await
        .unwrap();
    store.close().await;
    place
        .raw()
        .batch_execute("PRAGMA foreign_keys = ON; DELETE FROM users")
        .unwrap();
    let store = place.open();
    assert_eq!(store.summary().await.unwrap().rows("sessions"), Some(0));
}

#[tokio::test]
async fn a_changed_password_ends_every_session_but_one() {
    let place = Place::new();
    let store = place.create();
    let (owner, other) = (user(&store, "owner").await, user(&store, "other").await);
    let sessions = store.sessions();
    let mut opened = Vec::new();
    for number in 0..3 {
        opened.push(
            sessions
                .insert(&login(&place, &owner, number))
                .await
                .unwrap(),
        );
    }
    let others = sessions.insert(&login(&place, &other, 3)).await.unwrap();
    let active = async |user: &User| -> Vec<SessionId> {
        let held = sessions.active(user.id, now(&place)).await.unwrap();
        held.iter().map(|session| session.id).collect()
    };
    let change = async |keep| {
        let hash = PasswordHash::new("new");
        store
            .users()
            .set_password(owner.id, &hash, keep)
            .await
            .unwrap();
    };
    change(Some(opened[1].id)).await;
    assert_eq!(active(&owner).await, [opened[1].id]);
    change(None).await;
    assert_eq!(active(&owner).await, []);
    assert_eq!(active(&other).await, [others.id]);
}
