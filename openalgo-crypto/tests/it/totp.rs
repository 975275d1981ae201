//! One-time codes.

use crate::{Empty, random, secret};
use openalgo_core::market::Timestamp;
use openalgo_core::port::{CryptoError, Totp, TotpAttempt};
use openalgo_crypto::Rfc6238;
use secrecy::ExposeSecret;
use std::sync::Arc;

/// "12345678901234567890", the secret of the RFC's test vectors, in base 32.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// A code of [`SECRET`] and the second at which its step begins.
const CODE: &str = "050471";
const CODE_AT: i64 = 1_111_111_110;
const CODE_STEP: u64 = 37_037_037;

fn check(code: &str, at: i64, used: Option<u64>) -> Result<Option<u64>, CryptoError> {
    check_with(SECRET, code, at, used)
}

fn check_with(
    base32: &str,
    code: &str,
    at: i64,
    used: Option<u64>,
) -> Result<Option<u64>, CryptoError> {
    let attempt = TotpAttempt {
        secret: &secret(base32),
        code: &secret(code),
        at: Timestamp::from_micros(at * 1_000_000).unwrap(),
        used,
    };
    Rfc6238::new(random()).check(attempt)
}

/// RFC 6238, appendix B, SHA-1: the last six of the eight digits printed there.
#[test]
fn codes_are_those_of_rfc_6238() {
    let rows = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    for (at, code) in rows {
        let step = u64::try_from(at / 30).unwrap();
        assert_eq!(check(code, at, None), Ok(Some(step)), "at {at}");
    }
}

#[test]
fn one_step_of_drift_is_allowed_and_two_are_not() {
    for (offset, accepted) in [
        (-31, false),
        (-30, true),
        (-1, true),
        (0, true),
        (29, true),
        (59, true),
        (60, false),
    ] {
        let step = check(CODE, CODE_AT + offset, None).unwrap();
        assert_eq!(step, accepted.then_some(CODE_STEP), "{offset} s");
    }
}

#[test]
fn a_code_works_once_and_so_do_the_ones_before_it() {
    let step = check(CODE, CODE_AT, None).unwrap();
    assert_eq!(step, Some(CODE_STEP));
    assert_eq!(check(CODE, CODE_AT + 1, step), Ok(None));
    assert_eq!(check(CODE, CODE_AT, Some(CODE_STEP + 1)), Ok(None));
    assert_eq!(
        check(CODE, CODE_AT, Some(CODE_STEP - 1)),
        Ok(Some(CODE_STEP))
    );
}

#[test]
fn a_code_is_read_as_people_type_it_and_no_otherwise() {
    assert_eq!(check(" 050 471\n", CODE_AT, None), Ok(Some(CODE_STEP)));
    for code in [
        "",
        "50471",
        "0050471",
        "+50471",
        "050472",
        "abcdef",
        "०५०४७१",
    ] {
        assert_eq!(check(code, CODE_AT, None), Ok(None), "{code}");
    }
}

#[test]
fn a_secret_that_is_none_is_an_error() {
    for text in ["", "GEZDGNBV", "not base 32!"] {
        assert!(check_with(text, CODE, CODE_AT, None).is_err(), "{text}");
    }
    assert!(check(CODE, -1, None).is_err());
}

#[test]
fn a_fresh_secret_has_20_bytes_and_works_in_an_app() {
    let totp = Rfc6238::new(random());
    let fresh = totp.make_secret().unwrap();
    assert_eq!(fresh.expose_secret().len(), 32);
    assert_ne!(
        fresh.expose_secret(),
        totp.make_secret().unwrap().expose_secret()
    );
    let uri = totp.enrolment_uri(&fresh, "asha@example.com").unwrap();
    let uri = uri.expose_secret();
    assert!(
        uri.starts_with("otpauth://totp/OpenAlgo:asha%40example.com?"),
        "{uri}"
    );
    assert!(uri.contains(&format!("secret={}", fresh.expose_secret())));
    assert!(uri.contains("issuer=OpenAlgo"));
}

#[test]
fn what_cannot_be_enrolled_is_refused() {
    let totp = Rfc6238::new(Arc::new(Empty));
    assert!(totp.make_secret().is_err());
    assert!(totp.enrolment_uri(&secret(SECRET), "").is_err());
    assert!(totp.enrolment_uri(&secret(SECRET), "a:b").is_err());
    assert!(totp.enrolment_uri(&secret("short"), "asha").is_err());
}
