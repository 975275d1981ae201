//! A percentage.

use super::Money;
use super::decimal::{self, ValueError, decimal_value};
use rust_decimal::Decimal;

const KIND: &str = "percentage";

/// A percentage of either sign, to four decimals: 12.5 is 12.5 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Percent(Decimal);

decimal_value!(Percent, "percentage");

impl Percent {
    /// Zero per cent.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Takes a decimal that needs no rounding.
    pub fn try_new(value: Decimal) -> Result<Self, ValueError> {
        decimal::exact(KIND, value).map(Self)
    }

    /// What `part` is in per cent of the size of `whole`, rounded to four places; zero of
    /// nothing, since a flat position shows 0 %.
    pub fn of(part: Money, whole: Money) -> Result<Self, ValueError> {
        if whole.is_zero() {
            return Ok(Self::ZERO);
        }
        let too_large = ValueError::TooLarge { kind: KIND };
        let percent = part
            .to_decimal()
            .checked_div(whole.abs().to_decimal())
            .and_then(|ratio| ratio.checked_mul(Decimal::ONE_HUNDRED))
            .ok_or(too_large)?;
        decimal::rounded(KIND, percent).map(Self)
    }
}
