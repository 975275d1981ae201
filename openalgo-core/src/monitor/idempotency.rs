//! Requests that carry an id of their sender: sent twice, they are one request.

use chrono::Duration;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// For how long the id of a sender is remembered; then it may be used again.
pub const REMEMBERED: Duration = Duration::days(7);

/// A hash of everything in a request that matters, the trading mode included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyHash([u8; 32]);

/// A text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a hash of a request must be 64 hex digits")]
pub struct BodyHashError;

impl BodyHash {
    /// Wraps the bytes of a SHA-256 hash.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for BodyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for BodyHash {
    type Err = BodyHashError;

    fn from_str(text: &str) -> Result<Self, BodyHashError> {
        let is_hex = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(is_hex) {
            return Err(BodyHashError);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_no_text| BodyHashError)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_no_hex| BodyHashError)?;
        }
        Ok(Self(bytes))
    }
}
