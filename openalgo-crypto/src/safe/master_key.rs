//! The one key of a data folder, and the keys that come from it.

use super::{ControlKey, DatabaseKey, FieldKey, JournalKey};
use crate::hazmat::key_bytes::KeyBytes;
use crate::hazmat::{hex, kdf};
use openalgo_core::port::{CryptoError, RandomSource};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use subtle::ConstantTimeEq;

/// How many hex digits of the derived check are shown: enough that two keys do not share them by
/// accident.
const CHECK_DIGITS: usize = 16;

/// The one key of a data folder. Lose it and everything in the folder is lost.
///
/// The keys that do the work are derived from it (HKDF-SHA256, one label each), so that none of
/// them gives away another. It is wiped from memory at the end; drop it as soon as the keys are
/// handed out.
pub struct MasterKey {
    key: KeyBytes,
    database: KeyBytes,
    field: KeyBytes,
    field_id: u8,
    journal: KeyBytes,
    control: KeyBytes,
    check: String,
}

impl MasterKey {
    /// Makes a fresh key.
    pub fn make(random: &dyn RandomSource) -> Result<Self, CryptoError> {
        KeyBytes::try_fill(|key| random.fill(key)).and_then(Self::from_key)
    }

    /// Reads a key from its 64 hex digits.
    pub fn from_hex(digits: &SecretString) -> Result<Self, CryptoError> {
        Self::from_digits(digits.expose_secret().as_bytes())
    }

    pub(crate) fn from_digits(digits: &[u8]) -> Result<Self, CryptoError> {
        let key = hex::decode_key(digits).and_then(|key| KeyBytes::copy_of(&*key));
        let malformed = CryptoError::Malformed {
            what: "the master key",
        };
        Self::from_key(key.ok_or(malformed)?)
    }

    pub(crate) fn from_key(key: KeyBytes) -> Result<Self, CryptoError> {
        // A label names its purpose and its version for ever: another label is another key, and
        // what was encrypted before could no longer be read.
        let derive = |label| kdf::derive(key.expose(), label);
        let [field_id, ..] = *derive(b"openalgo/v1/field key id")?.expose();
        let check = derive(b"openalgo/v1/check value")?;
        let digits = hex::encode(check.expose());
        Ok(Self {
            database: derive(b"openalgo/v1/database key")?,
            field: derive(b"openalgo/v1/field key")?,
            field_id,
            journal: derive(b"openalgo/v1/journal key")?,
            control: derive(b"openalgo/v1/control key")?,
            check: digits.expose_secret().chars().take(CHECK_DIGITS).collect(),
            key,
        })
    }

    /// The key as 64 hex digits, for the place that keeps it.
    pub fn to_hex(&self) -> SecretString {
        hex::encode(self.key.expose())
    }

    /// The key of the database file.
    pub fn database_key(&self) -> DatabaseKey {
        DatabaseKey::new(self.database.clone())
    }

    /// The key of single encrypted fields.
    pub fn field_key(&self) -> FieldKey {
        FieldKey::new(self.field_id, self.field.clone())
    }

    /// The key of the order journal's chain.
    pub fn journal_key(&self) -> JournalKey {
        JournalKey::new(self.journal.clone())
    }

    /// The key with which processes prove to each other that they hold this key.
    pub fn control_key(&self) -> ControlKey {
        ControlKey::new(self.control.clone())
    }

    /// Sixteen hex digits to keep in clear beside the database: they tell a wrong key from a
    /// damaged file before the database is tried.
    ///
    /// They are public. They come from the key by a one-way function of their own and say nothing
    /// about it or about the keys derived from it.
    pub fn check_value(&self) -> String {
        self.check.clone()
    }

    /// Whether `check_value` belongs to this key; takes the same time for every value.
    pub fn matches_check(&self, check_value: &str) -> bool {
        self.check.as_bytes().ct_eq(check_value.as_bytes()).into()
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.key.expose()
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.key.is_same(&other.key)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([REDACTED])")
    }
}
