//! The token of a session: 64 hex digits, of which the first ones find the session.

use openalgo_core::id::SessionTokenId;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// Digits that find the session; the 48 others are its secret.
const ID_DIGITS: usize = 16;
/// Digits of a whole token.
const DIGITS: usize = 64;

/// The two parts of a token; `None` for a text that is none.
pub(super) fn parts(token: &SecretString) -> Option<(SessionTokenId, SecretString)> {
    let text = token.expose_secret();
    let is_token = text.len() == DIGITS && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let (id, secret) = text.split_at_checked(ID_DIGITS).filter(|_| is_token)?;
    Some((SessionTokenId::try_new(id).ok()?, secret.into()))
}

/// Whether two secrets are the same, in a time that does not say where they differ.
pub(super) fn is_same(one: &SecretString, other: &SecretString) -> bool {
    let (one, other) = (one.expose_secret(), other.expose_secret());
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
