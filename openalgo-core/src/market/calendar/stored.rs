//! The stored form of an instant, `YYYY-MM-DD HH:MM:SS.ffffff` in UTC.
//!
//! Every row that is read or written passes here, so this knows the places of the digits instead
//! of interpreting a format.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

/// How many characters there are before the fraction.
const WHOLE: usize = 19;
/// How many of them are the date's.
const DATE: usize = 10;

/// Reads the stored form, with a fraction of one to nine digits or without.
pub(super) fn parse(text: &str) -> Option<NaiveDateTime> {
    let (whole, fraction) = text.as_bytes().split_at_checked(WHOLE)?;
    let (date, time) = whole.split_at_checked(DATE)?;
    let &[b' ', h1, h2, b':', m1, m2, b':', s1, s2] = time else {
        return None;
    };
    parse_date(date)?.and_hms_nano_opt(
        number(&[h1, h2])?,
        number(&[m1, m2])?,
        number(&[s1, s2])?,
        nanos(fraction)?,
    )
}

/// Reads a date, `YYYY-MM-DD`.
pub(super) fn parse_date(text: &[u8]) -> Option<NaiveDate> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// A fraction of a second with its point, or nothing.
fn nanos(fraction: &[u8]) -> Option<u32> {
    let Some((point, digits)) = fraction.split_first() else {
        return Some(0);
    };
    let missing = 9_usize.checked_sub(digits.len())?;
    if *point != b'.' || digits.is_empty() {
        return None;
    }
    let scale = 10_u32.checked_pow(u32::try_from(missing).ok()?)?;
    number(digits)?.checked_mul(scale)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |sum, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Writes the stored form of an instant in the years 1 to 9999.
pub(super) fn format(at: DateTime<Utc>) -> [u8; 26] {
    let mut text = *b"0000-00-00 00:00:00.000000";
    let mut places = text.iter_mut().rev().filter(|place| **place == b'0');
    let parts = [
        (at.timestamp_subsec_micros(), 6),
        (at.second(), 2),
        (at.minute(), 2),
        (at.hour(), 2),
        (at.day(), 2),
        (at.month(), 2),
        (at.year().unsigned_abs(), 4),
    ];
    for (mut rest, width) in parts {
        for place in places.by_ref().take(width) {
            *place |= u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
    }
    text
}
