//! Passwords made by the program.

use crate::{Empty, Stuck, random};
use openalgo_core::account::check_password;
use openalgo_core::port::CryptoError;
use openalgo_crypto::make_password;
use secrecy::ExposeSecret;
use std::collections::BTreeSet;

#[test]
fn every_password_keeps_the_rules_and_is_new() {
    let random = random();
    let mut seen = BTreeSet::new();
    for _ in 0..500 {
        let password = make_password(&*random).unwrap();
        assert_eq!(check_password(&password), Ok(()));
        let text = password.expose_secret();
        assert_eq!(text.len(), 20);
        assert!(!text.contains(['0', 'O', '1', 'l', 'I', 'o']), "{text}");
        assert!(seen.insert(text.to_owned()), "{text} came twice");
    }
}

#[test]
fn a_broken_source_is_noticed() {
    for byte in [0, 63, 255] {
        let refused = make_password(&Stuck(byte)).unwrap_err();
        assert_eq!(refused, CryptoError::NoRandomness);
    }
    assert_eq!(
        make_password(&Empty).unwrap_err(),
        CryptoError::NoRandomness
    );
}
