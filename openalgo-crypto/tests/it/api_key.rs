//! API keys.

use crate::{Empty, random, secret};
use openalgo_core::account::PasswordHash;
use openalgo_core::port::{CryptoError, KeyVerifier};
use openalgo_crypto::{ApiKeys, Argon2Cost};
use secrecy::ExposeSecret;
use std::sync::Arc;

fn api_keys() -> ApiKeys {
    ApiKeys::new(random(), Argon2Cost::TEST)
}

#[test]
fn a_key_is_64_hex_digits_and_never_the_same() {
    let keys = api_keys();
    let first = keys.make_key().unwrap();
    assert_eq!(first.expose_secret().len(), 64);
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    assert!(first.expose_secret().chars().all(is_digit));
    assert_ne!(
        first.expose_secret(),
        keys.make_key().unwrap().expose_secret()
    );
}

#[test]
fn a_key_belongs_to_its_hash_only() {
    let keys = api_keys();
    let (mine, other) = (keys.make_key().unwrap(), keys.make_key().unwrap());
    let hash = keys.hash(&mine).unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    assert_eq!(keys.verify(&mine, &hash), Ok(true));
    assert_eq!(keys.verify(&other, &hash), Ok(false));
}

#[test]
fn a_text_that_is_no_key_is_refused_before_its_hash_is_looked_at() {
    let keys = api_keys();
    let hash = PasswordHash::new("not a hash");
    assert_eq!(keys.verify(&secret("short"), &hash), Ok(false));
    let refused = keys.hash(&secret("short"));
    assert_eq!(refused, Err(CryptoError::Malformed { what: "an API key" }));
    let key = keys.make_key().unwrap();
    assert!(matches!(
        keys.verify(&key, &hash),
        Err(CryptoError::Malformed { .. })
    ));
}

#[test]
fn without_randomness_there_is_no_key() {
    let keys = ApiKeys::new(Arc::new(Empty), Argon2Cost::TEST);
    assert!(matches!(keys.make_key(), Err(CryptoError::NoRandomness)));
}
