//! A key wrapped with a passphrase.

use super::KeySourceError;
use crate::hazmat::aead::{self, NONCE_LEN};
use crate::hazmat::kdf::{self, SALT_LEN};
use crate::hazmat::key_bytes::KeyBytes;
use crate::{Argon2Cost, MasterKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openalgo_core::port::{CryptoError, RandomSource};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version that is written; another layout would have another number.
const VERSION: u8 = 1;
/// What the ciphertext is bound to besides its key: nothing else of ours opens as a wrapped key.
const PURPOSE: &[u8] = b"openalgo/v1/wrapped master key";

/// A chosen passphrase has at least so many characters, without the blanks around it.
const FEWEST_CHARACTERS: usize = 12;

/// A master key encrypted with a passphrase, as it is written to a file.
///
/// Argon2id makes a key from the passphrase, AES-256-GCM wraps the master key with it. The file
/// is only as safe as the passphrase: whoever has it can try passphrases, each at the cost that
/// stands in it. A passphrase counts byte by byte, case and spaces included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    version: u8,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// Base64 of 16 random bytes.
    salt: String,
    /// Base64 of nonce, ciphertext and tag.
    sealed: String,
}

impl WrappedKey {
    /// Wraps a key with a passphrase that was chosen for it, which must be long enough: see
    /// [`examine_new_passphrase`]. Takes as long, and as much memory, as `cost` says.
    pub fn wrap(
        key: &MasterKey,
        passphrase: &SecretString,
        cost: Argon2Cost,
        random: &dyn RandomSource,
    ) -> Result<Self, KeySourceError> {
        examine_new_passphrase(passphrase)?;
        Self::seal(key, passphrase, cost, random)
    }

    /// Wraps another key with the same passphrase, which must open this one, at the same cost. Nothing is chosen
    /// here, so that a passphrase from before the rule on their length goes on.
    pub fn renew(
        &self,
        key: &MasterKey,
        passphrase: &SecretString,
        random: &dyn RandomSource,
    ) -> Result<Self, KeySourceError> {
        self.unwrap(passphrase)?;
        Self::seal(key, passphrase, self.cost(), random)
    }

    fn seal(
        key: &MasterKey,
        passphrase: &SecretString,
        cost: Argon2Cost,
        random: &dyn RandomSource,
    ) -> Result<Self, KeySourceError> {
        check_cost(cost)?;
        let mut salt = [0; SALT_LEN];
        random.fill(&mut salt)?;
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce)?;
        let wrapping = kdf::stretch(passphrase.expose_secret().as_bytes(), &salt, cost)?;
        let sealed =
            aead::seal(&wrapping, &nonce, PURPOSE, key.expose()).ok_or(CryptoError::Failed {
                operation: "wrapping the master key",
            })?;
        Ok(Self {
            version: VERSION,
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: cost.lanes,
            salt: STANDARD.encode(salt),
            sealed: STANDARD.encode([nonce.as_slice(), &sealed].concat()),
        })
    }

    /// Unwraps the key. Takes as long, and as much memory, as [`Self::wrap`] took.
    pub fn unwrap(&self, passphrase: &SecretString) -> Result<MasterKey, KeySourceError> {
        refuse_empty(passphrase)?;
        if self.version != VERSION {
            return Err(KeySourceError::WrappedKeyMalformed);
        }
        check_cost(self.cost())?;
        let salt = decode(&self.salt)?;
        let sealed = decode(&self.sealed)?;
        let (nonce, sealed) = sealed
            .split_first_chunk()
            .filter(|_| salt.len() == SALT_LEN)
            .ok_or(KeySourceError::WrappedKeyMalformed)?;
        let wrapping = kdf::stretch(passphrase.expose_secret().as_bytes(), &salt, self.cost())?;
        let key =
            aead::open(&wrapping, nonce, PURPOSE, sealed).ok_or(KeySourceError::PassphraseWrong)?;
        let key = KeyBytes::copy_of(&key).ok_or(KeySourceError::WrappedKeyMalformed)?;
        Ok(MasterKey::from_key(key)?)
    }

    fn cost(&self) -> Argon2Cost {
        Argon2Cost {
            memory_kib: self.memory_kib,
            passes: self.passes,
            lanes: self.lanes,
        }
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrappedKey")
            .field("version", &self.version)
            .field("cost", &self.cost())
            .finish_non_exhaustive()
    }
}

/// The rule for a passphrase that is chosen: 12 characters or more, without the blanks around it.
///
/// Whoever copies the file can try passphrases for ever, so that a short one protects nothing.
/// [`WrappedKey::wrap`] asks this; a program may ask earlier, before it begins a change.
pub fn examine_new_passphrase(passphrase: &SecretString) -> Result<(), KeySourceError> {
    refuse_empty(passphrase)?;
    if passphrase.expose_secret().trim().chars().count() < FEWEST_CHARACTERS {
        return Err(KeySourceError::PassphraseShort {
            fewest: FEWEST_CHARACTERS,
        });
    }
    Ok(())
}

fn refuse_empty(passphrase: &SecretString) -> Result<(), KeySourceError> {
    if passphrase.expose_secret().is_empty() {
        return Err(KeySourceError::PassphraseEmpty);
    }
    Ok(())
}

/// Refuses a cost that would exhaust the machine, or that Argon2 does not know.
fn check_cost(cost: Argon2Cost) -> Result<(), KeySourceError> {
    if !kdf::is_bounded(cost) {
        return Err(KeySourceError::WrappedKeyTooCostly {
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: cost.lanes,
        });
    }
    match kdf::argon2id(cost) {
        Ok(_) => Ok(()),
        Err(_) => Err(KeySourceError::WrappedKeyMalformed),
    }
}

fn decode(text: &str) -> Result<Vec<u8>, KeySourceError> {
    let bytes = STANDARD.decode(text);
    bytes.map_err(|_reason| KeySourceError::WrappedKeyMalformed)
}
