//! Passwords for people who do not want to think of one.

use openalgo_core::account::check_password;
use openalgo_core::port::{CryptoError, RandomSource};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// Letters, digits and signs, without those that look alike (0 and O, 1, I and l).
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789!@#$%^&*";
/// Length of a password.
const LEN: usize = 20;
/// Random bytes drawn for one password; what is left over is thrown away.
const DRAWN: usize = 64;
/// One draw in seven or so lacks a digit or a sign. More failures than this in a row mean that the
/// source is broken.
const ATTEMPTS: usize = 100;

/// Makes a password of 20 readable characters that [`check_password`] accepts.
///
/// Every such password is equally likely, which makes more than 119 bits: draws that break a rule
/// are thrown away whole instead of being repaired.
pub fn make_password(random: &dyn RandomSource) -> Result<SecretString, CryptoError> {
    for _ in 0..ATTEMPTS {
        if let Some(password) = draw(random)?
            && check_password(&password).is_ok()
        {
            return Ok(password);
        }
    }
    Err(CryptoError::NoRandomness)
}

/// Draws characters; `None` when too few bytes were usable.
fn draw(random: &dyn RandomSource) -> Result<Option<SecretString>, CryptoError> {
    let mut bytes = Zeroizing::new([0; DRAWN]);
    random.fill(&mut *bytes)?;
    let mut password = Zeroizing::new(String::with_capacity(LEN));
    password.extend(bytes.iter().filter_map(|byte| pick(*byte)).take(LEN));
    Ok((password.len() == LEN).then(|| password.as_str().into()))
}

/// One character; `None` for bytes at the end of the range that would favour the first ones.
fn pick(byte: u8) -> Option<char> {
    let byte = usize::from(byte);
    let rounds = 256_usize.checked_div(ALPHABET.len())?;
    let usable = byte < rounds.saturating_mul(ALPHABET.len());
    let index = byte.checked_rem(ALPHABET.len()).filter(|_| usable)?;
    ALPHABET.get(index).copied().map(char::from)
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, pick};

    #[test]
    fn every_character_comes_from_equally_many_bytes() {
        for wanted in ALPHABET {
            let wanted = char::from(*wanted);
            let bytes = (0..=255).filter(|byte| pick(*byte) == Some(wanted)).count();
            assert_eq!(bytes, 256 / ALPHABET.len(), "{wanted}");
        }
    }
}
