//! A price per unit, in rupees.

use super::decimal::{self, ValueError, decimal_value};
use super::{Money, Quantity};
use rust_decimal::Decimal;

/// A price per unit in rupees: exact, zero or more, at most four decimals.
///
/// Zero is a price: an option that expires worthless settles at it. An order that needs a
/// price says so in its type ([`crate::order::OrderKind`]), so zero never stands for "none".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Price(Decimal);

decimal_value!(Price, "price");

impl Price {
    /// The price zero.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Takes a decimal that needs no rounding.
    pub fn try_new(value: Decimal) -> Result<Self, ValueError> {
        let value = decimal::exact("price", value)?;
        Self::unsigned(value)
    }

    /// Rounds a decimal to four places, halves to even.
    pub fn rounded(value: Decimal) -> Result<Self, ValueError> {
        let value = decimal::rounded("price", value)?;
        Self::unsigned(value)
    }

    fn unsigned(value: Decimal) -> Result<Self, ValueError> {
        if value.is_sign_negative() && !value.is_zero() {
            return Err(ValueError::Negative {
                kind: "price",
                value,
            });
        }
        Ok(Self(value.abs()))
    }

    /// The value of `quantity` units at this price, without rounding.
    pub fn times(self, quantity: Quantity) -> Result<Money, ValueError> {
        let value = self.0.checked_mul(Decimal::from(quantity.get()));
        let value = value.and_then(|value| Money::try_new(value).ok());
        value.ok_or(ValueError::TooLarge {
            kind: "order value",
        })
    }
}
