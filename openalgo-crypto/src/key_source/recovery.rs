//! A key on paper, for the day on which the place of the master key is lost.

mod text;

use super::KeySourceError;
use crate::MasterKey;
use crate::hazmat::aead::{self, NONCE_LEN};
use crate::hazmat::kdf;
use crate::hazmat::key_bytes::KeyBytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openalgo_core::port::{CryptoError, RandomSource};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version that is written; another layout would have another number.
const VERSION: u8 = 1;
/// What the ciphertext is bound to besides its key: nothing else of ours opens as this.
const PURPOSE: &[u8] = b"openalgo/v1/master key wrapped for recovery";

/// 32 random bytes that people keep on paper. Wiped from memory at the end.
///
/// As text they are 14 groups of five letters and digits (Crockford's base 32), each with a letter
/// of its own that shows a slip of the pen, and one checksum over all of them.
pub struct RecoveryKey(KeyBytes);

impl RecoveryKey {
    /// Makes a fresh key.
    pub fn make(random: &dyn RandomSource) -> Result<Self, CryptoError> {
        KeyBytes::try_fill(|key| random.fill(key)).map(Self)
    }

    /// Reads what somebody typed. Case, spaces, hyphens and line breaks do not count; O is read as
    /// 0, and I and L as 1. Says which group is wrong.
    pub fn parse(typed: &SecretString) -> Result<Self, KeySourceError> {
        let parts = text::decode(typed.expose_secret())?;
        let key = KeyBytes::copy_of(parts.key()).ok_or(KeySourceError::RecoveryKeyUnlike)?;
        let key = Self(key);
        if key.checksum()? == parts.checksum() {
            Ok(key)
        } else {
            Err(KeySourceError::RecoveryKeyUnlike)
        }
    }

    /// The text for the paper. The key is gone afterwards: it is shown once.
    pub fn into_text(self) -> Result<SecretString, CryptoError> {
        Ok(text::encode(self.0.expose(), self.checksum()?))
    }

    fn checksum(&self) -> Result<[u8; text::CHECKSUM], CryptoError> {
        let derived = kdf::derive(self.0.expose(), b"openalgo/v1/recovery key checksum")?;
        let [first, second, third, ..] = *derived.expose();
        Ok([first, second, third])
    }

    /// The key has full entropy, so that nothing needs to be stretched.
    fn wrapping(&self) -> Result<KeyBytes, CryptoError> {
        kdf::derive(self.0.expose(), b"openalgo/v1/recovery wrapping key")
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey([REDACTED])")
    }
}

/// A master key encrypted with a recovery key, as it is written to a file.
///
/// HKDF-SHA256 makes a key from the recovery key, AES-256-GCM wraps the master key with it.
/// Whoever has the file has nothing without the paper.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryWrap {
    version: u8,
    /// Base64 of nonce, ciphertext and tag.
    sealed: String,
}

impl RecoveryWrap {
    /// Wraps a key.
    pub fn wrap(
        key: &MasterKey,
        recovery: &RecoveryKey,
        random: &dyn RandomSource,
    ) -> Result<Self, KeySourceError> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce)?;
        let sealed = aead::seal(&recovery.wrapping()?, &nonce, PURPOSE, key.expose()).ok_or(
            CryptoError::Failed {
                operation: "wrapping the master key for recovery",
            },
        )?;
        Ok(Self {
            version: VERSION,
            sealed: STANDARD.encode([nonce.as_slice(), &sealed].concat()),
        })
    }

    /// Unwraps the key.
    pub fn unwrap(&self, recovery: &RecoveryKey) -> Result<MasterKey, KeySourceError> {
        if self.version != VERSION {
            return Err(KeySourceError::WrappedKeyMalformed);
        }
        let sealed = STANDARD.decode(&self.sealed);
        let sealed = sealed.map_err(|_reason| KeySourceError::WrappedKeyMalformed)?;
        let (nonce, sealed) = sealed
            .split_first_chunk()
            .ok_or(KeySourceError::WrappedKeyMalformed)?;
        let key = aead::open(&recovery.wrapping()?, nonce, PURPOSE, sealed)
            .ok_or(KeySourceError::RecoveryKeyWrong)?;
        let key = KeyBytes::copy_of(&key).ok_or(KeySourceError::WrappedKeyMalformed)?;
        Ok(MasterKey::from_key(key)?)
    }
}

impl fmt::Debug for RecoveryWrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryWrap")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
