//! Numbers of units: how many are ordered, filled or held.

use super::decimal::{MAX_UNITS, ValueError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A whole number of units, zero or more.
///
/// Derivatives count in units too, not in lots. Fractional quantities (crypto) do not exist yet.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "i64", into = "i64")]
pub struct Quantity(i64);

impl Quantity {
    /// No units.
    pub const ZERO: Self = Self(0);
    /// One unit.
    pub const ONE: Self = Self(1);

    /// Takes a count that is zero or more.
    pub fn try_new(units: i64) -> Result<Self, ValueError> {
        if units < 0 {
            return Err(ValueError::Negative {
                kind: "quantity",
                value: units.into(),
            });
        }
        if units >= MAX_UNITS {
            return Err(ValueError::TooLarge { kind: "quantity" });
        }
        Ok(Self(units))
    }

    /// The count.
    pub fn get(self) -> i64 {
        self.0
    }

    /// Whether there are no units.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum of two counts.
    pub fn plus(self, other: Self) -> Result<Self, ValueError> {
        let sum = self
            .0
            .checked_add(other.0)
            .ok_or(ValueError::TooLarge { kind: "quantity" })?;
        Self::try_new(sum)
    }

    /// This count without `other`.
    pub fn minus(self, other: Self) -> Result<Self, ValueError> {
        let rest = self
            .0
            .checked_sub(other.0)
            .ok_or(ValueError::TooLarge { kind: "quantity" })?;
        Self::try_new(rest)
    }

    /// Whether this count is a whole multiple of `lot`.
    pub fn is_multiple_of(self, lot: Self) -> bool {
        self.0.checked_rem(lot.0) == Some(0)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Quantity {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let units = text
            .trim()
            .parse()
            .map_err(|_not_whole| ValueError::NotWhole { text: text.into() })?;
        Self::try_new(units)
    }
}

impl TryFrom<i64> for Quantity {
    type Error = ValueError;

    fn try_from(units: i64) -> Result<Self, ValueError> {
        Self::try_new(units)
    }
}

impl From<Quantity> for i64 {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}

/// A signed number of units: a position is positive when long and negative when short.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "i64", into = "i64")]
pub struct NetQuantity(i64);

impl NetQuantity {
    /// A flat position.
    pub const FLAT: Self = Self(0);

    /// Takes a signed count.
    pub fn try_new(units: i64) -> Result<Self, ValueError> {
        if units.unsigned_abs() >= MAX_UNITS.unsigned_abs() {
            return Err(ValueError::TooLarge { kind: "quantity" });
        }
        Ok(Self(units))
    }

    /// The signed count.
    pub fn get(self) -> i64 {
        self.0
    }

    /// The count without its sign.
    pub fn size(self) -> Quantity {
        Quantity(self.0.saturating_abs())
    }

    /// Whether nothing is held.
    pub fn is_flat(self) -> bool {
        self.0 == 0
    }

    /// Whether the position is long.
    pub fn is_long(self) -> bool {
        self.0 > 0
    }

    /// Whether the position is short.
    pub fn is_short(self) -> bool {
        self.0 < 0
    }

    /// The sum of two signed counts.
    pub fn plus(self, other: Self) -> Result<Self, ValueError> {
        let sum = self
            .0
            .checked_add(other.0)
            .ok_or(ValueError::TooLarge { kind: "quantity" })?;
        Self::try_new(sum)
    }

    /// The same size on the other side.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl fmt::Display for NetQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Quantity> for NetQuantity {
    fn from(quantity: Quantity) -> Self {
        Self(quantity.0)
    }
}

impl TryFrom<i64> for NetQuantity {
    type Error = ValueError;

    fn try_from(units: i64) -> Result<Self, ValueError> {
        Self::try_new(units)
    }
}

impl From<NetQuantity> for i64 {
    fn from(quantity: NetQuantity) -> Self {
        quantity.0
    }
}
