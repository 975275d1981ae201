//! The proof that a file in clear is the one that was written.

use crate::hazmat::key_bytes::KeyBytes;
use crate::hazmat::mac;
use hmac::Mac;
use openalgo_core::market::FileMark;
use openalgo_core::port::{CryptoError, RandomSource};
use subtle::ConstantTimeEq;

/// Marks a file (HMAC-SHA256) with a key that is made for it alone, so that the mark tells nothing
/// of any other file and stays good when the key of the data folder is changed. Keep the mark where
/// nobody can write who can write the file.
pub fn mark_file(content: &[u8], random: &dyn RandomSource) -> Result<FileMark, CryptoError> {
    let key = KeyBytes::try_fill(|key| random.fill(key))?;
    let code = code_of(content, &key);
    Ok(FileMark {
        key: *key.expose(),
        code,
    })
}

/// Whether a file is the one that was marked; takes the same time for every code.
pub fn is_marked(content: &[u8], mark: &FileMark) -> bool {
    let key = KeyBytes::copy_of(&mark.key);
    key.is_some_and(|key| code_of(content, &key).ct_eq(&mark.code).into())
}

fn code_of(content: &[u8], key: &KeyBytes) -> [u8; 32] {
    let mut code = mac::start(key);
    code.update(content);
    mac::finish(code)
}

#[cfg(test)]
mod tests {
    use super::{is_marked, mark_file};
    use openalgo_core::testing::FakeRandom;

    #[test]
    fn only_the_very_same_file_has_the_mark() {
        let random = FakeRandom::default();
        let mark = mark_file(b"NIFTY,75", &random).unwrap();
        assert!(is_marked(b"NIFTY,75", &mark));
        for other in [&b"NIFTY,76"[..], b"NIFTY,75\n", b"NIFTY,7", b""] {
            assert!(!is_marked(other, &mark));
        }
        let again = mark_file(b"NIFTY,75", &random).unwrap();
        assert_ne!(again, mark, "each mark has a key of its own");
        let mixed = openalgo_core::market::FileMark {
            key: again.key,
            code: mark.code,
        };
        assert!(!is_marked(b"NIFTY,75", &mixed));
    }

    #[test]
    fn a_mark_shows_nothing_of_itself() {
        let mark = mark_file(b"", &FakeRandom::default()).unwrap();
        assert_eq!(format!("{mark:?}"), "FileMark([REDACTED])");
    }
}
