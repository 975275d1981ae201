//! The key of the database file.

use crate::hazmat::hex;
use crate::hazmat::key_bytes::KeyBytes;
use secrecy::SecretString;

/// The key that encrypts the database file. Wiped from memory at the end.
#[derive(Debug)]
pub struct DatabaseKey(KeyBytes);

impl DatabaseKey {
    pub(crate) fn new(key: KeyBytes) -> Self {
        Self(key)
    }

    /// The key as 64 hex digits, which is how the database takes a raw key.
    pub fn to_hex(&self) -> SecretString {
        hex::encode(self.0.expose())
    }
}
