//! What the rest of the program asks of cryptography, without knowing an algorithm.
//!
//! These traits are synchronous: hashing a password takes a tenth of a second of one core, so
//! callers on an async runtime hand it to a blocking thread.

#![expect(
    clippy::elidable_lifetime_names,
    reason = "the macro that writes the mocks needs their names"
)]

use crate::account::PasswordHash;
use crate::market::Timestamp;
use secrecy::SecretString;
use std::fmt;
use thiserror::Error;

/// Why a cryptographic operation failed. Never says anything about the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The operating system gave no random bytes.
    #[error("the operating system provides no random numbers")]
    NoRandomness,
    /// A sealed text, hash or secret does not have the form it must have.
    #[error("{what} is malformed")]
    Malformed {
        /// What was read.
        what: &'static str,
    },
    /// What stands in a sealed field is no sealed text.
    #[error("{table}.{column} is no sealed text")]
    NotSealed {
        /// Table of the field.
        table: &'static str,
        /// Column of the field.
        column: &'static str,
    },
    /// A sealed text does not belong here: it was changed, moved, or sealed with another key.
    #[error("{table}.{column} was altered, moved from another row, or sealed with another key")]
    NotAuthentic {
        /// Table of the field.
        table: &'static str,
        /// Column of the field.
        column: &'static str,
    },
    /// The algorithm refused its input.
    #[error("{operation} failed")]
    Failed {
        /// What was tried.
        operation: &'static str,
    },
}

/// Random bytes that nobody can guess.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
pub trait RandomSource: fmt::Debug + Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), CryptoError>;
}

/// What came of checking a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// The password is wrong.
    Wrong,
    /// The password is right.
    Right,
    /// The password is right, and its hash was made with other parameters than are used now:
    /// hash it again and keep the new hash.
    RightButOutdated,
}

/// Hashes passwords so that a stolen hash does not give them away.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
pub trait PasswordHasher: fmt::Debug + Send + Sync {
    /// Hashes a password with a fresh salt.
    fn hash(&self, password: &SecretString) -> Result<PasswordHash, CryptoError>;

    /// Checks a password against a hash.
    fn verify(
        &self,
        password: &SecretString,
        hash: &PasswordHash,
    ) -> Result<PasswordVerdict, CryptoError>;
}

/// Makes and verifies API keys.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
pub trait KeyVerifier: fmt::Debug + Send + Sync {
    /// A fresh key: 64 hex digits from 32 random bytes.
    fn make_key(&self) -> Result<SecretString, CryptoError>;

    /// The hash under which a key is kept.
    fn hash(&self, key: &SecretString) -> Result<PasswordHash, CryptoError>;

    /// Whether a key belongs to a hash.
    fn verify(&self, key: &SecretString, hash: &PasswordHash) -> Result<bool, CryptoError>;
}

/// A one-time code presented for a secret.
#[derive(Debug, Clone, Copy)]
pub struct TotpAttempt<'a> {
    /// The user's secret in base 32.
    pub secret: &'a SecretString,
    /// The six digits as typed.
    pub code: &'a SecretString,
    /// When it was presented.
    pub at: Timestamp,
    /// The step of the last code that was accepted; steps up to it are refused.
    pub used: Option<u64>,
}

/// Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
pub trait Totp: fmt::Debug + Send + Sync {
    /// A fresh secret in base 32.
    fn make_secret(&self) -> Result<SecretString, CryptoError>;

    /// The address that an authenticator app reads, usually from a QR code.
    fn enrolment_uri(&self, secret: &SecretString, user: &str)
    -> Result<SecretString, CryptoError>;

    /// Checks a code; one step of clock drift either way is allowed.
    ///
    /// Gives the time step the code belongs to, or `None` for a code that is wrong or used. Keep
    /// the step as the next attempt's `used`: it makes the code useless after its first use.
    fn check<'a>(&self, attempt: TotpAttempt<'a>) -> Result<Option<u64>, CryptoError>;
}

/// Where a sealed field lives. A ciphertext opens only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldPlace<'a> {
    /// Table of the field.
    pub table: &'static str,
    /// Column of the field.
    pub column: &'static str,
    /// Natural key of the row, known before the row is inserted.
    pub row: &'a str,
}

/// Seals single fields with authenticated encryption.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
pub trait Sealer: fmt::Debug + Send + Sync {
    /// Encrypts a secret for one place.
    fn seal<'a>(&self, place: FieldPlace<'a>, secret: &SecretString)
    -> Result<String, CryptoError>;

    /// Decrypts what was sealed for the same place.
    fn open<'a>(&self, place: FieldPlace<'a>, sealed: &str) -> Result<SecretString, CryptoError>;
}
