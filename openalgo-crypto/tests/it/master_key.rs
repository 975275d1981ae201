//! The master key and what comes from it.

use crate::{Empty, key_of, random, secret};
use openalgo_core::port::CryptoError;
use openalgo_crypto::{MasterKey, SystemRandom};
use secrecy::ExposeSecret;

#[test]
fn a_key_comes_back_from_its_digits() {
    let key = MasterKey::make(&*random()).unwrap();
    let digits = key.to_hex();
    assert_eq!(digits.expose_secret().len(), 64);
    let again = MasterKey::from_hex(&digits).unwrap();
    assert_eq!(again.to_hex().expose_secret(), digits.expose_secret());
    assert_eq!(
        again.database_key().to_hex().expose_secret(),
        key.database_key().to_hex().expose_secret()
    );
}

#[test]
fn anything_but_64_hex_digits_is_no_key() {
    for text in ["", "abc", &"0".repeat(63), &"0".repeat(65), &"x".repeat(64)] {
        assert_eq!(
            MasterKey::from_hex(&secret(text)).unwrap_err(),
            CryptoError::Malformed {
                what: "the master key"
            }
        );
    }
}

#[test]
fn two_fresh_keys_differ() {
    let make = || MasterKey::make(&SystemRandom).unwrap().to_hex();
    assert_ne!(make().expose_secret(), make().expose_secret());
    assert_eq!(
        MasterKey::make(&Empty).unwrap_err(),
        CryptoError::NoRandomness
    );
}

/// Computed by hand in Python (HMAC by `hmac`, HKDF as in RFC 5869). These must never change: with
/// other labels no existing database would open.
#[test]
fn derived_keys_are_fixed_for_ever() {
    let key = key_of(7);
    assert_eq!(
        key.database_key().to_hex().expose_secret(),
        "64ee51dbfec3bc587ccb2ef5b08d927c92bfceb9e7f8643c1d3ef5f042c76010"
    );
    assert_eq!(key.check_value(), "cedaf725bfb8f7d6");
}

#[test]
fn derived_keys_are_neither_the_master_key_nor_each_other() {
    let key = key_of(7);
    let master = key.to_hex();
    let database = key.database_key().to_hex();
    assert_ne!(master.expose_secret(), database.expose_secret());
    let check = key.check_value();
    assert!(!master.expose_secret().contains(&check));
    assert!(!database.expose_secret().contains(&check));
}

#[test]
fn the_check_value_tells_keys_apart() {
    let check = key_of(7).check_value();
    assert_eq!(check.len(), 16);
    assert!(key_of(7).matches_check(&check));
    assert!(!key_of(8).matches_check(&check));
    for other in [
        "",
        check.get(..15).unwrap(),
        &format!("{check}0"),
        &check.to_uppercase(),
    ] {
        assert!(!key_of(7).matches_check(other), "{other}");
    }
}
