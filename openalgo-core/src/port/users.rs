//! Users.

#![cfg_attr(
    any(test, feature = "testing"),
    expect(clippy::ref_option_ref, reason = "the mock is written by a macro")
)]

use super::StoreError;
use crate::account::{NewUser, PasswordHash, User};
use crate::id::{BrokerName, SessionId, UserId, Username};
use async_trait::async_trait;
use secrecy::SecretString;
use std::fmt;

/// Keeps users. A change is dated by the store's clock; one of a user who does not exist is
/// refused with [`StoreError::NotFound`], or answered with `false`.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait UserRepository: fmt::Debug + Send + Sync {
    /// Makes an account. A name or e-mail address that is taken is a
    /// [`StoreError::Duplicate`]; names that differ only in case are one name ([`Username::is_like`]).
    ///
    /// There is one admin, the first who asks to be: whoever asks later becomes a user like
    /// others, which the answer says.
    async fn insert(&self, user: &NewUser) -> Result<User, StoreError>;

    /// The user with this name.
    async fn find(&self, username: &Username) -> Result<Option<User>, StoreError>;

    /// The user with this number.
    async fn get(&self, id: UserId) -> Result<User, StoreError>;

    /// The owner of the installation: the admin.
    async fn owner(&self) -> Result<Option<User>, StoreError>;

    /// All users, the oldest account first.
    async fn list(&self) -> Result<Vec<User>, StoreError>;

    /// Replaces the hash of a user's password and, at the same moment, ends all sessions of the
    /// user but `keep`.
    async fn set_password(
        &self,
        id: UserId,
        hash: &PasswordHash,
        keep: Option<SessionId>,
    ) -> Result<(), StoreError>;

    /// Replaces the hash `from` of a password by another hash of the same password; sessions go
    /// on. Says whether it did: a password that was changed meanwhile stays.
    async fn renew_password_hash(
        &self,
        id: UserId,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<bool, StoreError>;

    /// Enrols a second factor and, at the same moment, marks the time step of the code that
    /// showed it as used. Says whether it did: one that is enrolled already stays.
    ///
    /// The secret is sealed where it is stored and plain when it is read.
    async fn enrol_totp(
        &self,
        id: UserId,
        secret: &SecretString,
        step: u64,
    ) -> Result<bool, StoreError>;

    /// Takes a user's second factor away, whether there is one or not, and the mark of the last
    /// code that was used.
    async fn remove_totp(&self, id: UserId) -> Result<(), StoreError>;

    /// Marks the one-time code of a time step, and all before it, as used, which is no
    /// dated change. Says whether it did: of two who present the same code, one is told `true`.
    async fn use_totp_step(&self, id: UserId, step: u64) -> Result<bool, StoreError>;

    /// Chooses the broker that a user's live orders go to.
    async fn set_order_broker<'a>(
        &self,
        id: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<(), StoreError>;
}
