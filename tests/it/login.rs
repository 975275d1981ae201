//! Logging in, staying logged in, and guessing.

use crate::world::World;
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::{LoginAddress, User};
use openalgo::engine::service::{
    LoggedIn, LoginError, LoginRequest, SecondFactorError, SessionError,
};
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use totp_rs::Secret;

const PASSWORD: &str = "Long!Enough1";

async fn open(world: &World) -> (OpenAlgo, User) {
    let (app, owner) = world.open_with_owner().await;
    let password = SecretString::from(PASSWORD);
    app.users()
        .set_password(owner.id, &password, None)
        .await
        .unwrap();
    (app, owner)
}

pub(crate) fn address(text: &str) -> LoginAddress {
    text.parse::<IpAddr>().unwrap().into()
}

fn request(password: &str, from: &str) -> LoginRequest {
    LoginRequest {
        username: "owner".parse().unwrap(),
        password: password.into(),
        code: None,
        device: Some("laptop".into()),
        from: address(from),
        earlier: None,
    }
}

fn right(code: Option<&SecretString>) -> LoginRequest {
    LoginRequest {
        code: code.cloned(),
        ..request(PASSWORD, "203.0.113.7")
    }
}

/// What an authenticator with this secret shows now.
pub(crate) fn code(world: &World, secret: &SecretString) -> SecretString {
    use openalgo::core::port::Clock;
    let secret = Secret::try_from_base32(secret.expose_secret()).unwrap();
    let totp = totp_rs::Builder::new()
        .with_account_name("owner")
        .with_secret(secret)
        .build()
        .unwrap();
    let seconds = u64::try_from(world.clock.now().to_seconds()).unwrap();
    SecretString::from(totp.generate(seconds).to_string())
}

async fn enrol(world: &World, app: &OpenAlgo, owner: &User) -> SecretString {
    let begun = app.second_factor().begin(owner).unwrap();
    let shown = code(world, &begun.secret);
    app.second_factor()
        .enrol(owner.id, &begun.secret, &shown)
        .await
        .unwrap();
    begun.secret
}

#[track_caller]
fn wait_of(outcome: Result<LoggedIn, LoginError>) -> Duration {
    match outcome {
        Err(LoginError::TooSoon { wait }) => Duration::from_std(wait).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_password_opens_a_session_until_three_in_the_morning() {
    let world = World::new();
    let (app, owner) = open(&world).await;
    let logins = app.logins();
    let LoggedIn { session, token, .. } = logins.login(right(None)).await.unwrap();
    assert_eq!(
        session.expires_at.to_ist().to_rfc3339(),
        "2026-11-26T03:00:00+05:30"
    );
    let (user, found) = logins.session(&token).await.unwrap();
    assert_eq!((user.id, found.id), (owner.id, session.id));
    world.clock.advance(Duration::hours(16));
    logins.session(&token).await.unwrap();
    world.clock.advance(Duration::minutes(30));
    let expired = logins.session(&token).await;
    assert!(matches!(expired, Err(SessionError::Expired)), "{expired:?}");
    for unknown in [
        "",
        "x",
        &"0".repeat(64),
        &token.expose_secret().to_uppercase(),
    ] {
        let unknown = logins.session(&SecretString::from(unknown)).await;
        assert!(matches!(unknown, Err(SessionError::Unknown)), "{unknown:?}");
    }
    app.close().await;
}

#[tokio::test]
async fn a_token_with_another_secret_opens_nothing() {
    let world = World::new();
    let (app, _) = open(&world).await;
    let LoggedIn { token, .. } = app.logins().login(right(None)).await.unwrap();
    let (start, last) = token.expose_secret().split_at(63);
    let other = if last == "0" { "1" } else { "0" };
    let forged = SecretString::from(format!("{start}{other}"));
    let refused = app.logins().session(&forged).await;
    assert!(matches!(refused, Err(SessionError::Unknown)), "{refused:?}");
    app.close().await;
}

#[tokio::test]
async fn a_code_is_enrolled_needed_and_used_once() {
    let world = World::new();
    let (app, owner) = open(&world).await;
    let (logins, factor) = (app.logins(), app.second_factor());
    let begun = factor.begin(&owner).unwrap();
    let wrong = SecretString::from("000000");
    let refused = factor.enrol(owner.id, &begun.secret, &wrong).await;
    assert!(matches!(refused, Err(SecondFactorError::WrongCode)));
    logins.login(right(None)).await.unwrap();
    let secret = enrol(&world, &app, &owner).await;
    let shown = code(&world, &begun.secret);
    let again = factor.enrol(owner.id, &begun.secret, &shown).await;
    assert!(matches!(again, Err(SecondFactorError::Enrolled)));

    let needed = logins.login(right(None)).await.unwrap_err();
    assert!(matches!(needed, LoginError::CodeNeeded), "{needed:?}");
    let enrolled_with = code(&world, &secret);
    let used = logins.login(right(Some(&enrolled_with))).await.unwrap_err();
    assert!(matches!(used, LoginError::WrongCode), "{used:?}");
    world.clock.advance(Duration::seconds(30));
    let fresh = code(&world, &secret);
    let without = LoginRequest {
        code: Some(fresh.clone()),
        ..request("Wrong!Enough1", "203.0.113.7")
    };
    let wrong = logins.login(without).await.unwrap_err();
    assert!(matches!(wrong, LoginError::Wrong), "{wrong:?}");
    let (one, two) = tokio::join!(
        logins.login(right(Some(&fresh))),
        logins.login(right(Some(&fresh)))
    );
    assert_ne!(one.is_ok(), two.is_ok(), "one of two who come at once");
    app.close().await;

    let app = world.open().await;
    let replayed = app.logins().login(right(Some(&fresh))).await.unwrap_err();
    assert!(matches!(replayed, LoginError::WrongCode), "{replayed:?}");
    app.close().await;
}

#[tokio::test]
async fn a_second_factor_goes_with_password_and_code_or_with_the_key_of_the_folder() {
    let world = World::new();
    let (app, owner) = open(&world).await;
    let factor = app.second_factor();
    let none = factor.disable(&right(None)).await;
    assert!(matches!(none, Err(SecondFactorError::NotEnrolled)));
    let secret = enrol(&world, &app, &owner).await;
    let without = factor.disable(&right(None)).await;
    assert!(matches!(
        without,
        Err(SecondFactorError::Login(LoginError::CodeNeeded))
    ));
    world.clock.advance(Duration::seconds(30));
    let code = code(&world, &secret);
    factor.disable(&right(Some(&code))).await.unwrap();
    app.logins().login(right(None)).await.unwrap();

    enrol(&world, &app, &owner).await;
    let owner = app.users().owner().await.unwrap();
    factor.remove_lost(&owner).await.unwrap();
    app.logins().login(right(None)).await.unwrap();
    app.close().await;
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let world = World::new();
    let (app, owner) = open(&world).await;
    let logins = app.logins();
    let here = logins.login(right(None)).await.unwrap();
    let there = logins.login(right(None)).await.unwrap();
    let password = SecretString::from("Another-One1!");
    app.users()
        .set_password(owner.id, &password, Some(here.session.id))
        .await
        .unwrap();
    logins.session(&here.token).await.unwrap();
    let ended = logins.session(&there.token).await;
    assert!(matches!(ended, Err(SessionError::Ended)), "{ended:?}");
    let old = logins.login(right(None)).await.unwrap_err();
    assert!(matches!(old, LoginError::Wrong), "{old:?}");
    let left = logins.sessions(owner.id).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].device.as_deref(), Some("laptop"));
    logins.end(owner.id, left[0].id).await.unwrap();
    let gone = logins.end(owner.id, left[0].id).await;
    assert!(matches!(gone, Err(SessionError::NotFound(_))), "{gone:?}");
    app.close().await;
}

#[tokio::test]
async fn nobody_can_tell_whether_a_user_exists() {
    let world = World::new();
    let (app, _) = open(&world).await;
    for (number, name) in ["owner", "nobody"].into_iter().enumerate() {
        for attempt in 0..7 {
            let request = LoginRequest {
                username: name.parse().unwrap(),
                ..request("Wrong!Enough1", &format!("192.0.2.{number}"))
            };
            let refused = app.logins().login(request).await.unwrap_err();
            if attempt < 5 {
                assert!(matches!(refused, LoginError::Wrong), "{refused:?}");
            } else {
                assert!(matches!(refused, LoginError::TooSoon { .. }), "{refused:?}");
            }
        }
    }
    app.close().await;
}

#[tokio::test]
async fn an_attack_is_slow_across_restarts_and_the_owner_still_gets_in() {
    let world = World::new();
    let (app, _) = open(&world).await;
    let known = app.logins().login(right(None)).await.unwrap().token;
    let guess = |from: String| request("Wrong!Enough1", &from);
    // Three addresses use up what is free for the account.
    for number in [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3] {
        drop(app.logins().login(guess(format!("192.0.2.{number}"))).await);
    }
    app.close().await;

    let app = world.open().await;
    let logins = app.logins();
    let attacker = logins.login(guess("192.0.2.1".into())).await;
    assert!(!wait_of(attacker).is_zero(), "a restart changes nothing");
    // The right password does not help somebody who is new here, until the wait is over.
    let wait = wait_of(logins.login(right(None)).await);
    assert!(wait <= Duration::seconds(60), "{wait}");
    // A device that has logged in before does not wait at all.
    let from_known = LoginRequest {
        earlier: Some(known.clone()),
        ..right(None)
    };
    logins.login(from_known).await.unwrap();
    world.clock.advance(wait);
    logins.login(right(None)).await.unwrap();
    app.close().await;
}

#[tokio::test]
async fn the_token_of_yesterday_shows_the_device_and_one_that_was_ended_does_not() {
    let world = World::new();
    let (app, owner) = open(&world).await;
    let logins = app.logins();
    let known = logins.login(right(None)).await.unwrap();
    world.clock.advance(Duration::days(2));
    let from_known = || LoginRequest {
        earlier: Some(known.token.clone()),
        ..request(PASSWORD, "192.0.2.1")
    };
    for _ in 0..5 {
        drop(logins.login(request("Wrong!Enough1", "192.0.2.1")).await);
    }
    wait_of(logins.login(request(PASSWORD, "192.0.2.1")).await);
    logins.login(from_known()).await.unwrap();
    let password = SecretString::from(PASSWORD);
    app.users()
        .set_password(owner.id, &password, None)
        .await
        .unwrap();
    wait_of(logins.login(from_known()).await);
    app.close().await;
}
