//! A master key wrapped with a passphrase.

use crate::{Empty, key_of, random, secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openalgo_crypto::Argon2Cost;
use openalgo_crypto::key_source::{KeySourceError, WrappedKey, examine_new_passphrase};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const PASSPHRASE: &str = "seven green boats sail at dawn";

fn wrap(passphrase: &str, cost: Argon2Cost) -> Result<WrappedKey, KeySourceError> {
    WrappedKey::wrap(&key_of(7), &secret(passphrase), cost, &*random())
}

fn wrapped() -> WrappedKey {
    wrap(PASSPHRASE, Argon2Cost::TEST).unwrap()
}

/// The wrapped key after somebody changed one value in its file.
fn altered(field: &str, value: Value) -> WrappedKey {
    let mut file = serde_json::to_value(wrapped()).unwrap();
    *file.get_mut(field).unwrap() = value;
    serde_json::from_value(file).unwrap()
}

fn unwrap(wrapped: &WrappedKey) -> Result<(), KeySourceError> {
    wrapped.unwrap(&secret(PASSPHRASE)).map(|_key| ())
}

#[test]
fn a_key_comes_back_from_its_file() {
    let file = serde_json::to_string(&wrapped()).unwrap();
    let read: WrappedKey = serde_json::from_str(&file).unwrap();
    let key = read.unwrap(&secret(PASSPHRASE)).unwrap();
    assert_eq!(
        key.to_hex().expose_secret(),
        key_of(7).to_hex().expose_secret()
    );
    assert!(!file.contains(key.to_hex().expose_secret()));
}

/// Made by another implementation (Python's `cryptography`) with the salt and nonce that
/// `FakeRandom` gives: a backup must open for ever.
#[test]
fn what_the_first_version_wrote_still_opens() {
    let file = json!({
        "version": 1, "memory_kib": 8, "passes": 1, "lanes": 1,
        "salt": "AK/0T+yb6uE8w6YJ9nsvGQ==",
        "sealed": "q1WGZKzXDWpMaXsAThj7u9G92IWnhjQnXunN/0477YbYeStOuRiw5U/HfkOIvfOXA3z9s9kvhr8tPrJX",
    });
    assert_eq!(serde_json::to_value(wrapped()).unwrap(), file);
    assert!(unwrap(&serde_json::from_value(file).unwrap()).is_ok());
}

#[test]
fn a_wrong_passphrase_and_an_empty_one_are_told_apart() {
    let wrapped = wrapped();
    for wrong in ["x", "Seven green boats sail at dawn", " "] {
        assert!(matches!(
            wrapped.unwrap(&secret(wrong)),
            Err(KeySourceError::PassphraseWrong)
        ));
    }
    assert!(matches!(
        wrapped.unwrap(&secret("")),
        Err(KeySourceError::PassphraseEmpty)
    ));
    assert!(matches!(
        wrap("", Argon2Cost::TEST),
        Err(KeySourceError::PassphraseEmpty)
    ));
}

/// Whoever has the file can try short ones through.
#[test]
fn a_short_passphrase_is_not_chosen() {
    for short in ["a", " ", "eleven char", " \televen char  ", "ग्यारह"] {
        for refused in [
            examine_new_passphrase(&secret(short)).unwrap_err(),
            wrap(short, Argon2Cost::TEST).unwrap_err(),
        ] {
            assert!(
                matches!(refused, KeySourceError::PassphraseShort { fewest: 12 }),
                "{short:?}: {refused}"
            );
            let said = refused.to_string();
            assert!(said.contains("several words, 12 characters"), "{said}");
        }
    }
    for long in ["twelve chars", "बारह अक्षर का वाक्य"] {
        examine_new_passphrase(&secret(long)).unwrap();
    }
}

/// Made by another implementation, as the first versions did, with the passphrase `a`.
#[test]
fn a_short_passphrase_from_before_the_rule_goes_on() {
    let file = json!({
        "version": 1, "memory_kib": 8, "passes": 1, "lanes": 1,
        "salt": "AK/0T+yb6uE8w6YJ9nsvGQ==",
        "sealed": "q1WGZKzXDWpMaXsA1L7lLi8dxz0TmaHCzMFKuN5crcGZzEWjtE8ixGKGoazP7jS9UJnrx4JO7S1HesYC",
    });
    let old: WrappedKey = serde_json::from_value(file).unwrap();
    let (short, random) = (secret("a"), random());
    assert!(
        old.unwrap(&short)
            .unwrap()
            .matches_check(&key_of(7).check_value())
    );
    let new = old.renew(&key_of(9), &short, &*random);
    let key = new.unwrap().unwrap(&short).unwrap();
    assert!(key.matches_check(&key_of(9).check_value()));
    assert!(matches!(
        old.renew(&key_of(9), &secret("b"), &*random),
        Err(KeySourceError::PassphraseWrong)
    ));
}

#[test]
fn a_file_cannot_ask_for_all_memory_or_all_time() {
    for (field, value) in [
        ("memory_kib", 1_048_577),
        ("memory_kib", u32::MAX),
        ("passes", 17),
        ("passes", u32::MAX),
        ("lanes", 17),
        ("lanes", u32::MAX),
    ] {
        let error = unwrap(&altered(field, json!(value))).unwrap_err();
        assert!(
            matches!(error, KeySourceError::WrappedKeyTooCostly { .. }),
            "{field} {value}: {error}"
        );
    }
    let terabyte = Argon2Cost {
        memory_kib: 1 << 30,
        ..Argon2Cost::TEST
    };
    assert!(matches!(
        wrap(PASSPHRASE, terabyte),
        Err(KeySourceError::WrappedKeyTooCostly { .. })
    ));
}

#[test]
fn a_damaged_file_is_malformed() {
    for (field, value) in [
        ("version", json!(2)),
        ("memory_kib", json!(0)),
        ("passes", json!(0)),
        ("lanes", json!(0)),
        ("salt", json!("")),
        ("salt", json!("c2hvcnQ=")),
        ("salt", json!("%%%")),
        ("sealed", json!("")),
        ("sealed", json!("c2hvcnQ=")),
        ("sealed", json!("%%%")),
    ] {
        let error = unwrap(&altered(field, value.clone())).unwrap_err();
        assert!(
            matches!(error, KeySourceError::WrappedKeyMalformed),
            "{field} {value}: {error}"
        );
    }
}

#[test]
fn no_bit_of_a_wrapped_key_can_be_flipped() {
    for field in ["salt", "sealed"] {
        let file = serde_json::to_value(wrapped()).unwrap();
        let bytes = STANDARD.decode(file[field].as_str().unwrap()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = unwrap(&altered(field, json!(STANDARD.encode(flipped)))).unwrap_err();
            assert!(
                matches!(error, KeySourceError::PassphraseWrong),
                "{field} {bit}"
            );
        }
    }
    for field in ["memory_kib", "passes"] {
        assert!(matches!(
            unwrap(&altered(field, json!(9))),
            Err(KeySourceError::PassphraseWrong)
        ));
    }
}

#[test]
fn without_randomness_nothing_is_wrapped() {
    let refused = WrappedKey::wrap(&key_of(7), &secret(PASSPHRASE), Argon2Cost::TEST, &Empty);
    assert!(matches!(refused, Err(KeySourceError::Crypto(_))));
}
