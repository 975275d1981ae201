//! The whole crate from outside: published vectors, misuse, and what must never be shown.

#[cfg(test)]
mod api_key;
#[cfg(test)]
mod control;
#[cfg(test)]
mod credential;
#[cfg(test)]
mod field;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod key_file;
#[cfg(test)]
mod master_key;
#[cfg(test)]
mod new_password;
#[cfg(test)]
mod password;
#[cfg(test)]
mod recovery_key;
#[cfg(test)]
mod redaction;
#[cfg(test)]
mod totp;
#[cfg(test)]
mod wrapped_key;

#[cfg(test)]
use {
    openalgo_core::port::{CryptoError, RandomSource},
    openalgo_core::testing::FakeRandom,
    openalgo_crypto::MasterKey,
    secrecy::SecretString,
    std::sync::Arc,
};

/// Random bytes that are the same in every run.
#[cfg(test)]
fn random() -> Arc<FakeRandom> {
    Arc::new(FakeRandom::default())
}

/// A text as a secret.
#[cfg(test)]
fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// The master key that is the same byte 32 times.
#[cfg(test)]
fn key_of(byte: u8) -> MasterKey {
    MasterKey::from_hex(&secret(&format!("{byte:02x}").repeat(32))).unwrap()
}

/// A source that gives the same byte for ever.
#[cfg(test)]
#[derive(Debug)]
struct Stuck(u8);

#[cfg(test)]
impl RandomSource for Stuck {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), CryptoError> {
        bytes.fill(self.0);
        Ok(())
    }
}

/// A source that gives nothing.
#[cfg(test)]
#[derive(Debug)]
struct Empty;

#[cfg(test)]
impl RandomSource for Empty {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::NoRandomness)
    }
}
