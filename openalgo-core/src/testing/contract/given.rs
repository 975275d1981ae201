//! What cases begin with, and how they tell errors apart.

use super::Repositories;
use crate::account::{NewUser, PasswordHash};
use crate::id::{BrokerName, UserId};
use crate::market::{Exchange, InstrumentKey, Symbol};
use crate::port::StoreError;

/// A new user.
pub(super) async fn user(store: &Repositories, name: &str) -> UserId {
    let user = NewUser {
        username: name.parse().unwrap(),
        email: format!("{name}@example.com").parse().unwrap(),
        password_hash: PasswordHash::new("$argon2id$fake"),
        is_admin: true,
    };
    store.users.insert(&user).await.unwrap().id
}

/// Somebody who is not there.
pub(super) fn nobody() -> UserId {
    UserId::new(99)
}

/// A broker.
pub(super) fn broker() -> BrokerName {
    "zerodha".parse().unwrap()
}

/// A share of the National Stock Exchange.
pub(super) fn share(symbol: &str) -> InstrumentKey {
    InstrumentKey::new(Exchange::Nse, Symbol::try_new(symbol).unwrap())
}

/// Whether something was refused because what it needs is not there.
pub(super) fn is_missing<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::NotFound { .. }))
}

/// Whether something was refused because there is one already.
pub(super) fn is_duplicate<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Duplicate { .. }))
}
