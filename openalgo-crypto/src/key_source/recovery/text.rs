//! A recovery key as text that people copy by hand.
//!
//! 32 bytes of key and 3 of checksum are 56 letters of five bits; four of them make a group, and a
//! fifth that follows from them and from the number of the group shows any one wrong letter, any
//! two that changed places, and groups in the wrong order.

use crate::key_source::KeySourceError;
use secrecy::SecretString;
use zeroize::Zeroizing;

/// Bytes of the checksum over the whole key.
pub(super) const CHECKSUM: usize = 3;
const KEY: usize = 32;
const GROUPS: usize = 14;
/// Letters of a group.
const GROUP: usize = 5;
/// Groups of a line on paper.
const LINE: usize = 7;
/// Crockford's letters: none that is taken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The bytes of a recovery key's text.
pub(super) struct Parts(Zeroizing<[u8; KEY + CHECKSUM]>);

impl Parts {
    pub(super) fn key(&self) -> &[u8] {
        self.0.split_at(KEY).0
    }

    pub(super) fn checksum(&self) -> &[u8] {
        self.0.split_at(KEY).1
    }
}

/// Writes the groups on two lines.
pub(super) fn encode(key: &[u8; KEY], checksum: [u8; CHECKSUM]) -> SecretString {
    let mut bytes = Zeroizing::new([0; KEY + CHECKSUM]);
    for (to, from) in bytes.iter_mut().zip(key.iter().chain(&checksum)) {
        *to = *from;
    }
    // Room for all of it: a text that grows leaves copies of its beginning behind.
    let mut text = String::with_capacity(GROUPS.saturating_mul(GROUP.saturating_add(1)));
    let mut number = 0;
    // Five bytes are two groups.
    for five in bytes.chunks_exact(5) {
        let bits = five.iter().fold(0_u64, |bits, b| bits << 8 | u64::from(*b));
        for half in [bits >> 20, bits] {
            let values = [half >> 15, half >> 10, half >> 5, half].map(low_five);
            if number > 0 {
                text.push(if number == LINE { '\n' } else { ' ' });
            }
            let control = control(number, values);
            text.extend(values.into_iter().chain([control]).filter_map(letter));
            number = number.saturating_add(1);
        }
    }
    text.into()
}

/// Reads the groups again, whatever stands between them.
pub(super) fn decode(typed: &str) -> Result<Parts, KeySourceError> {
    let pieces = || {
        let pieces = typed.split(|c: char| c.is_whitespace() || c == '-');
        pieces.filter(|piece| !piece.is_empty())
    };
    let letters = || pieces().flat_map(str::chars);
    if letters().count() != GROUPS.saturating_mul(GROUP) {
        return Err(misshapen(pieces().map(|piece| piece.chars().count())));
    }
    let mut bytes = Zeroizing::new([0; KEY + CHECKSUM]);
    let mut letters = letters();
    let mut number = 0;
    for five in bytes.chunks_exact_mut(5) {
        let mut bits = 0_u64;
        for _half in 0..2 {
            let values = std::array::from_fn(|_| letters.next().and_then(value));
            let group = read_group(number, values);
            number = number.saturating_add(1);
            let group = group.ok_or(KeySourceError::RecoveryKeyMistyped { group: number })?;
            bits = bits << 20 | group;
        }
        let [_, _, _, decoded @ ..] = bits.to_be_bytes();
        five.copy_from_slice(&decoded);
    }
    Ok(Parts(bytes))
}

/// The twenty bits of a group; `None` for one that its control letter does not fit.
fn read_group(number: usize, values: [Option<u8>; GROUP]) -> Option<u64> {
    let [a, b, c, d, given] = values;
    let values = [a?, b?, c?, d?];
    let bits = values
        .iter()
        .fold(0_u64, |bits, value| bits << 5 | u64::from(*value));
    (control(number, values) == given?).then_some(bits)
}

/// Names the group that is too long or too short, if the others let it be seen.
fn misshapen(lengths: impl Iterator<Item = usize> + Clone) -> KeySourceError {
    let letters = lengths.clone().sum();
    let wrong = lengths.clone().position(|length| length != GROUP);
    match wrong {
        Some(at) if lengths.count() == GROUPS => KeySourceError::RecoveryKeyMistyped {
            group: at.saturating_add(1),
        },
        Some(_) | None => KeySourceError::RecoveryKeyLength { letters },
    }
}

/// The control letter of a group: a polynomial over the field of 32 elements. Each place has a
/// weight of its own and none has the weight zero, which is what shows a wrong letter and a swap.
fn control(number: usize, values: [u8; 4]) -> u8 {
    let number = u8::try_from(number).unwrap_or_default();
    let sum = values.iter().fold(0, |sum, value| double(sum) ^ value);
    double(sum) ^ number
}

/// Multiplies by x, modulo x⁵ + x² + 1.
fn double(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 {
        doubled
    } else {
        doubled ^ 0b10_0101
    }
}

fn low_five(bits: u64) -> u8 {
    let [.., low] = bits.to_be_bytes();
    low & 0b1_1111
}

fn letter(value: u8) -> Option<char> {
    LETTERS.get(usize::from(value)).copied().map(char::from)
}

/// What a letter stands for, as forgiving as Crockford proposes.
fn value(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let at = LETTERS
        .iter()
        .position(|known| char::from(*known) == letter);
    at.and_then(|at| u8::try_from(at).ok())
}
