//! The bounds that prices, amounts and percentages share.

use rust_decimal::{Decimal, RoundingStrategy};
use thiserror::Error;

/// Decimal places of every value: currency derivatives tick at 0.0025 rupees.
pub const PLACES: u32 = 4;

/// Values stay below this many whole units, so that with [`PLACES`] decimals they have at most
/// 15 significant digits, the number that an IEEE 754 double returns unchanged. This is what lets
/// the REAL columns of the database hold them without loss.
pub const MAX_UNITS: i64 = 100_000_000_000;

/// Why a number is not a value of the asked kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The text is not a decimal number.
    #[error("{kind} '{text}' is not a decimal number such as 1500.05")]
    NotANumber {
        /// What was being read.
        kind: &'static str,
        /// The text as given.
        text: Box<str>,
    },
    /// The text is not a whole number.
    #[error("quantity '{text}' is not a whole number such as 10")]
    NotWhole {
        /// The text as given.
        text: Box<str>,
    },
    /// The number has more decimals than the kind can hold.
    #[error("{kind} {value} has more than {PLACES} decimal places")]
    TooPrecise {
        /// What was being made.
        kind: &'static str,
        /// The offending number.
        value: Decimal,
    },
    /// The number is negative where the kind has no sign.
    #[error("{kind} {value} must not be negative")]
    Negative {
        /// What was being made.
        kind: &'static str,
        /// The offending number.
        value: Decimal,
    },
    /// The number, or the result of a calculation, is larger than the kind can hold.
    #[error("{kind} is too large: it must stay below {MAX_UNITS}")]
    TooLarge {
        /// What was being made.
        kind: &'static str,
    },
    /// A tick must be positive.
    #[error("a tick must be more than zero")]
    ZeroTick,
    /// A division by zero was asked for.
    #[error("{kind} cannot be divided by zero")]
    DividedByZero {
        /// What was being divided.
        kind: &'static str,
    },
}

pub(super) fn parse(kind: &'static str, text: &str) -> Result<Decimal, ValueError> {
    text.trim()
        .parse::<Decimal>()
        .map_err(|_not_decimal| ValueError::NotANumber {
            kind,
            text: text.into(),
        })
}

/// Accepts `value` when no rounding is needed and it is within the bounds.
pub(super) fn exact(kind: &'static str, value: Decimal) -> Result<Decimal, ValueError> {
    let value = value.normalize();
    if value.scale() > PLACES {
        return Err(ValueError::TooPrecise { kind, value });
    }
    bounded(kind, value)
}

/// Rounds to [`PLACES`], halves to even, so that repeated rounding has no drift.
pub(super) fn rounded(kind: &'static str, value: Decimal) -> Result<Decimal, ValueError> {
    let strategy = RoundingStrategy::MidpointNearestEven;
    bounded(
        kind,
        value.round_dp_with_strategy(PLACES, strategy).normalize(),
    )
}

pub(super) fn bounded(kind: &'static str, value: Decimal) -> Result<Decimal, ValueError> {
    if value.abs() < Decimal::from(MAX_UNITS) {
        Ok(value)
    } else {
        Err(ValueError::TooLarge { kind })
    }
}

/// Implements what every decimal value has in common: reading, writing and serde as exact text.
macro_rules! decimal_value {
    ($name:ident, $kind:literal) => {
        impl $name {
            /// The number as an exact decimal.
            pub fn to_decimal(self) -> rust_decimal::Decimal {
                self.0
            }

            /// Whether the value is zero.
            pub fn is_zero(self) -> bool {
                self.0.is_zero()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::value::ValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_new(super::decimal::parse($kind, text)?)
            }
        }

        impl std::fmt::Display for $name {
            /// At least two decimals, as money is written; further ones only where they say
            /// something.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut value = self.0;
                if value.scale() < 2 {
                    value.rescale(2);
                }
                f.pad(&value.to_string())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use decimal_value;
