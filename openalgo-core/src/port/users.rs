//! Users.

use super::StoreError;
use crate::account::{NewUser, PasswordHash, User};
use crate::id::{BrokerName, UserId, Username};
use async_trait::async_trait;
use secrecy::SecretString;
use std::fmt;

/// Keeps users.
#[async_trait]
pub trait UserRepository: fmt::Debug + Send + Sync {
    /// Makes an account; name and e-mail address must be free.
    async fn insert(&self, user: &NewUser) -> Result<User, StoreError>;

    /// The user with this name.
    async fn find(&self, username: &Username) -> Result<Option<User>, StoreError>;

    /// The user with this number.
    async fn get(&self, id: UserId) -> Result<User, StoreError>;

    /// The owner of the installation: the first admin.
    async fn owner(&self) -> Result<Option<User>, StoreError>;

    /// All users, the oldest account first.
    async fn list(&self) -> Result<Vec<User>, StoreError>;

    /// Replaces the hash of a user's password.
    async fn set_password(&self, id: UserId, hash: &PasswordHash) -> Result<(), StoreError>;

    /// Enrols or removes a user's second factor; the secret is sealed.
    async fn set_totp_secret(
        &self,
        id: UserId,
        secret: Option<&SecretString>,
    ) -> Result<(), StoreError>;

    /// Chooses the broker that a user's live orders go to.
    async fn set_order_broker(
        &self,
        id: UserId,
        broker: Option<&BrokerName>,
    ) -> Result<(), StoreError>;
}
