//! The proof that two processes hold the key of the same data folder.

use crate::hazmat::key_bytes::KeyBytes;
use crate::hazmat::{hex, mac};
use openalgo_core::port::{CryptoError, RandomSource};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The key with which a process proves that it holds the key of a data folder. Wiped from memory
/// at the end.
#[derive(Debug, Clone)]
pub struct ControlKey(KeyBytes);

impl ControlKey {
    pub(crate) fn new(key: KeyBytes) -> Self {
        Self(key)
    }

    /// Makes a key that belongs to no data folder: whoever gets it may speak for as long as the
    /// other side accepts it.
    pub fn make(random: &dyn RandomSource) -> Result<Self, CryptoError> {
        KeyBytes::try_fill(|key| random.fill(key)).map(Self)
    }

    /// Reads a key from its 64 hex digits.
    pub fn from_hex(digits: &SecretString) -> Result<Self, CryptoError> {
        let key = hex::decode_key(digits.expose_secret().as_bytes());
        let key = key.and_then(|key| KeyBytes::copy_of(&*key));
        let malformed = CryptoError::Malformed {
            what: "the control key",
        };
        key.map(Self).ok_or(malformed)
    }

    /// The key as 64 hex digits, for the place from which the other side takes it.
    pub fn to_hex(&self) -> SecretString {
        hex::encode(self.0.expose())
    }

    /// Proves that the key is at hand (HMAC-SHA256 of all parts).
    ///
    /// Each part is preceded by its length, so that moving a letter from one part to the next
    /// changes the proof. The proof is good for exactly these parts, for ever: one of them must be
    /// a challenge that the other side made up, and one must say which side speaks.
    pub fn prove(&self, context: &[&[u8]]) -> [u8; 32] {
        let mut code = mac::start(&self.0);
        for part in context {
            mac::add_field(&mut code, part);
        }
        mac::finish(code)
    }

    /// Whether `proof` was made with this key for these parts; takes the same time for every
    /// proof.
    pub fn verify(&self, context: &[&[u8]], proof: &[u8; 32]) -> bool {
        self.prove(context).ct_eq(proof).into()
    }
}
