//! The border between exact values and floats, and the keyed hash: the only conversions.

use openalgo_core::value::{Price, Tick, ValueError};
use rust_decimal::Decimal;

const POWERS: [f64; 5] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];

/// The number of a price or percentage; such have at most four decimals.
#[expect(
    clippy::float_arithmetic,
    reason = "one correctly rounded division, the same on every platform"
)]
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "values have at most 15 digits, which a double holds"
)]
pub(super) fn of_decimal(value: Decimal) -> f64 {
    let value = value.normalize().round_dp(4);
    let power = usize::try_from(value.scale()).ok();
    let power = power.and_then(|scale| POWERS.get(scale)).unwrap_or(&1.0);
    value.mantissa() as f64 / power
}

/// The number of seconds or units.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts here are far below 2^53"
)]
pub(super) fn of_count(count: i64) -> f64 {
    count as f64
}

/// The price on the tick nearest to `value`, at least one tick. It never falls when `value` rises.
#[expect(clippy::float_arithmetic, reason = "where a course becomes a price")]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "it saturates, and then the price is refused as too large"
)]
pub(super) fn to_price(value: f64, tick: Tick) -> Result<Price, ValueError> {
    let millionths = libm::round(value * 1e6) as i64;
    let price = tick.nearest(Decimal::new(millionths.max(0), 6))?;
    Ok(price.max(tick.step()))
}

/// A number from -1 to 1 that depends on every bit of the hash.
#[expect(
    clippy::float_arithmetic,
    reason = "scales an integer by a power of two"
)]
pub(super) fn signed_unit(hash: u64) -> f64 {
    let high = u32::try_from(hash >> 32).unwrap_or_default();
    f64::from(high) / 2_147_483_648.0 - 1.0
}

/// Mixes a value into a key (the finisher of `SplitMix64`).
pub(super) fn mix(key: u64, value: u64) -> u64 {
    let mut hash = key.wrapping_add(value.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// The key of a name (FNV-1a, mixed with the seed).
pub(super) fn key_of(seed: u64, name: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    mix(mix(0, seed), name.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
}
