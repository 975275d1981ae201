//! Why a login failed or a session does not hold.

use crate::passwords::PasswordError;
use openalgo_core::id::SessionId;
use openalgo_core::port::{CryptoError, StoreError};
use std::time::Duration;
use thiserror::Error;

/// Why somebody was not logged in.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoginError {
    /// There is no such user, or the password is another one; which of the two is not said.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// The password is right and a one-time code is needed, too.
    #[error("a one-time code is needed")]
    CodeNeeded,
    /// The one-time code is wrong, or was used before.
    #[error("the one-time code is wrong or was used before")]
    WrongCode,
    /// Others have failed before: nothing was looked at.
    #[error("too many failed logins: wait {} s and try again", wait.as_secs())]
    TooSoon {
        /// How long to wait, in whole seconds; a minute at most.
        wait: Duration,
    },
    /// The password was changed while this login was under way.
    #[error("the password was changed meanwhile")]
    Changed,
    /// Nothing could be hashed, checked or made.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CryptoError> for LoginError {
    fn from(error: CryptoError) -> Self {
        Self::Password(error.into())
    }
}

/// Why a session's token is of no use.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// It is no token of any session.
    #[error("there is no such session")]
    Unknown,
    /// Somebody has ended the session.
    #[error("the session was ended")]
    Ended,
    /// The session's time is over.
    #[error("the session has expired")]
    Expired,
    /// The user has no open session of this number.
    #[error("there is no open session {0}")]
    NotFound(SessionId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
