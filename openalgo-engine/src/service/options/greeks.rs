//! Volatility and sensitivities of single options.

use super::{GreeksError, OptionService};
use crate::market::{OptionError, UnderlyingPrice, UnderlyingQuery};
use chrono::NaiveDate;
use openalgo_core::analytics::{Explained, NotComputable, OptionLife, OptionModel};
use openalgo_core::market::{Contract, InstrumentKey, OptionRight, TimeOfDay};
use openalgo_core::value::{Money, Percent, Price};

/// Which option, and by which numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GreeksQuery {
    /// The option.
    pub option: InstrumentKey,
    /// The yearly interest rate.
    pub rate: Percent,
    /// What the underlying costs on the last day, where that is not to be found out.
    pub forward: Option<Price>,
    /// What tells the price of the underlying, where that is not its usual one.
    pub underlying: Option<InstrumentKey>,
    /// When the option ends on its last day, where that is not the usual time.
    pub ends_at: Option<TimeOfDay>,
}

impl GreeksQuery {
    /// The usual question: no interest, the forward price that the options at the money say.
    pub fn of(option: InstrumentKey) -> Self {
        Self {
            option,
            rate: Percent::ZERO,
            forward: None,
            underlying: None,
            ends_at: None,
        }
    }
}

/// What the price of an option says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PriceSays {
    /// A volatility.
    Volatility(Explained),
    /// Nothing: it is no higher than what exercising would bring.
    NoTimeValue {
        /// What exercising would bring.
        intrinsic: Money,
        /// The price above that; zero or less.
        time_value: Money,
    },
}

/// An option and what its price says.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionGreeks {
    /// The option.
    pub option: InstrumentKey,
    /// The root of its symbol.
    pub base: String,
    /// Its strike.
    pub strike: Price,
    /// Call or put.
    pub right: OptionRight,
    /// Its last day.
    pub expiry: NaiveDate,
    /// How long it still lives.
    pub life: OptionLife,
    /// What the underlying costs on the last day.
    pub forward: Price,
    /// What the option costs.
    pub price: Price,
    /// The interest rate.
    pub rate: Percent,
    /// What its price says.
    pub says: PriceSays,
}

impl OptionService {
    /// Implied volatility and Greeks of an option by Black-76.
    pub async fn greeks(&self, query: &GreeksQuery) -> Result<OptionGreeks, GreeksError> {
        let key = &query.option;
        let not_an_option = || GreeksError::NotAnOption(key.symbol.to_string());
        let Ok(Contract::Option {
            base,
            expiry,
            strike,
            right,
        }) = Contract::parse(key.exchange, &key.symbol)
        else {
            return Err(not_an_option());
        };
        let price = self.market.quote(key).await;
        let price = price.map_err(GreeksError::NoOptionPrice)?.ltp;
        let life = self.life(query, expiry);
        if life.is_over() {
            return Err(GreeksError::Expired(expiry));
        }
        let forward = match query.forward.filter(|forward| !forward.is_zero()) {
            Some(forward) => forward,
            None => self.forward(query, &base, expiry).await?,
        };
        let says = self.says((right, forward, strike), (query, expiry), price)?;
        Ok(OptionGreeks {
            option: key.clone(),
            base: base.into(),
            strike,
            right,
            expiry,
            life,
            forward,
            price,
            rate: query.rate,
            says,
        })
    }

    fn life(&self, query: &GreeksQuery, expiry: NaiveDate) -> OptionLife {
        let on = (query.option.exchange, expiry);
        OptionLife::at(self.market.now(), on, query.ends_at)
    }

    /// What the price of an option says on a forward price.
    pub(super) fn says(
        &self,
        (right, forward, strike): (OptionRight, Price, Price),
        (query, expiry): (&GreeksQuery, NaiveDate),
        price: Price,
    ) -> Result<PriceSays, GreeksError> {
        if forward.is_zero() || price.is_zero() {
            return Err(GreeksError::NotPositive);
        }
        let life = self.life(query, expiry);
        let model = OptionModel::on_forward(right, (forward, strike), &life, query.rate)?;
        match model.explain(price) {
            Ok(explained) => Ok(PriceSays::Volatility(explained)),
            Err(NotComputable::NoTimeValue { .. }) => {
                no_time_value(right, (forward, strike), price)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the underlying costs on the last day: what the options at the money say, else its
    /// price.
    pub(super) async fn forward(
        &self,
        query: &GreeksQuery,
        base: &str,
        expiry: NaiveDate,
    ) -> Result<Price, GreeksError> {
        let options_on = query.option.exchange;
        let underlying = if let Some(key) = &query.underlying {
            let quote = self.market.quote(key).await;
            UnderlyingPrice {
                base: base.to_owned(),
                expiry: None,
                options_on,
                quote: quote.map_err(GreeksError::NoUnderlyingPrice)?,
            }
        } else {
            let asked = UnderlyingQuery {
                name: base.to_owned(),
                exchange: options_on,
            };
            let underlying = self.market.underlying(&asked, Some(expiry)).await;
            underlying.map_err(without_price)?
        };
        let ltp = underlying.quote.ltp;
        match self.synthetic(underlying, expiry).await {
            Ok(future) => Ok(future.price),
            Err(_no_price) => Ok(ltp),
        }
    }
}

/// The same failure in the words of this question.
fn without_price(error: OptionError) -> GreeksError {
    if let OptionError::NoPrice { source, .. } = error {
        GreeksError::NoUnderlyingPrice(source)
    } else {
        GreeksError::Option(error)
    }
}

fn no_time_value(
    right: OptionRight,
    (forward, strike): (Price, Price),
    price: Price,
) -> Result<PriceSays, GreeksError> {
    let [forward, strike] = [forward, strike].map(Price::to_decimal);
    let above = match right {
        OptionRight::Call => forward.saturating_sub(strike),
        OptionRight::Put => strike.saturating_sub(forward),
    };
    let intrinsic = Money::try_new(above)?;
    let time_value = Money::try_new(price.to_decimal().saturating_sub(above))?;
    Ok(PriceSays::NoTimeValue {
        intrinsic,
        time_value,
    })
}
