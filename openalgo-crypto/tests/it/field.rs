//! Sealed fields: they open where they were sealed, unaltered, and nowhere else.

use crate::{Empty, key_of, random, secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openalgo_core::port::{CryptoError, FieldPlace, Sealer};
use openalgo_crypto::FieldSealer;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use std::sync::Arc;

const PLACE: FieldPlace<'_> = FieldPlace {
    table: "broker_connections",
    column: "auth_token",
    row: "1:zerodha",
};

fn sealer() -> FieldSealer {
    FieldSealer::new(key_of(7).field_key(), random())
}

#[test]
fn a_sealed_text_has_the_layout_that_is_promised() {
    let sealed = sealer().seal(PLACE, &secret("token")).unwrap();
    let bytes = STANDARD.decode(&sealed).unwrap();
    assert_eq!(bytes.len(), 1 + 1 + 12 + "token".len() + 16);
    assert_eq!(bytes[0], 1);
    let again = sealer().seal(PLACE, &secret("token")).unwrap();
    assert_eq!(bytes[1], STANDARD.decode(again).unwrap()[1]);
}

#[test]
fn the_same_text_is_never_sealed_the_same_way_twice() {
    let fields = sealer();
    let first = fields.seal(PLACE, &secret("token")).unwrap();
    assert_ne!(first, fields.seal(PLACE, &secret("token")).unwrap());
}

/// Sealed by another implementation (Python's `cryptography`) from the documented layout, with the
/// nonce that `FakeRandom` gives. Later versions must open it.
#[test]
fn what_the_first_version_sealed_still_opens() {
    let sealed = "ASQAr/RP7Jvq4TzDpgnIE/S71oxBZ4TqeL/I68eED0xIZBo=";
    assert_eq!(sealer().seal(PLACE, &secret("token")).unwrap(), sealed);
    let opened = sealer().open(PLACE, sealed).unwrap();
    assert_eq!(opened.expose_secret(), "token");
}

#[test]
fn a_moved_text_does_not_open() {
    let fields = sealer();
    let sealed = fields.seal(PLACE, &secret("token")).unwrap();
    let moved = [
        FieldPlace {
            row: "2:zerodha",
            ..PLACE
        },
        FieldPlace { row: "", ..PLACE },
        FieldPlace {
            column: "feed_token",
            ..PLACE
        },
        FieldPlace {
            table: "sessions",
            ..PLACE
        },
        // The same letters, divided in other ways.
        FieldPlace {
            table: "broker_connectionsa",
            column: "uth_token",
            ..PLACE
        },
        FieldPlace {
            column: "auth_token1",
            row: ":zerodha",
            ..PLACE
        },
    ];
    for place in moved {
        let refused = fields.open(place, &sealed).unwrap_err();
        let FieldPlace { table, column, .. } = place;
        assert_eq!(refused, CryptoError::NotAuthentic { table, column });
    }
}

#[test]
fn another_key_does_not_open_it() {
    let sealed = sealer().seal(PLACE, &secret("token")).unwrap();
    for byte in 8..=255 {
        let other = FieldSealer::new(key_of(byte).field_key(), random());
        assert!(matches!(
            other.open(PLACE, &sealed),
            Err(CryptoError::NotAuthentic { .. })
        ));
    }
}

#[test]
fn no_bit_of_a_sealed_text_can_be_flipped() {
    let fields = sealer();
    let sealed = fields
        .seal(PLACE, &secret("a token of 21 letters"))
        .unwrap();
    let bytes = STANDARD.decode(&sealed).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let altered = STANDARD.encode(altered);
        assert!(fields.open(PLACE, &altered).is_err(), "bit {bit}");
    }
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone().into_bytes();
        altered[bit / 8] ^= 1 << (bit % 8);
        if let Ok(altered) = String::from_utf8(altered) {
            assert!(
                fields.open(PLACE, &altered).is_err(),
                "bit {bit} of the text"
            );
        }
    }
}

#[test]
fn no_part_of_a_sealed_text_can_be_cut_off() {
    let fields = sealer();
    let sealed = fields.seal(PLACE, &secret("token")).unwrap();
    let bytes = STANDARD.decode(&sealed).unwrap();
    for length in 0..bytes.len() {
        assert!(
            fields
                .open(PLACE, &STANDARD.encode(&bytes[..length]))
                .is_err()
        );
        assert!(
            fields
                .open(PLACE, &STANDARD.encode(&bytes[bytes.len() - length..]))
                .is_err()
        );
    }
    for text in ["", "plain text", "AQ==", &format!("{sealed}\n")] {
        assert_eq!(
            fields.open(PLACE, text).unwrap_err(),
            CryptoError::NotSealed {
                table: PLACE.table,
                column: PLACE.column
            }
        );
    }
}

#[test]
fn without_randomness_nothing_is_sealed() {
    let fields = FieldSealer::new(key_of(7).field_key(), Arc::new(Empty));
    let refused = fields.seal(PLACE, &secret("token"));
    assert_eq!(refused, Err(CryptoError::NoRandomness));
}

proptest! {
    #[test]
    fn every_text_comes_back(text in ".{0,200}", row in ".{0,40}") {
        let fields = sealer();
        let place = FieldPlace { row: &row, ..PLACE };
        let sealed = fields.seal(place, &secret(&text)).unwrap();
        let opened = fields.open(place, &sealed).unwrap();
        prop_assert_eq!(opened.expose_secret(), text);
    }
}
