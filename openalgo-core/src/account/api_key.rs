//! The main API key of a user.

use super::PasswordHash;
use crate::id::UserId;
use crate::market::Timestamp;
use crate::order::OrderMode;
use secrecy::SecretString;

/// A user's API key as kept: a hash to verify it and a sealed copy to show it to its owner.
#[derive(Debug, Clone)]
pub struct ApiKeyRecord {
    /// Whose key.
    pub user: UserId,
    /// Hash for verification.
    pub key_hash: PasswordHash,
    /// The key itself, opened from its sealed copy.
    pub key: SecretString,
    /// Whether orders with it go out at once.
    pub order_mode: OrderMode,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key to be kept in place of the user's present one.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Whose key.
    pub user: UserId,
    /// Hash for verification.
    pub key_hash: PasswordHash,
    /// The key itself; the repository seals it.
    pub key: SecretString,
}
