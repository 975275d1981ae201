//! Options: which one is meant, chains, and what prices of options say. Orders for them are the
//! order service's.
//!
//! | file | what is in it |
//! |---|---|
//! | `chain` | the chain of an expiry |
//! | `greeks` | volatility and sensitivities of single options |
//! | `legs` | sets of legs: what they earn, how they move, what they need |
//! | `error` | why something is not told |

mod chain;
mod error;
mod greeks;
mod legs;

pub use chain::{ChainQuery, ChainRow, ChainSide, OptionChain};
pub use error::{ChainError, GreeksError};
pub use greeks::{GreeksQuery, OptionGreeks, PriceSays};
pub use legs::{LegQuery, LegSet, LegSetError, LegView};

use crate::market::{
    Market, OptionChoice, OptionError, ResolvedOption, UnderlyingPrice, UnderlyingQuery,
};
use chrono::NaiveDate;
use openalgo_core::analytics::synthetic_future;
use openalgo_core::market::{OptionRight, Quote};
use openalgo_core::value::Price;
use std::sync::Arc;

/// Tells of options.
#[derive(Debug, Clone)]
pub struct OptionService {
    market: Arc<Market>,
}

/// A future made of a call and a put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticFuture {
    /// The market of the underlying.
    pub underlying: Quote,
    /// The strike nearest to its price.
    pub strike: Price,
    /// What the future costs: the strike and the call, without the put.
    pub price: Price,
}

impl OptionService {
    pub(crate) fn new(market: Arc<Market>) -> Self {
        Self { market }
    }

    /// The option that is meant by its distance from the money.
    pub async fn resolve(
        &self,
        underlying: &UnderlyingQuery,
        choice: &OptionChoice,
    ) -> Result<ResolvedOption, OptionError> {
        let underlying = self.market.underlying(underlying, choice.expiry).await?;
        self.market.option(&underlying, choice).await
    }

    /// The same of several at one price of the underlying, as orders for them are.
    pub async fn resolve_all(
        &self,
        underlying: &UnderlyingQuery,
        choices: &[OptionChoice],
    ) -> Result<Vec<ResolvedOption>, OptionError> {
        let first = choices.first().and_then(|choice| choice.expiry);
        let underlying = self.market.underlying(underlying, first).await?;
        let mut resolved = Vec::new();
        for choice in choices {
            resolved.push(self.market.option(&underlying, choice).await?);
        }
        Ok(resolved)
    }

    /// The price at which call and put of the strike nearest to the money make a future.
    pub async fn synthetic_future(
        &self,
        underlying: &UnderlyingQuery,
        expiry: NaiveDate,
    ) -> Result<SyntheticFuture, ChainError> {
        let underlying = self.market.underlying(underlying, Some(expiry)).await?;
        self.synthetic(underlying, expiry).await
    }

    async fn synthetic(
        &self,
        underlying: UnderlyingPrice,
        expiry: NaiveDate,
    ) -> Result<SyntheticFuture, ChainError> {
        let frame = self.frame(underlying, expiry, Some(0)).await?;
        let strike = frame.at_the_money;
        let of = |right| self.option_price(&frame.underlying, (expiry, strike), right);
        let (call, put) = (of(OptionRight::Call).await?, of(OptionRight::Put).await?);
        Ok(SyntheticFuture {
            price: synthetic_future(strike, call, put)?,
            strike,
            underlying: frame.underlying.quote,
        })
    }

    async fn option_price(
        &self,
        underlying: &UnderlyingPrice,
        (expiry, strike): (NaiveDate, Price),
        right: OptionRight,
    ) -> Result<Price, ChainError> {
        let key = underlying.option(expiry, strike, right);
        let key = key.map_err(OptionError::from)?;
        match self.market.quote(&key).await {
            Ok(quote) if !quote.ltp.is_zero() => Ok(quote.ltp),
            Ok(_) | Err(_) => Err(ChainError::NoOptionPrice { right, key }),
        }
    }
}
