//! Nothing secret in what is printed, logged or reported.

use crate::{key_of, random, secret};
use openalgo_core::port::Clock;
use openalgo_core::port::{FieldPlace, KeyVerifier, PasswordHasher, Sealer, Totp, TotpAttempt};
use openalgo_core::testing::FakeClock;
use openalgo_crypto::key_source::{KeyFile, KeySourceError, WrappedKey};
use openalgo_crypto::{ApiKeys, Argon2Cost, Argon2Hasher, FieldSealer, MasterKey, Rfc6238};
use secrecy::ExposeSecret;
use std::error::Error;
use std::fmt::{Debug, Write};
use std::fs;

/// Every way in which an error shows itself, with those of its causes.
fn shown(error: &dyn Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, "{error} {error:?}").unwrap();
        cause = error.source();
    }
    text
}

fn assert_hides(value: &dyn Debug, secrets: &[&str]) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        for secret in secrets {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn keys_hide_themselves() {
    let key = key_of(7);
    let hex = key.to_hex();
    let database = key.database_key().to_hex();
    // As digits, and as the numbers that a derived `Debug` of the bytes would print.
    let secrets = [
        hex.expose_secret(),
        database.expose_secret(),
        "7, 7",
        "7,\n",
    ];
    assert_eq!(format!("{key:?}"), "MasterKey([REDACTED])");
    assert_hides(&key, &secrets);
    for value in [
        &key.database_key() as &dyn Debug,
        &key.journal_key(),
        &key.control_key(),
        &FieldSealer::new(key.field_key(), random()),
    ] {
        assert_hides(value, &secrets);
        assert!(format!("{value:?}").contains("[REDACTED]"));
    }
    assert_hides(&key.field_key(), &secrets);
    assert_hides(&hex, &secrets);
}

#[test]
fn a_wrapped_key_hides_what_could_be_guessed_at() {
    let wrapped = WrappedKey::wrap(
        &key_of(7),
        &secret("seven green boats"),
        Argon2Cost::TEST,
        &*random(),
    );
    let wrapped = wrapped.unwrap();
    let file = serde_json::to_value(&wrapped).unwrap();
    let salt = file["salt"].as_str().unwrap();
    assert_hides(&wrapped, &[salt, file["sealed"].as_str().unwrap(), "boats"]);
    let error = wrapped.unwrap(&secret("guessed-boats")).unwrap_err();
    assert!(!shown(&error).contains("boats"));
}

#[test]
fn errors_hide_what_they_are_about() {
    let fields = FieldSealer::new(key_of(7).field_key(), random());
    let place = FieldPlace {
        table: "users",
        column: "totp_secret",
        row: "asha",
    };
    let sealed = fields.seal(place, &secret("sesame")).unwrap();
    let moved = FieldPlace {
        row: "ravi",
        ..place
    };
    let hasher = Argon2Hasher::new(random(), Argon2Cost::TEST);
    let errors = [
        MasterKey::from_hex(&secret("sesame")).unwrap_err(),
        fields.open(moved, &sealed).unwrap_err(),
        fields.open(place, "sesame").unwrap_err(),
        ApiKeys::new(random(), Argon2Cost::TEST)
            .hash(&secret("sesame"))
            .unwrap_err(),
        Rfc6238::new(random())
            .enrolment_uri(&secret("sesame"), "asha")
            .unwrap_err(),
        Rfc6238::new(random())
            .check(TotpAttempt {
                secret: &secret("sesame"),
                code: &secret("sesame"),
                at: FakeClock::at("2026-11-25T10:30:00+05:30").now(),
                used: None,
            })
            .unwrap_err(),
        hasher
            .verify(
                &secret("sesame"),
                &openalgo_core::account::PasswordHash::new("sesame"),
            )
            .unwrap_err(),
    ];
    for error in errors {
        let text = shown(&error);
        assert!(
            !text.contains("sesame") && !text.contains(&sealed),
            "{text}"
        );
    }
}

#[test]
fn a_bad_key_file_is_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let file = KeyFile {
        path: folder.path().join("openalgo.key"),
    };
    file.create(&key_of(7)).unwrap();
    fs::write(&file.path, format!("{}7", "07".repeat(32))).unwrap();
    let error = file.load().unwrap_err();
    assert!(matches!(error, KeySourceError::FileMalformed { .. }));
    assert!(!shown(&error).contains("0707"));
}
