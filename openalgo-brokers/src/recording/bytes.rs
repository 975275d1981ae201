//! Numbers and texts as bytes, and the checksum.

use std::str;
use thiserror::Error;

/// Why bytes mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum BytesError {
    /// They end where there must be more.
    #[error("it ends in the middle")]
    TooShort,
    /// A number has more bits than a number here can have.
    #[error("a number is too large")]
    TooLarge,
    /// A text is no text.
    #[error("a text is not in UTF-8")]
    NoText,
}

/// Appends a number, seven bits to a byte, the lowest first.
pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    out.push(low_bits(number));
}

/// Appends a number of either sign; small ones of both signs take few bytes.
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(
        out,
        (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned(),
    );
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, u64::try_from(text.len()).unwrap_or_default());
    out.extend_from_slice(text.as_bytes());
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or_default()
}

/// Takes what was appended.
#[derive(Debug)]
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl<'b> Bytes<'b> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, BytesError> {
        let (first, rest) = self.0.split_first().ok_or(BytesError::TooShort)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Result<u64, BytesError> {
        let (mut number, mut shift) = (0_u64, 0_u32);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let shifted = bits.checked_shl(shift).ok_or(BytesError::TooLarge)?;
            if shifted >> shift != bits {
                return Err(BytesError::TooLarge);
            }
            number |= shifted;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            shift = shift.saturating_add(7);
        }
    }

    pub(super) fn signed(&mut self) -> Result<i64, BytesError> {
        let number = self.number()?;
        let sign = (number & 1).cast_signed().wrapping_neg();
        Ok((number >> 1).cast_signed() ^ sign)
    }

    pub(super) fn count(&mut self) -> Result<usize, BytesError> {
        let count = usize::try_from(self.number()?).ok();
        // Whatever is counted takes at least a byte.
        count
            .filter(|count| *count <= self.0.len())
            .ok_or(BytesError::TooShort)
    }

    pub(super) fn text(&mut self) -> Result<&'b str, BytesError> {
        let length = self.count()?;
        let (text, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(BytesError::TooShort)?;
        self.0 = rest;
        str::from_utf8(text).map_err(|_no_text| BytesError::NoText)
    }
}

/// The CRC-32 of a block: of its number and its bytes, so that a block in the place of another one
/// shows, too.
pub(super) fn checksum(block: u64, bytes: &[u8]) -> u32 {
    let number = block.to_le_bytes();
    let all = number.iter().chain(bytes);
    !all.fold(!0, |sum, byte| {
        let low = u32::from(*byte) ^ (sum & 0xff);
        let entry = usize::try_from(low).ok().and_then(|low| TABLE.get(low));
        (sum >> 8) ^ entry.copied().unwrap_or_default()
    })
}

/// The polynomial of IEEE 802.3, its bits in reverse.
const POLYNOMIAL: u32 = 0xedb8_8320;

const TABLE: [u32; 256] = table();

#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "computed while the program is built, where a mistake is an error of the build"
)]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut entry = at as u32;
        let mut bit = 0;
        while bit < 8 {
            entry = if entry & 1 == 1 {
                (entry >> 1) ^ POLYNOMIAL
            } else {
                entry >> 1
            };
            bit += 1;
        }
        table[at] = entry;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_checksum_is_the_one_that_others_compute() {
        // zlib.crc32(bytes(8)) and zlib.crc32(bytes(8) + b"123456789")
        assert_eq!(checksum(0, b""), 0x6522_df69);
        assert_eq!(checksum(0, b"123456789"), CHECK);
        assert_ne!(checksum(1, b"123456789"), CHECK);
    }

    const CHECK: u32 = 0xe412_dc35;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers: Vec<(u64, i64)>, text: String) {
            let mut out = Vec::new();
            for (number, signed) in &numbers {
                put_number(&mut out, *number);
                put_signed(&mut out, *signed);
            }
            put_text(&mut out, &text);
            let mut bytes = Bytes(&out);
            for (number, signed) in numbers {
                prop_assert_eq!(bytes.number(), Ok(number));
                prop_assert_eq!(bytes.signed(), Ok(signed));
            }
            prop_assert_eq!(bytes.text(), Ok(text.as_str()));
            prop_assert!(bytes.is_empty());
        }

        #[test]
        fn bytes_that_mean_nothing_are_told(bytes: Vec<u8>) {
            let mut read = Bytes(&bytes);
            while let (Ok(_), Ok(_)) = (read.signed(), read.text()) {}
        }
    }

    #[test]
    fn a_number_of_too_many_bits_is_refused() {
        let bytes = [0xff; 11];
        assert_eq!(Bytes(&bytes).number(), Err(BytesError::TooLarge));
        assert_eq!(Bytes(&bytes[..9]).number(), Err(BytesError::TooShort));
    }
}
