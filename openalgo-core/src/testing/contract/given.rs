//! What cases begin with, and how they tell errors apart.

use super::Repositories;
use crate::account::User;
use crate::id::{BrokerName, UserId};
use crate::market::InstrumentKey;
use crate::port::StoreError;
use crate::testing::sample;

/// Somebody whom the store knows from now on.
pub(super) async fn person(store: &Repositories, name: &str) -> User {
    let user = sample::new_user(name);
    store.users.insert(&user).await.unwrap()
}

/// The number of a new user.
pub(super) async fn user(store: &Repositories, name: &str) -> UserId {
    person(store, name).await.id
}

/// Somebody who is not there.
pub(super) fn nobody() -> UserId {
    sample::NOBODY
}

/// A broker.
pub(super) fn broker() -> BrokerName {
    sample::zerodha()
}

/// A share of the National Stock Exchange.
pub(super) fn share(symbol: &str) -> InstrumentKey {
    sample::instrument(symbol)
}

/// Whether something was refused because what it needs is not there.
pub(super) fn is_missing<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::NotFound { .. }))
}

/// Whether something was refused because there is one already.
pub(super) fn is_duplicate<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Duplicate { .. }))
}
