//! Single encrypted fields.

use crate::hazmat::aead::{self, NONCE_LEN};
use crate::hazmat::key_bytes::KeyBytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openalgo_core::port::{CryptoError, FieldPlace, RandomSource, Sealer};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// First byte of every sealed text; another layout would have another number.
const VERSION: u8 = 1;

/// The key of single encrypted fields. Wiped from memory at the end.
#[derive(Debug, Clone)]
pub struct FieldKey {
    /// A byte of a one-way function of the master key: it stands in every sealed text and tells
    /// most texts of another key at a glance.
    id: u8,
    key: KeyBytes,
}

impl FieldKey {
    pub(crate) fn new(id: u8, key: KeyBytes) -> Self {
        Self { id, key }
    }
}

/// Seals single fields with AES-256-GCM.
///
/// A sealed text is the base64 of `version(1) ‖ key id(1) ‖ nonce(12) ‖ ciphertext ‖ tag(16)`.
/// Version, key id, table, column and row are authenticated with it: a text that was altered, or
/// moved to another row or column, does not open. Nonces are random, so one key must seal far
/// fewer than 2³² texts; a data folder seals a few a day.
#[derive(Debug)]
pub struct FieldSealer {
    key: FieldKey,
    random: Arc<dyn RandomSource>,
}

impl FieldSealer {
    /// A sealer for one key.
    pub fn new(key: FieldKey, random: Arc<dyn RandomSource>) -> Self {
        Self { key, random }
    }

    /// What the tag covers besides the text. Lengths come first, so that no two places read alike.
    fn associated_data(&self, place: FieldPlace<'_>) -> Vec<u8> {
        let mut data = vec![VERSION, self.key.id];
        for part in [place.table, place.column, place.row] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            data.extend_from_slice(&length.to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

impl Sealer for FieldSealer {
    fn seal(&self, place: FieldPlace<'_>, secret: &SecretString) -> Result<String, CryptoError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce)?;
        let text = secret.expose_secret().as_bytes();
        let sealed = aead::seal(&self.key.key, &nonce, &self.associated_data(place), text).ok_or(
            CryptoError::Failed {
                operation: "sealing a field",
            },
        )?;
        let mut bytes = vec![VERSION, self.key.id];
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(STANDARD.encode(bytes))
    }

    fn open(&self, place: FieldPlace<'_>, sealed: &str) -> Result<SecretString, CryptoError> {
        let FieldPlace { table, column, .. } = place;
        let not_sealed = CryptoError::NotSealed { table, column };
        let not_authentic = CryptoError::NotAuthentic { table, column };
        // The reason would name bytes of what stands there.
        let Ok(bytes) = STANDARD.decode(sealed) else {
            return Err(not_sealed);
        };
        let Some(([VERSION, key_id], rest)) = bytes.split_first_chunk() else {
            return Err(not_sealed);
        };
        let Some((nonce, sealed)) = rest.split_first_chunk() else {
            return Err(not_sealed);
        };
        if *key_id != self.key.id {
            return Err(not_authentic);
        }
        let text = aead::open(&self.key.key, nonce, &self.associated_data(place), sealed)
            .ok_or(not_authentic)?;
        // Copied once, into a text of exactly its length; the buffer is wiped.
        str::from_utf8(&text).map_or(Err(not_sealed), |text| Ok(text.into()))
    }
}
