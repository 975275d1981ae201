//! Secret bytes as hex digits, without copies left in memory.

use secrecy::SecretString;
use zeroize::Zeroizing;

/// Writes bytes as lower case hex digits.
pub(crate) fn encode(bytes: &[u8]) -> SecretString {
    // Exact capacity: a text that grows leaves copies of its beginning behind.
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0x0f] {
            text.extend(char::from_digit(nibble.into(), 16));
        }
    }
    text.into()
}

/// Reads 64 hex digits of either case; `None` for anything else.
pub(crate) fn decode_key(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    if text.len() != bytes.len().saturating_mul(2) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        for digit in pair {
            let nibble = u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
            *byte = *byte << 4 | nibble;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode_key, encode};
    use secrecy::ExposeSecret;

    #[test]
    fn digits_come_back_as_the_bytes_they_stand_for() {
        let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i * 8).unwrap() ^ 0xa5);
        let text = encode(&bytes);
        assert!(text.expose_secret().starts_with("a5adb5bd"));
        assert_eq!(*decode_key(text.expose_secret().as_bytes()).unwrap(), bytes);
        let upper = text.expose_secret().to_uppercase();
        assert_eq!(*decode_key(upper.as_bytes()).unwrap(), bytes);
    }

    #[test]
    fn anything_but_64_digits_is_refused() {
        for text in [
            String::new(),
            "0".repeat(63),
            "0".repeat(65),
            "g".repeat(64),
            "+1".repeat(32),
            "é".repeat(32),
        ] {
            assert!(decode_key(text.as_bytes()).is_none(), "{text}");
        }
    }
}
