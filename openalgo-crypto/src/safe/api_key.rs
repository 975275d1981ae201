//! API keys.

use super::{Argon2Cost, Argon2Hasher};
use crate::hazmat::hex;
use openalgo_core::account::PasswordHash;
use openalgo_core::port::{
    CryptoError, KeyVerifier, PasswordHasher, PasswordVerdict, RandomSource,
};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Makes API keys of 64 hex digits and verifies them against their Argon2id hashes.
///
/// Each verification costs a run of Argon2id: callers remember what they verified.
#[derive(Debug)]
pub struct ApiKeys {
    random: Arc<dyn RandomSource>,
    hasher: Argon2Hasher,
}

impl ApiKeys {
    /// Keys whose hashes cost `cost`.
    pub fn new(random: Arc<dyn RandomSource>, cost: Argon2Cost) -> Self {
        Self {
            hasher: Argon2Hasher::new(Arc::clone(&random), cost),
            random,
        }
    }
}

impl KeyVerifier for ApiKeys {
    fn make_key(&self) -> Result<SecretString, CryptoError> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.random.fill(&mut *bytes)?;
        Ok(hex::encode(&*bytes))
    }

    fn hash(&self, key: &SecretString) -> Result<PasswordHash, CryptoError> {
        if !is_key(key) {
            return Err(CryptoError::Malformed { what: "an API key" });
        }
        self.hasher.hash(key)
    }

    /// A text that cannot be a key is refused without the cost of a hash.
    fn verify(&self, key: &SecretString, hash: &PasswordHash) -> Result<bool, CryptoError> {
        Ok(is_key(key) && self.hasher.verify(key, hash)? != PasswordVerdict::Wrong)
    }
}

fn is_key(key: &SecretString) -> bool {
    hex::decode_key(key.expose_secret().as_bytes()).is_some()
}
