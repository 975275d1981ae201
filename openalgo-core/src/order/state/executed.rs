//! What was filled of an order.

use crate::value::{Money, Price, Quantity, ValueError};
use serde::{Deserialize, Serialize};

/// Units executed at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// How many units.
    pub quantity: Quantity,
    /// At which price.
    pub price: Price,
}

/// Everything executed of an order so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Executed {
    /// Units filled.
    pub quantity: Quantity,
    /// Their exact value, from which the average is rounded.
    pub value: Money,
}

impl Executed {
    /// The average price, rounded to four places; zero when nothing was filled.
    pub fn average(self) -> Result<Price, ValueError> {
        if self.quantity.is_zero() {
            Ok(Price::ZERO)
        } else {
            self.value.per_unit(self.quantity)
        }
    }

    pub(super) fn plus(self, fill: Fill) -> Result<Self, ValueError> {
        Ok(Self {
            quantity: self.quantity.plus(fill.quantity)?,
            value: self.value.plus(fill.price.times(fill.quantity)?)?,
        })
    }

    /// What is filled according to a broker. A report that repeats what is known leaves its exact
    /// value alone, as the average was rounded from it.
    pub(super) fn reported(self, filled: Quantity, average: Price) -> Result<Self, ValueError> {
        if self.quantity == filled && self.average()? == average {
            return Ok(self);
        }
        Ok(Self {
            quantity: filled,
            value: average.times(filled)?,
        })
    }
}
