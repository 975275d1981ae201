//! The suite of [`UserRepository`](crate::port::UserRepository).

use super::Repositories;
use super::given::person;
use crate::account::{PasswordHash, User};
use crate::port::{Clock, StoreError};
use crate::testing::sample::{NOBODY, new_user, zerodha};
use chrono::Duration;
use secrecy::{ExposeSecret, SecretString};

/// Runs the suite of the users; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! user_contract {
    ($run:path) => {
        $crate::contract_cases! { users on $run:
            a_user_is_found_by_name_and_number,
            names_and_addresses_are_taken_once,
            names_that_differ_in_case_are_one,
            only_the_first_who_asks_is_the_owner,
            an_installation_can_be_without_an_owner,
            users_are_listed_oldest_first,
            a_password_is_replaced,
            a_renewed_hash_does_not_undo_a_changed_password,
            a_second_factor_is_enrolled_once_and_removed,
            a_one_time_code_is_used_once,
            an_order_broker_is_chosen_and_withdrawn,
            changes_of_nobody_are_refused,
        }
    };
}

/// What can be compared of a user.
fn facts(user: &User) -> (String, Option<&str>) {
    let secret = user.totp_secret.as_ref().map(ExposeSecret::expose_secret);
    let plain = User {
        totp_secret: None,
        ..user.clone()
    };
    let hash = user.password_hash.as_str();
    (format!("{plain:?} {hash}"), secret)
}

/// An account reads back as it was answered: dated, without second factor and order broker.
pub async fn a_user_is_found_by_name_and_number(store: &Repositories) {
    let asked = new_user("owner");
    let user = store.users.insert(&asked).await.unwrap();
    assert_eq!(user.username, asked.username);
    assert_eq!(user.email, asked.email);
    assert_eq!(user.password_hash, asked.password_hash);
    assert!(user.totp_secret.is_none() && user.order_broker.is_none());
    let now = store.clock.now();
    assert_eq!((user.created_at, user.updated_at), (now, now));
    let found = store.users.find(&user.username).await.unwrap().unwrap();
    assert_eq!(facts(&found), facts(&user));
    assert_eq!(
        facts(&store.users.get(user.id).await.unwrap()),
        facts(&user)
    );
    let unknown = "nobody".parse().unwrap();
    assert!(store.users.find(&unknown).await.unwrap().is_none());
    let refused = store.users.get(NOBODY).await.unwrap_err();
    assert_eq!(refused.to_string(), "user '999999' does not exist");
}

/// A second account of a name or an address is refused by the word that is taken.
pub async fn names_and_addresses_are_taken_once(store: &Repositories) {
    person(store, "first").await;
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
        let mut twin = new_user(name);
        twin.email = address.parse().unwrap();
        let refused = store.users.insert(&twin).await.unwrap_err();
        assert!(matches!(refused, StoreError::Duplicate { .. }));
        assert_eq!(refused.to_string(), message);
    }
    assert_eq!(store.users.list().await.unwrap().len(), 1);
}

/// `OWNER` beside `owner` would be taken for it. The name that is taken is told, and found as it was
/// chosen only.
pub async fn names_that_differ_in_case_are_one(store: &Repositories) {
    let first = person(store, "First_1").await;
    for name in ["first_1", "FIRST_1"] {
        let refused = store.users.insert(&new_user(name)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Duplicate { .. }));
        assert_eq!(refused.to_string(), "user name 'First_1' exists already");
        let found = store.users.find(&name.parse().unwrap()).await.unwrap();
        assert!(found.is_none());
    }
    // Nothing but the case is overlooked.
    let other = person(store, "firstX1").await;
    let listed: Vec<_> = store.users.list().await.unwrap();
    let names: Vec<_> = listed.into_iter().map(|user| user.username).collect();
    assert_eq!(names, [first.username, other.username]);
}

/// There is one admin; who asks to be one later becomes a user like others, as the answer says.
pub async fn only_the_first_who_asks_is_the_owner(store: &Repositories) {
    let mut guest = new_user("guest");
    guest.is_admin = false;
    assert!(!store.users.insert(&guest).await.unwrap().is_admin);
    let owner = person(store, "owner").await;
    let late = person(store, "late").await;
    assert!(owner.is_admin && !late.is_admin);
    for user in [&owner, &late] {
        let kept = store.users.get(user.id).await.unwrap();
        assert_eq!(kept.is_admin, user.is_admin);
    }
    let found = store.users.owner().await.unwrap().unwrap();
    assert_eq!(facts(&found), facts(&owner));
}

/// Nobody is the owner until somebody asks.
pub async fn an_installation_can_be_without_an_owner(store: &Repositories) {
    assert!(store.users.owner().await.unwrap().is_none());
    let mut guest = new_user("guest");
    guest.is_admin = false;
    store.users.insert(&guest).await.unwrap();
    assert!(store.users.owner().await.unwrap().is_none());
}

/// The list begins with the oldest account.
pub async fn users_are_listed_oldest_first(store: &Repositories) {
    assert!(store.users.list().await.unwrap().is_empty());
    let inserted = [
        person(store, "zoe").await,
        person(store, "amy").await,
        person(store, "mia").await,
    ];
    let listed = store.users.list().await.unwrap();
    let facts_of = |users: &[User]| {
        let named = users.iter().map(|user| facts(user).0);
        named.collect::<Vec<_>>()
    };
    assert_eq!(facts_of(&listed), facts_of(&inserted));
}

/// A new hash takes the place of the old one, for this user only.
pub async fn a_password_is_replaced(store: &Repositories) {
    let (owner, other) = (person(store, "owner").await, person(store, "other").await);
    store.clock.advance(Duration::seconds(5));
    let hash = PasswordHash::new("new");
    store
        .users
        .set_password(owner.id, &hash, None)
        .await
        .unwrap();
    let expected = User {
        password_hash: hash,
        updated_at: store.clock.now(),
        ..owner
    };
    let changed = store.users.get(expected.id).await.unwrap();
    assert_eq!(facts(&changed), facts(&expected));
    let untouched = store.users.get(other.id).await.unwrap();
    assert_eq!(facts(&untouched), facts(&other));
}

/// A hash is renewed from the one that was checked: a password that was changed meanwhile stays.
pub async fn a_renewed_hash_does_not_undo_a_changed_password(store: &Repositories) {
    let owner = person(store, "owner").await;
    let renew = async |to: &str| {
        let (from, to) = (&owner.password_hash, PasswordHash::new(to));
        let renewed = store.users.renew_password_hash(owner.id, from, &to);
        renewed.await.unwrap()
    };
    store.clock.advance(Duration::seconds(5));
    assert!(renew("renewed").await);
    let expected = User {
        password_hash: PasswordHash::new("renewed"),
        updated_at: store.clock.now(),
        ..owner.clone()
    };
    let kept = store.users.get(owner.id).await.unwrap();
    assert_eq!(facts(&kept), facts(&expected));
    assert!(!renew("late").await);
    let kept = store.users.get(owner.id).await.unwrap();
    assert_eq!(facts(&kept), facts(&expected));
}

/// A code and those before it are used once.
pub async fn a_one_time_code_is_used_once(store: &Repositories) {
    let owner = person(store, "owner").await.id;
    let other = person(store, "other").await.id;
    let use_step = async |step| store.users.use_totp_step(owner, step).await.unwrap();
    let step_of = async |user| store.users.get(user).await.unwrap().totp_step;
    assert_eq!(step_of(owner).await, None);
    assert!(use_step(7).await);
    assert!(!use_step(7).await);
    assert!(!use_step(6).await);
    assert!(use_step(8).await);
    assert_eq!(step_of(owner).await, Some(8));
    assert_eq!(step_of(other).await, None);
    store.users.remove_totp(owner).await.unwrap();
    assert_eq!(step_of(owner).await, None);
}

/// The secret of a second factor reads back in the clear, its first code is used, and it can be
/// taken away. A second one takes the place of none.
pub async fn a_second_factor_is_enrolled_once_and_removed(store: &Repositories) {
    let (owner, other) = (person(store, "owner").await, person(store, "other").await);
    let secret = SecretString::from("JBSWY3DPEHPK3PXP");
    let enrol = async |secret, step| {
        store
            .users
            .enrol_totp(owner.id, secret, step)
            .await
            .unwrap()
    };
    store.clock.advance(Duration::seconds(5));
    assert!(enrol(&secret, 7).await);
    let mut expected = User {
        totp_secret: Some(secret.clone()),
        totp_step: Some(7),
        updated_at: store.clock.now(),
        ..owner.clone()
    };
    let is_as_expected = async |expected: &User| {
        let stored = store.users.get(owner.id).await.unwrap();
        assert_eq!(facts(&stored), facts(expected));
    };
    is_as_expected(&expected).await;
    assert!(!store.users.use_totp_step(owner.id, 7).await.unwrap());
    store.clock.advance(Duration::seconds(5));
    assert!(!enrol(&SecretString::from("KRSXG5CTMVRXEZLU"), 9).await);
    is_as_expected(&expected).await;
    store.users.remove_totp(owner.id).await.unwrap();
    expected.totp_secret = None;
    expected.totp_step = None;
    expected.updated_at = store.clock.now();
    is_as_expected(&expected).await;
    let untouched = store.users.get(other.id).await.unwrap();
    assert_eq!(facts(&untouched), facts(&other));
}

/// The broker of live orders is one user's choice, and can be withdrawn.
pub async fn an_order_broker_is_chosen_and_withdrawn(store: &Repositories) {
    let (owner, other) = (person(store, "owner").await, person(store, "other").await);
    for broker in [Some(zerodha()), None] {
        store.clock.advance(Duration::seconds(5));
        let done = store.users.set_order_broker(owner.id, broker.as_ref());
        done.await.unwrap();
        let expected = User {
            order_broker: broker,
            updated_at: store.clock.now(),
            ..owner.clone()
        };
        let changed = store.users.get(owner.id).await.unwrap();
        assert_eq!(facts(&changed), facts(&expected));
    }
    let untouched = store.users.get(other.id).await.unwrap();
    assert_eq!(facts(&untouched), facts(&other));
}

/// A change of an account that does not exist is an error, not a success without effect.
pub async fn changes_of_nobody_are_refused(store: &Repositories) {
    let secret = SecretString::from("JBSWY3DPEHPK3PXP");
    let hash = PasswordHash::new("new");
    let users = &store.users;
    for refused in [
        users.set_password(NOBODY, &hash, None).await,
        users.enrol_totp(NOBODY, &secret, 7).await.map(drop),
        users.remove_totp(NOBODY).await,
        users.set_order_broker(NOBODY, None).await,
    ] {
        assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    }
    assert!(!users.use_totp_step(NOBODY, 7).await.unwrap());
    let renewed = users.renew_password_hash(NOBODY, &hash, &hash).await;
    assert!(!renewed.unwrap());
}
