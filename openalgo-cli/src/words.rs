//! Words that people may type in lower case.

use std::str::FromStr;

/// Reads a word of the vocabulary, whose words are all in upper case.
pub(crate) fn upper<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.to_ascii_uppercase().parse()
}
