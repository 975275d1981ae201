//! Why somebody decided so.

use crate::text::is_line;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// Why somebody decided so, in their own words, for whoever asks later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(Box<str>);

/// A text that cannot be a reason.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a reason must be one line of 1 to {LONGEST_REASON} characters, without invisible ones")]
pub struct ReasonError;

impl Reason {
    /// Takes a text of one line.
    pub fn try_new(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        if (1..=LONGEST_REASON).contains(&text.chars().count()) && is_line(text) {
            Ok(Self(text.into()))
        } else {
            Err(ReasonError)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Reason {
    type Err = ReasonError;

    fn from_str(text: &str) -> Result<Self, ReasonError> {
        Self::try_new(text)
    }
}

impl TryFrom<String> for Reason {
    type Error = ReasonError;

    fn try_from(text: String) -> Result<Self, ReasonError> {
        Self::try_new(&text)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0.into()
    }
}
