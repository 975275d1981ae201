//! What decides the price of an order, with exactly the prices that need be.

use super::PriceType;
use crate::value::Price;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A price type and the prices that belong to it: a limit order without a limit cannot exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum OrderKind {
    /// Fills at the best price there is.
    #[serde(rename = "MARKET")]
    Market,
    /// Fills at `price` or better.
    #[serde(rename = "LIMIT")]
    Limit {
        /// The limit.
        price: Price,
    },
    /// Opens when the trigger is met; fills at prices within trigger and limit
    /// (`docs/paper-exchange.md`).
    #[serde(rename = "SL")]
    StopLimit {
        /// The trigger.
        trigger: Price,
        /// The limit.
        price: Price,
    },
    /// Becomes a market order when the trigger is met.
    #[serde(rename = "SL-M")]
    StopMarket {
        /// The trigger.
        trigger: Price,
    },
}

/// A price that an order type needs and does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KindError {
    /// LIMIT and SL need a limit above zero.
    #[error("{0} orders require price")]
    PriceMissing(PriceType),
    /// SL and SL-M need a trigger above zero.
    #[error("{0} orders require trigger_price")]
    TriggerMissing(PriceType),
}

impl OrderKind {
    /// Puts a price type and its prices together; prices that the type does not use are dropped,
    /// as clients send them along (`docs/paper-exchange.md`).
    pub fn from_parts(
        price_type: PriceType,
        price: Option<Price>,
        trigger: Option<Price>,
    ) -> Result<Self, KindError> {
        let above_zero = |price: Option<Price>| price.filter(|price| !price.is_zero());
        let limit = || above_zero(price).ok_or(KindError::PriceMissing(price_type));
        let stop = || above_zero(trigger).ok_or(KindError::TriggerMissing(price_type));
        Ok(match price_type {
            PriceType::Market => Self::Market,
            PriceType::Limit => Self::Limit { price: limit()? },
            PriceType::StopLimit => Self::StopLimit {
                price: limit()?,
                trigger: stop()?,
            },
            PriceType::StopMarket => Self::StopMarket { trigger: stop()? },
        })
    }

    /// The word for this kind.
    pub fn price_type(self) -> PriceType {
        match self {
            Self::Market => PriceType::Market,
            Self::Limit { .. } => PriceType::Limit,
            Self::StopLimit { .. } => PriceType::StopLimit,
            Self::StopMarket { .. } => PriceType::StopMarket,
        }
    }

    /// The limit, where there is one.
    pub fn price(self) -> Option<Price> {
        match self {
            Self::Limit { price } | Self::StopLimit { price, .. } => Some(price),
            Self::Market | Self::StopMarket { .. } => None,
        }
    }

    /// The trigger, where there is one.
    pub fn trigger(self) -> Option<Price> {
        match self {
            Self::StopLimit { trigger, .. } | Self::StopMarket { trigger } => Some(trigger),
            Self::Market | Self::Limit { .. } => None,
        }
    }
}
