//! The proof that two processes hold the key of the same data folder.

use crate::hazmat::key_bytes::KeyBytes;
use crate::hazmat::mac;
use subtle::ConstantTimeEq;

/// The key with which a process proves that it holds the key of a data folder. Wiped from memory
/// at the end.
#[derive(Debug, Clone)]
pub struct ControlKey(KeyBytes);

impl ControlKey {
    pub(crate) fn new(key: KeyBytes) -> Self {
        Self(key)
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
