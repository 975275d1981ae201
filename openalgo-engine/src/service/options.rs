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
use openalgo_core::market::{Contract, InstrumentKey, OptionRight, Quote};
use openalgo_core::rule::strike::at_the_money;
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

    /// The price at which call and put of the strike nearest to the money make a future.
    pub async fn synthetic_future(
        &self,
        underlying: &UnderlyingQuery,
        expiry: NaiveDate,
    ) -> Result<SyntheticFuture, ChainError> {
        let underlying = self.market.underlying(underlying, Some(expiry)).await?;
        let (strike, price) = self.synthetic(&underlying, expiry).await?;
        Ok(SyntheticFuture {
            underlying: underlying.quote,
            strike,
            price,
        })
    }

    /// The strike at the money, and the price of the future that its options make.
    async fn synthetic(
        &self,
        underlying: &UnderlyingPrice,
        expiry: NaiveDate,
    ) -> Result<(Price, Price), ChainError> {
        let strikes = self
            .market
            .strikes(underlying, expiry, OptionRight::Call)
            .await?;
        let at = at_the_money(&strikes, underlying.quote.ltp);
        let strike = at.and_then(|at| strikes.get(at)).copied();
        let strike = strike.ok_or(ChainError::NoOptions)?;
        let of = |right| self.option_price(underlying, (expiry, strike), right);
        let (call, put) = (of(OptionRight::Call).await?, of(OptionRight::Put).await?);
        Ok((strike, synthetic_future(strike, call, put)?))
    }

    async fn option_price(
        &self,
        underlying: &UnderlyingPrice,
        (expiry, strike): (NaiveDate, Price),
        right: OptionRight,
    ) -> Result<Price, ChainError> {
        let contract = Contract::Option {
            base: underlying.base.as_str().into(),
            expiry,
            strike,
            right,
        };
        let symbol = contract.to_symbol().map_err(OptionError::from)?;
        let key = InstrumentKey::new(underlying.options_on, symbol);
        match self.market.quote(&key).await {
            Ok(quote) if !quote.ltp.is_zero() => Ok(quote.ltp),
            Ok(_) | Err(_) => Err(ChainError::NoOptionPrice { right, key }),
        }
    }
}
