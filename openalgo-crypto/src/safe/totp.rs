//! One-time codes of authenticator apps.

use openalgo_core::port::{CryptoError, RandomSource, Totp, TotpAttempt};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use totp_rs::{Algorithm, Builder, Secret};
use zeroize::Zeroizing;

/// Seconds for which a code is valid.
const STEP_SECONDS: u64 = 30;
/// How many steps a clock may be early or late.
const DRIFT: u64 = 1;
/// Length of a secret in bytes, as RFC 4226 recommends.
const SECRET_LEN: usize = 20;
/// Under which name the codes appear in an authenticator app.
const ISSUER: &str = "OpenAlgo";

/// One-time codes of RFC 6238: SHA-1, six digits, thirty seconds, one step of drift.
#[derive(Debug)]
pub struct Rfc6238 {
    random: Arc<dyn RandomSource>,
}

impl Rfc6238 {
    /// One-time codes whose secrets come from `random`.
    pub fn new(random: Arc<dyn RandomSource>) -> Self {
        Self { random }
    }
}

impl Totp for Rfc6238 {
    fn make_secret(&self) -> Result<SecretString, CryptoError> {
        let mut bytes = Zeroizing::new([0; SECRET_LEN]);
        self.random.fill(&mut *bytes)?;
        let secret = Zeroizing::new(Secret::from(bytes.as_slice()).to_base32());
        Ok(secret.as_str().into())
    }

    fn enrolment_uri(
        &self,
        secret: &SecretString,
        user: &str,
    ) -> Result<SecretString, CryptoError> {
        let builder = builder(secret)?
            .with_issuer(Some(ISSUER))
            .with_account_name(user);
        let uri = builder.build().and_then(|totp| totp.to_url());
        uri.map(SecretString::from)
            .map_err(|_reason| CryptoError::Failed {
                operation: "writing the address for an authenticator app",
            })
    }

    fn check(&self, attempt: TotpAttempt<'_>) -> Result<Option<u64>, CryptoError> {
        const FAILED: CryptoError = CryptoError::Failed {
            operation: "checking a one-time code",
        };
        let totp = builder(attempt.secret)?.build().map_err(|_reason| FAILED)?;
        let seconds = u64::try_from(attempt.at.to_seconds()).map_err(|_before_1970| FAILED)?;
        let step = seconds / STEP_SECONDS;
        let mut steps = step.saturating_sub(DRIFT)..=step.saturating_add(DRIFT);
        // Apps show the digits in two groups, and people type what they see.
        let mut code = Zeroizing::new(String::with_capacity(attempt.code.expose_secret().len()));
        let typed = attempt.code.expose_secret().chars();
        code.extend(typed.filter(|c| !c.is_whitespace()));
        // Used steps are left out before comparing: two steps may happen to share their digits.
        Ok(steps.find(|step| {
            let is_fresh = attempt.used.is_none_or(|used| *step > used);
            let start = step.saturating_mul(STEP_SECONDS);
            is_fresh && totp.check(&code, start).is_some()
        }))
    }
}

/// Codes of one secret, without drift of their own.
fn builder(secret: &SecretString) -> Result<Builder, CryptoError> {
    let secret = Secret::try_from_base32(secret.expose_secret()).map_err(|_reason| {
        CryptoError::Malformed {
            what: "a TOTP secret",
        }
    })?;
    Ok(Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(STEP_SECONDS)
        .with_skew(0)
        .with_secret(secret))
}
