//! The unguessable part of a webhook's address.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The part of a webhook's address that nobody can guess. Who knows it can send alerts, so it is
/// never shown but to the strategy's owner.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(Box<str>);

/// A text that is no webhook id; the text itself may be a secret and is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a webhook id must be 16 to 64 of a-z, A-Z, 0-9, '-' and '_'")]
pub struct WebhookIdError;

impl WebhookId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebhookId {
    type Err = WebhookIdError;

    fn from_str(text: &str) -> Result<Self, WebhookIdError> {
        let is_word = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if is_word && (16..=64).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(WebhookIdError)
        }
    }
}

impl fmt::Debug for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookId([REDACTED])")
    }
}
