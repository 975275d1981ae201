//! The second factor: enrolling an authenticator and taking it away.

use super::{LoginError, LoginRequest, LoginService};
use crate::ports::Ports;
use openalgo_core::account::User;
use openalgo_core::id::UserId;
use openalgo_core::port::{CryptoError, StoreError, TotpAttempt};
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Why a second factor was not changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecondFactorError {
    /// The user has an authenticator already.
    #[error("an authenticator is enrolled already")]
    Enrolled,
    /// The user has none.
    #[error("no authenticator is enrolled")]
    NotEnrolled,
    /// The code does not come from the authenticator that was to be enrolled.
    #[error("the code does not fit: nothing was changed")]
    WrongCode,
    /// Password and code did not prove who asks.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// No secret could be made or no code checked.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A secret that is to be enrolled; nothing is stored of it yet.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret, to be typed into an authenticator.
    pub secret: SecretString,
    /// The address that an authenticator reads from a QR code; it holds the secret.
    pub uri: SecretString,
}

/// Enrols authenticators and takes them away.
#[derive(Debug, Clone)]
pub struct SecondFactorService {
    ports: Arc<Ports>,
    logins: LoginService,
}

impl SecondFactorService {
    pub(crate) fn new(ports: Arc<Ports>, logins: LoginService) -> Self {
        Self { ports, logins }
    }

    /// Makes a secret for a user who has no authenticator. Nothing changes until
    /// [`SecondFactorService::enrol`] has seen a code of it.
    pub fn begin(&self, user: &User) -> Result<Enrolment, SecondFactorError> {
        if user.totp_secret.is_some() {
            return Err(SecondFactorError::Enrolled);
        }
        let totp = &self.ports.totp;
        let secret = totp.make_secret()?;
        let uri = totp.enrolment_uri(&secret, user.username.as_str())?;
        Ok(Enrolment { secret, uri })
    }

    /// Enrols an authenticator that shows it has the secret. That code is used then.
    pub async fn enrol(
        &self,
        user: UserId,
        secret: &SecretString,
        code: &SecretString,
    ) -> Result<(), SecondFactorError> {
        let users = &self.ports.users;
        if users.get(user).await?.totp_secret.is_some() {
            return Err(SecondFactorError::Enrolled);
        }
        let at = self.ports.clock.now();
        let step = self.ports.totp.check(TotpAttempt {
            secret,
            code,
            at,
            used: None,
        })?;
        let step = step.ok_or(SecondFactorError::WrongCode)?;
        users.set_totp_secret(user, Some(secret)).await?;
        users.use_totp_step(user, step).await?;
        Ok(())
    }

    /// Takes a user's authenticator away; password and code prove who asks, as at a login.
    pub async fn disable(&self, request: &LoginRequest) -> Result<(), SecondFactorError> {
        let user = self.logins.verify(request).await?;
        if user.totp_secret.is_none() {
            return Err(SecondFactorError::NotEnrolled);
        }
        Ok(self.ports.users.set_totp_secret(user.id, None).await?)
    }

    /// Takes a lost authenticator away without password and code: only for whoever holds the key
    /// of the data folder, and could do it to the file as well.
    pub async fn remove_lost(&self, user: &User) -> Result<(), SecondFactorError> {
        if user.totp_secret.is_none() {
            return Err(SecondFactorError::NotEnrolled);
        }
        Ok(self.ports.users.set_totp_secret(user.id, None).await?)
    }
}
