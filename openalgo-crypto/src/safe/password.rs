//! Passwords.

use crate::hazmat::kdf;
use argon2::password_hash::phc;
use argon2::{
    ARGON2ID_IDENT, Params, PasswordHasher as _, PasswordVerifier as _, Version, password_hash,
};
use openalgo_core::account::PasswordHash;
use openalgo_core::port::{CryptoError, PasswordHasher, PasswordVerdict, RandomSource};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// What one run of Argon2id costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes that could be filled side by side.
    pub lanes: u32,
}

impl Argon2Cost {
    /// For logins: RFC 9106's choice where memory is scarce, about 0.14 s of one core.
    pub const LOGIN: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 4,
    };

    /// For the passphrase that protects the master key, entered once per start: about 0.5 s.
    pub const PASSPHRASE: Self = Self {
        memory_kib: 256 * 1024,
        passes: 3,
        lanes: 1,
    };

    /// For API keys, which nobody can guess anyhow: the least that OWASP accepts, about 0.02 s.
    pub const API_KEY: Self = Self {
        memory_kib: 19 * 1024,
        passes: 2,
        lanes: 1,
    };

    /// For tests only: protects nothing.
    pub const TEST: Self = Self {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
}

/// Hashes passwords with Argon2id.
///
/// There is no pepper. It would have to come from the master key, and then changing that key
/// would make every login fail until each user sets a new password; and the hashes lie in a file
/// encrypted with that very key, so who can read them has the pepper too.
///
/// Each call takes the memory that its cost names: callers bound how many run at once.
#[derive(Debug)]
pub struct Argon2Hasher {
    random: Arc<dyn RandomSource>,
    cost: Argon2Cost,
}

impl Argon2Hasher {
    /// A hasher that makes hashes of this cost, and verifies hashes of any reasonable cost.
    pub fn new(random: Arc<dyn RandomSource>, cost: Argon2Cost) -> Self {
        Self { random, cost }
    }

    fn is_outdated(&self, hash: &phc::PasswordHash, params: &Params) -> bool {
        let current = kdf::argon2id(self.cost);
        let is_current = current.is_ok_and(|current| current.params() == params);
        !is_current || hash.version != Some(Version::V0x13.into())
    }
}

impl PasswordHasher for Argon2Hasher {
    fn hash(&self, password: &SecretString) -> Result<PasswordHash, CryptoError> {
        const FAILED: CryptoError = CryptoError::Failed {
            operation: "hashing a password",
        };
        let mut salt = [0; kdf::SALT_LEN];
        self.random.fill(&mut salt)?;
        let hash = kdf::argon2id(self.cost)
            .map_err(|_reason| FAILED)?
            .hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
            .map_err(|_reason| FAILED)?;
        Ok(PasswordHash::new(&hash.to_string()))
    }

    fn verify(
        &self,
        password: &SecretString,
        hash: &PasswordHash,
    ) -> Result<PasswordVerdict, CryptoError> {
        let (hash, params) = parse(hash).ok_or(CryptoError::Malformed {
            what: "a password hash",
        })?;
        let argon2 = argon2::Argon2::default();
        match argon2.verify_password(password.expose_secret().as_bytes(), &hash) {
            Ok(()) if self.is_outdated(&hash, &params) => Ok(PasswordVerdict::RightButOutdated),
            Ok(()) => Ok(PasswordVerdict::Right),
            Err(password_hash::Error::PasswordInvalid) => Ok(PasswordVerdict::Wrong),
            Err(_) => Err(CryptoError::Failed {
                operation: "verifying a password",
            }),
        }
    }
}

/// Reads a whole Argon2id hash of reasonable cost.
fn parse(hash: &PasswordHash) -> Option<(phc::PasswordHash, Params)> {
    let hash = phc::PasswordHash::new(hash.as_str()).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let cost = Argon2Cost {
        memory_kib: params.m_cost(),
        passes: params.t_cost(),
        lanes: params.p_cost(),
    };
    let is_whole = hash.algorithm == ARGON2ID_IDENT && hash.salt.is_some() && hash.hash.is_some();
    (is_whole && kdf::is_bounded(cost)).then_some((hash, params))
}
