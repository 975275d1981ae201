//! People with an account in this installation.

use crate::id::{BrokerName, Email, UserId, Username};
use crate::market::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use thiserror::Error;

/// The PHC string of an Argon2id hash. Not a secret like a password, yet nothing to print.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Box<str>);

impl PasswordHash {
    /// Wraps a PHC string.
    pub fn new(phc: &str) -> Self {
        Self(phc.into())
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash([REDACTED])")
    }
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// Row number.
    pub id: UserId,
    /// Login name.
    pub username: Username,
    /// E-mail address.
    pub email: Email,
    /// Hash of the password.
    pub password_hash: PasswordHash,
    /// Secret of the second factor, if enrolled.
    pub totp_secret: Option<SecretString>,
    /// The time step of the last one-time code that was accepted; it and those before it are used.
    pub totp_step: Option<u64>,
    /// Whether this is the owner of the installation.
    pub is_admin: bool,
    /// The broker that live orders go to, chosen by hand; `None` refuses live orders.
    pub order_broker: Option<BrokerName>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Login name.
    pub username: Username,
    /// E-mail address.
    pub email: Email,
    /// Hash of the password.
    pub password_hash: PasswordHash,
    /// Whether it owns the installation.
    pub is_admin: bool,
}

/// What a password lacks; the texts are those existing frontends show
/// (`docs/vocabulary.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordRule {
    /// Shorter than eight characters.
    #[error("Password must be at least 8 characters long")]
    Length,
    /// No upper case letter.
    #[error("Password must contain at least 1 uppercase letter (A-Z)")]
    Uppercase,
    /// No lower case letter.
    #[error("Password must contain at least 1 lowercase letter (a-z)")]
    Lowercase,
    /// No digit.
    #[error("Password must contain at least 1 number (0-9)")]
    Digit,
    /// No special character.
    #[error("Password must contain at least 1 special character (!@#$%^&*)")]
    Special,
}

/// Checks a password against the rules, in the order in which they are shown.
pub fn check_password(password: &SecretString) -> Result<(), PasswordRule> {
    let text = password.expose_secret();
    let has = |accepts: fn(char) -> bool| text.chars().any(accepts);
    let rules = [
        (text.chars().count() >= 8, PasswordRule::Length),
        (has(|c| c.is_ascii_uppercase()), PasswordRule::Uppercase),
        (has(|c| c.is_ascii_lowercase()), PasswordRule::Lowercase),
        (has(|c| c.is_ascii_digit()), PasswordRule::Digit),
        (has(|c| "!@#$%^&*".contains(c)), PasswordRule::Special),
    ];
    match rules.iter().find(|(kept, _)| !kept) {
        Some((_, broken)) => Err(*broken),
        None => Ok(()),
    }
}
