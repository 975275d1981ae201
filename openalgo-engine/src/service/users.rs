//! Users, passwords and API keys.

use crate::passwords::{PasswordError, Passwords};
use crate::ports::Ports;
use openalgo_core::account::{ApiKeyRecord, check_password};
use openalgo_core::account::{NewApiKey, NewUser, PasswordRule, User};
use openalgo_core::id::{Email, SessionId, UserId, Username};
use openalgo_core::order::OrderMode;
use openalgo_core::port::{CryptoError, StoreError};
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Why something about a user was not done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UserError {
    /// The password is too weak.
    #[error(transparent)]
    Password(#[from] PasswordRule),
    /// There is no such user.
    #[error("there is no user '{0}'")]
    NotFound(Username),
    /// The user has no API key.
    #[error("there is no API key yet")]
    NoApiKey,
    /// The installation has no owner yet.
    #[error("this data folder has no owner yet")]
    NoOwner,
    /// Hashing failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The thread that hashes was stopped.
    #[error("the engine is stopping")]
    Stopped,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PasswordError> for UserError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Crypto(error) => error.into(),
            PasswordError::Stopped => Self::Stopped,
        }
    }
}

/// Keeps users and their API keys.
#[derive(Debug, Clone)]
pub struct UserService {
    ports: Arc<Ports>,
    passwords: Passwords,
}

impl UserService {
    pub(crate) fn new(ports: Arc<Ports>, passwords: Passwords) -> Self {
        Self { ports, passwords }
    }

    /// Makes an account. The first one owns the installation.
    pub async fn create(
        &self,
        username: Username,
        email: Email,
        password: &SecretString,
    ) -> Result<User, UserError> {
        check_password(password)?;
        let is_admin = self.ports.users.owner().await?.is_none();
        let password_hash = self.passwords.hash(password).await?;
        let user = NewUser {
            username,
            email,
            password_hash,
            is_admin,
        };
        Ok(self.ports.users.insert(&user).await?)
    }

    /// Replaces a user's password, and ends the user's sessions but `keep`, the one in which that
    /// is asked for.
    pub async fn set_password(
        &self,
        user: UserId,
        password: &SecretString,
        keep: Option<SessionId>,
    ) -> Result<(), UserError> {
        check_password(password)?;
        let hash = self.passwords.hash(password).await?;
        Ok(self.ports.users.set_password(user, &hash, keep).await?)
    }

    /// All users.
    pub async fn list(&self) -> Result<Vec<User>, UserError> {
        Ok(self.ports.users.list().await?)
    }

    /// The user of this name.
    pub async fn get(&self, username: &Username) -> Result<User, UserError> {
        let user = self.ports.users.find(username).await?;
        user.ok_or_else(|| UserError::NotFound(username.clone()))
    }

    /// The owner of the installation.
    pub async fn owner(&self) -> Result<User, UserError> {
        self.ports.users.owner().await?.ok_or(UserError::NoOwner)
    }

    /// Makes an API key for a user; it takes the place of the present one at once.
    pub async fn create_api_key(&self, user: UserId) -> Result<SecretString, UserError> {
        let keys = Arc::clone(&self.ports.keys);
        let made = tokio::task::spawn_blocking(move || {
            let key = keys.make_key()?;
            let hash = keys.hash(&key)?;
            Ok::<_, CryptoError>((key, hash))
        });
        let (key, key_hash) = made.await.map_err(|_stopped| UserError::Stopped)??;
        let kept = NewApiKey {
            user,
            key_hash,
            key: key.clone(),
        };
        self.ports.api_keys.replace(&kept).await?;
        Ok(key)
    }

    /// Chooses whether orders with a user's API key go out at once or wait for approval.
    pub async fn set_order_mode(&self, user: UserId, mode: OrderMode) -> Result<(), UserError> {
        let keys = &self.ports.api_keys;
        if keys.find(user).await?.is_none() {
            return Err(UserError::NoApiKey);
        }
        Ok(keys.set_order_mode(user, mode).await?)
    }

    /// A user's API key, for its owner to see.
    pub async fn api_key(&self, user: UserId) -> Result<Option<ApiKeyRecord>, UserError> {
        Ok(self.ports.api_keys.find(user).await?)
    }
}
