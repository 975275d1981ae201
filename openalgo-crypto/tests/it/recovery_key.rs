//! The recovery key: on paper, typed again, and what it opens.

use crate::{Empty, key_of, random, secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openalgo_core::port::CryptoError;
use openalgo_crypto::key_source::{KeySourceError, RecoveryKey, RecoveryWrap};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// The text of the key that `FakeRandom` gives, by another implementation.
const TEXT: &str = "\
02QZX 8KZCJ KFNEF 2F63F MR4ZP CYSF5 36NNQ\n\
B1K40 NKBGZ TTJC1 D5XGQ 040P7 E97TR DDS9X";

fn made() -> RecoveryKey {
    RecoveryKey::make(&*random()).unwrap()
}

fn wrapped() -> RecoveryWrap {
    RecoveryWrap::wrap(&key_of(7), &made(), &*random()).unwrap()
}

fn parse(typed: &str) -> Result<RecoveryKey, KeySourceError> {
    RecoveryKey::parse(&secret(typed))
}

/// The letters of [`TEXT`] without what stands between the groups.
fn letters() -> Vec<char> {
    TEXT.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether this text is read as the key of [`TEXT`].
fn is_read(typed: &str) -> bool {
    parse(typed).is_ok_and(|key| wrapped().unwrap(&key).is_ok())
}

#[test]
fn the_text_is_the_one_that_is_documented() {
    assert_eq!(made().into_text().unwrap().expose_secret(), TEXT);
    assert!(is_read(TEXT));
}

#[test]
fn how_it_is_typed_does_not_matter() {
    for typed in [
        TEXT.to_lowercase(),
        TEXT.replace([' ', '\n'], ""),
        TEXT.replace(' ', "-"),
        TEXT.replace('\n', "\r\n"),
        format!("\n  {}  \n", TEXT.replace(' ', "\t")),
        TEXT.replace('0', "O").replace('1', "l"),
        TEXT.replace('0', "o").replace('1', "I"),
        // As somebody reads it out, two groups at a time.
        TEXT.replace('\n', " ").replacen(' ', "", 1),
    ] {
        assert!(is_read(&typed), "{typed}");
    }
}

#[test]
fn every_wrong_letter_is_found_in_its_group() {
    const LETTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZU?é";
    let letters = letters();
    let mut tried = 0;
    for (at, right) in letters.iter().enumerate() {
        let group = at / 5 + 1;
        for wrong in LETTERS.chars().filter(|wrong| wrong != right) {
            let mut typed = letters.clone();
            typed[at] = wrong;
            let error = parse(&String::from_iter(typed)).unwrap_err();
            assert!(
                matches!(error, KeySourceError::RecoveryKeyMistyped { group: found } if found == group),
                "{wrong} at {at}: {error}"
            );
            assert!(error.to_string().contains(&format!("group {group} ")));
            tried += 1;
        }
    }
    assert_eq!(tried, 70 * 34);
}

#[test]
fn swapped_letters_and_groups_are_found() {
    let letters = letters();
    for at in 0..letters.len() - 1 {
        let mut swapped = letters.clone();
        swapped.swap(at, at + 1);
        if swapped == letters {
            continue;
        }
        let typed: String = swapped.into_iter().collect();
        assert!(
            matches!(
                parse(&typed),
                Err(KeySourceError::RecoveryKeyMistyped { group }) if group == at / 5 + 1
            ),
            "{at}"
        );
    }
    let groups: Vec<&str> = TEXT.split_whitespace().collect();
    for first in 0..groups.len() {
        for second in first + 1..groups.len() {
            let mut swapped = groups.clone();
            swapped.swap(first, second);
            assert!(
                matches!(
                    parse(&swapped.join(" ")),
                    Err(KeySourceError::RecoveryKeyMistyped { group }) if group == first + 1
                ),
                "{first} {second}"
            );
        }
    }
}

#[test]
fn a_wrong_length_names_the_group_where_it_can() {
    let groups: Vec<&str> = TEXT.split_whitespace().collect();
    let short = TEXT.replacen(groups[3], groups[3].get(..4).unwrap(), 1);
    assert!(matches!(
        parse(&short),
        Err(KeySourceError::RecoveryKeyMistyped { group: 4 })
    ));
    for (typed, length) in [
        (String::new(), 0),
        (groups[..13].join(" "), 65),
        (format!("{TEXT} {}", groups[0]), 75),
        (String::from_iter(&letters()[1..]), 69),
    ] {
        assert!(
            matches!(
                parse(&typed),
                Err(KeySourceError::RecoveryKeyLength { letters }) if letters == length
            ),
            "{typed}"
        );
    }
}

/// Groups that are right one by one and come from two keys.
#[test]
fn groups_of_two_keys_do_not_mix() {
    let random = random();
    let text = || {
        let key = RecoveryKey::make(&*random).unwrap();
        key.into_text().unwrap().expose_secret().to_owned()
    };
    let (one, two) = (text(), text());
    let (first, second) = (one.split_once('\n').unwrap(), two.split_once('\n').unwrap());
    assert!(matches!(
        parse(&format!("{} {}", first.0, second.1)),
        Err(KeySourceError::RecoveryKeyUnlike)
    ));
}

#[test]
fn a_master_key_comes_back_from_its_file() {
    let file = serde_json::to_string(&wrapped()).unwrap();
    let read: RecoveryWrap = serde_json::from_str(&file).unwrap();
    let key = read.unwrap(&parse(TEXT).unwrap()).unwrap();
    assert_eq!(
        key.to_hex().expose_secret(),
        key_of(7).to_hex().expose_secret()
    );
}

/// Made by Python's `cryptography`: a folder must open for ever.
#[test]
fn what_the_first_version_wrote_still_opens() {
    let file = json!({ "version": 1, "sealed": "AK/0T+yb6uE8w6YJqFoCB9zzMbel7wgBRaEnUsuQUIekqL692iVtlEHw1/JOgKKLo/1ItIlUnentFSWL" });
    assert_eq!(serde_json::to_value(wrapped()).unwrap(), file);
}

#[test]
fn a_wrong_key_and_a_damaged_file_are_told_apart() {
    let other = RecoveryKey::make(&crate::Stuck(9)).unwrap();
    assert!(matches!(
        wrapped().unwrap(&other),
        Err(KeySourceError::RecoveryKeyWrong)
    ));
    let altered = |field: &str, value: Value| -> RecoveryWrap {
        let mut file = serde_json::to_value(wrapped()).unwrap();
        *file.get_mut(field).unwrap() = value;
        serde_json::from_value(file).unwrap()
    };
    for (field, value) in [
        ("version", json!(2)),
        ("sealed", json!("")),
        ("sealed", json!("c2hvcnQ=")),
        ("sealed", json!("%%%")),
    ] {
        assert!(matches!(
            altered(field, value).unwrap(&made()),
            Err(KeySourceError::WrappedKeyMalformed)
        ));
    }
    let file = serde_json::to_value(wrapped()).unwrap();
    let bytes = STANDARD.decode(file["sealed"].as_str().unwrap()).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let flipped = altered("sealed", json!(STANDARD.encode(flipped)));
        assert!(matches!(
            flipped.unwrap(&made()),
            Err(KeySourceError::RecoveryKeyWrong)
        ));
    }
}

#[test]
fn without_randomness_there_is_no_key_and_no_wrap() {
    assert_eq!(
        RecoveryKey::make(&Empty).unwrap_err(),
        CryptoError::NoRandomness
    );
    assert!(matches!(
        RecoveryWrap::wrap(&key_of(7), &made(), &Empty),
        Err(KeySourceError::Crypto(CryptoError::NoRandomness))
    ));
}

#[test]
fn nothing_secret_is_shown() {
    let (key, wrap) = (made(), wrapped());
    let file = serde_json::to_value(&wrap).unwrap();
    let text = format!("{key:?} {key:#?} {wrap:?} {wrap:#?}");
    assert!(!text.contains(file["sealed"].as_str().unwrap()), "{text}");
    assert!(!text.contains(TEXT.get(..5).unwrap()), "{text}");
    let error = parse(&TEXT.replacen(TEXT.get(..2).unwrap(), "ZZ", 1)).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(TEXT.get(6..11).unwrap()), "{shown}");
}

proptest! {
    #[test]
    fn every_key_comes_back(bytes in prop::array::uniform32(any::<u8>())) {
        #[derive(Debug)]
        struct Given([u8; 32]);
        impl openalgo_core::port::RandomSource for Given {
            fn fill(&self, bytes: &mut [u8]) -> Result<(), CryptoError> {
                bytes.copy_from_slice(self.0.get(..bytes.len()).unwrap());
                Ok(())
            }
        }
        let make = || RecoveryKey::make(&Given(bytes)).unwrap();
        let text = make().into_text().unwrap();
        let again = RecoveryKey::parse(&text).unwrap().into_text().unwrap();
        prop_assert_eq!(again.expose_secret(), text.expose_secret());
    }
}
