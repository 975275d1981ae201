//! Named API keys beside a user's main one.

use super::PasswordHash;
use crate::id::{ApiTokenId, KeyPrefix, TokenName, UserId};
use crate::market::Timestamp;
use crate::wire::{UnknownWord, wire_enum};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

wire_enum! {
    /// What a named key may be used for. None includes another.
    pub enum ApiScope as "scope" {
        /// Looking at the account and the market.
        Read = "read",
        /// Placing, changing and cancelling orders.
        Trade = "trade",
    }
}

/// Everything that a named key may be used for: at least one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiScopes(BTreeSet<ApiScope>);

/// Scopes that no key can have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// There is none.
    #[error("a key needs at least one scope: {}", ApiScope::WORDS.join(", "))]
    Missing,
    /// One is not known.
    #[error(transparent)]
    Unknown(#[from] UnknownWord),
}

impl ApiScopes {
    /// Takes at least one scope.
    pub fn try_new(scopes: impl IntoIterator<Item = ApiScope>) -> Result<Self, ScopeError> {
        let scopes: BTreeSet<_> = scopes.into_iter().collect();
        if scopes.is_empty() {
            return Err(ScopeError::Missing);
        }
        Ok(Self(scopes))
    }

    /// Whether a key with these scopes may be used so.
    pub fn allow(&self, scope: ApiScope) -> bool {
        self.0.contains(&scope)
    }
}

impl fmt::Display for ApiScopes {
    /// The stored form: the words with blanks between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.pad(&words.join(" "))
    }
}

impl FromStr for ApiScopes {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let scopes: Vec<_> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, UnknownWord>>()?;
        Self::try_new(scopes)
    }
}

/// A named key as kept: a hash to verify it and a sealed copy to show it to its owner.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// Row number.
    pub id: ApiTokenId,
    /// Whose key.
    pub user: UserId,
    /// Its name, unique for the user.
    pub name: TokenName,
    /// How it begins.
    pub prefix: KeyPrefix,
    /// Hash for verification.
    pub key_hash: PasswordHash,
    /// The key itself, opened from its sealed copy.
    pub key: SecretString,
    /// What it may be used for.
    pub scopes: ApiScopes,
    /// From when on it is refused, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ApiToken {
    /// Whether the key has not run out at `now`.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// A named key to be kept.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// Whose key.
    pub user: UserId,
    /// Its name.
    pub name: TokenName,
    /// Hash for verification.
    pub key_hash: PasswordHash,
    /// The key itself; the repository seals it.
    pub key: SecretString,
    /// What it may be used for.
    pub scopes: ApiScopes,
    /// From when on it is refused, if ever.
    pub expires_at: Option<Timestamp>,
}

impl KeyPrefix {
    /// How a key begins; `None` for a text that is no key.
    pub fn of(key: &SecretString) -> Option<Self> {
        let start = key.expose_secret().get(..8)?;
        // The error would show the text, which may be most of a short secret.
        Self::try_new(start).ok()
    }
}
