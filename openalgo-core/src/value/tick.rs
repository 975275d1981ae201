//! The smallest step of a price.

use super::{Price, ValueError};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The smallest step of an instrument's price; always more than zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Price", into = "Price")]
pub struct Tick(Price);

impl Tick {
    /// Takes a step that is more than zero.
    pub fn try_new(step: Price) -> Result<Self, ValueError> {
        if step.is_zero() {
            Err(ValueError::ZeroTick)
        } else {
            Ok(Self(step))
        }
    }

    /// The step as a price.
    pub fn step(self) -> Price {
        self.0
    }

    /// Whether `price` is a whole number of ticks.
    pub fn allows(self, price: Price) -> bool {
        let rest = price.to_decimal().checked_rem(self.0.to_decimal());
        rest.is_some_and(|rest| rest.is_zero())
    }

    /// The nearest price on this tick, halves away from zero.
    pub fn nearest(self, value: Decimal) -> Result<Price, ValueError> {
        self.rounded(value, RoundingStrategy::MidpointAwayFromZero)
    }

    /// The prices on this tick just below and just above `price`; both are `price` when it is on
    /// the tick.
    pub fn around(self, price: Price) -> Result<(Price, Price), ValueError> {
        let below = self.rounded(price.to_decimal(), RoundingStrategy::ToZero)?;
        let above = self.rounded(price.to_decimal(), RoundingStrategy::AwayFromZero)?;
        Ok((below, above))
    }

    /// The price `ticks` steps away from `price`.
    pub fn steps_from(self, price: Price, ticks: i64) -> Result<Price, ValueError> {
        let too_large = ValueError::TooLarge { kind: "price" };
        self.0
            .to_decimal()
            .checked_mul(ticks.into())
            .and_then(|distance| price.to_decimal().checked_add(distance))
            .ok_or(too_large)
            .and_then(Price::try_new)
    }

    fn rounded(self, value: Decimal, strategy: RoundingStrategy) -> Result<Price, ValueError> {
        let too_large = ValueError::TooLarge { kind: "price" };
        let step = self.0.to_decimal();
        value
            .checked_div(step)
            .map(|ticks| ticks.round_dp_with_strategy(0, strategy))
            .and_then(|ticks| ticks.checked_mul(step))
            .ok_or(too_large)
            .and_then(Price::try_new)
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<Price> for Tick {
    type Error = ValueError;

    fn try_from(step: Price) -> Result<Self, ValueError> {
        Self::try_new(step)
    }
}

impl From<Tick> for Price {
    fn from(tick: Tick) -> Self {
        tick.0
    }
}
