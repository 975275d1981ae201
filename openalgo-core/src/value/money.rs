//! An amount of rupees, of either sign.

use super::decimal::{self, ValueError, decimal_value};
use super::{Price, Quantity};
use rust_decimal::Decimal;

const KIND: &str = "amount";

/// An amount of rupees of either sign, exact to four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(Decimal);

decimal_value!(Money, "amount");

impl Money {
    /// No money.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Takes a decimal that needs no rounding.
    pub fn try_new(value: Decimal) -> Result<Self, ValueError> {
        decimal::exact(KIND, value).map(Self)
    }

    /// Rounds a decimal to four places, halves to even.
    pub fn rounded(value: Decimal) -> Result<Self, ValueError> {
        decimal::rounded(KIND, value).map(Self)
    }

    /// The sum of two amounts.
    pub fn plus(self, other: Self) -> Result<Self, ValueError> {
        let sum = self
            .0
            .checked_add(other.0)
            .ok_or(ValueError::TooLarge { kind: KIND })?;
        decimal::bounded(KIND, sum.normalize()).map(Self)
    }

    /// The difference of two amounts.
    pub fn minus(self, other: Self) -> Result<Self, ValueError> {
        self.plus(other.negated())
    }

    /// The same amount with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        let mut value = self.0;
        value.set_sign_negative(value.is_sign_positive() && !value.is_zero());
        Self(value)
    }

    /// The same amount without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Whether the amount is below zero.
    pub fn is_negative(self) -> bool {
        self < Self::ZERO
    }

    /// The share `part / whole` of this amount, rounded to four places.
    ///
    /// Callers that split an amount take the share once and subtract it, so that the parts add
    /// up to the whole again.
    pub fn prorated(self, part: Quantity, whole: Quantity) -> Result<Self, ValueError> {
        if part == whole {
            return Ok(self);
        }
        let too_large = ValueError::TooLarge { kind: KIND };
        let scaled = self
            .0
            .checked_mul(Decimal::from(part.get()))
            .ok_or(too_large)?;
        Self::divided(scaled, Decimal::from(whole.get()))
    }

    /// The amount divided by a leverage or another positive factor, rounded to four places.
    pub fn over(self, divisor: Decimal) -> Result<Self, ValueError> {
        Self::divided(self.0, divisor)
    }

    /// The price per unit when this amount is spread over `quantity`, rounded to four places.
    pub fn per_unit(self, quantity: Quantity) -> Result<Price, ValueError> {
        let share = Self::divided(self.0.abs(), Decimal::from(quantity.get()))?;
        Price::try_new(share.0)
    }

    fn divided(dividend: Decimal, divisor: Decimal) -> Result<Self, ValueError> {
        if divisor.is_zero() {
            return Err(ValueError::DividedByZero { kind: KIND });
        }
        let too_large = ValueError::TooLarge { kind: KIND };
        Self::rounded(dividend.checked_div(divisor).ok_or(too_large)?)
    }
}
