//! Which options there are on what, and which one is meant by its distance from the money
//! (OpenAlgo's API reference, section 7).

use super::{LookupError, Market};
use chrono::NaiveDate;
use openalgo_core::market::{
    Contract, ContractClass, Exchange, Instrument, InstrumentKey, OptionRight, Quote, Symbol,
    SymbolError,
};
use openalgo_core::rule::strike::{StrikeOffset, strike_by_step, strike_of};
use openalgo_core::value::{Price, ValueError};
use serde::Serialize;
use std::num::NonZeroU32;
use std::sync::Arc;
use thiserror::Error;

/// What options are on, in the words of whoever asks: a name such as `NIFTY`, or a name with an
/// expiry, such as `NIFTY29DEC26FUT`; and where it trades, or its options do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnderlyingQuery {
    /// The name.
    pub name: String,
    /// The exchange.
    pub exchange: Exchange,
}

/// What options are on, and its price.
#[derive(Debug, Clone)]
pub struct UnderlyingPrice {
    /// The root that the symbols of its options begin with.
    pub base: String,
    /// The expiry that its name told.
    pub expiry: Option<NaiveDate>,
    /// Where its options trade.
    pub options_on: Exchange,
    /// The market of the underlying; of a commodity or currency that of its future.
    pub quote: Quote,
}

/// Which option of an underlying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OptionChoice {
    /// Its last day; where none is told, that in the name of the underlying counts.
    pub expiry: Option<NaiveDate>,
    /// How far from the money.
    pub offset: StrikeOffset,
    /// Call or put.
    pub right: OptionRight,
    /// How far strikes are apart, where those that are listed are not to be counted.
    pub strike_step: Option<NonZeroU32>,
}

/// An option that was meant by its distance from the money.
#[derive(Debug, Clone)]
pub struct ResolvedOption {
    /// The option.
    pub instrument: Arc<Instrument>,
    /// The market of what it is on.
    pub underlying: Quote,
}

/// Why no option was found, in the words that clients know.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OptionError {
    /// Nothing tells an expiry.
    #[error(
        "Expiry date required. Provide via expiry_date parameter or embed in underlying (e.g., \
         NIFTY28OCT25FUT)."
    )]
    NoExpiry,
    /// There is no price of the underlying.
    #[error("Failed to fetch LTP for {symbol}. {}", client_words(.source))]
    NoPrice {
        /// The underlying.
        symbol: String,
        /// Why not.
        source: LookupError,
    },
    /// The price of the underlying is zero.
    #[error("Could not determine LTP for {0}.")]
    ZeroPrice(String),
    /// A commodity or currency has no future whose price its options follow.
    #[error(
        "No active futures contract found for {base} on {exchange}. Please update master contract."
    )]
    NoFuture {
        /// The root.
        base: String,
        /// Where it was looked for.
        exchange: Exchange,
    },
    /// No option of that day is listed.
    #[error(
        "No strikes found for {base} expiring {expiry}. Please check expiry date or update master \
         contract."
    )]
    NoStrikes {
        /// The root.
        base: String,
        /// The day, as it was asked for.
        expiry: String,
    },
    /// The strikes do not reach as far.
    #[error("Offset {0} is out of range for available strikes. Please use a smaller offset.")]
    OutOfRange(StrikeOffset),
    /// The strike that was computed is not listed.
    #[error(
        "Option symbol {} not found in {}. Symbol may not exist or master contract needs update.",
        .0.symbol, .0.exchange
    )]
    NoSuchOption(InstrumentKey),
    /// It makes no symbol.
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    /// It makes no strike.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// Why there is no price, in the words that clients know.
pub(crate) fn client_words(error: &LookupError) -> String {
    match error {
        LookupError::UnknownSymbol { key, .. } => format!(
            "Symbol '{}' not found for exchange '{}'. Please verify the symbol name and ensure \
             master contracts are downloaded.",
            key.symbol, key.exchange
        ),
        LookupError::Market(error) => error.to_string(),
    }
}

/// A day as symbols tell it.
fn expiry_words(expiry: NaiveDate) -> String {
    expiry.format("%d%b%y").to_string().to_ascii_uppercase()
}

impl UnderlyingPrice {
    /// One of its options.
    pub(crate) fn option(
        &self,
        expiry: NaiveDate,
        strike: Price,
        right: OptionRight,
    ) -> Result<InstrumentKey, SymbolError> {
        let contract = Contract::Option {
            base: self.base.as_str().into(),
            expiry,
            strike,
            right,
        };
        Ok(InstrumentKey::new(self.options_on, contract.to_symbol()?))
    }
}

impl UnderlyingQuery {
    /// The root and the expiry that its name tells.
    pub fn root(&self) -> (String, Option<NaiveDate>) {
        let name = self.name.trim().to_ascii_uppercase();
        let future = if name.ends_with("FUT") {
            name.clone()
        } else {
            format!("{name}FUT")
        };
        let contract = Symbol::try_new(&future).and_then(|it| Contract::parse(Exchange::Nfo, &it));
        match contract {
            Ok(Contract::Future { base, expiry }) => (base.into(), Some(expiry)),
            _ => (name, None),
        }
    }
}

impl Market {
    /// What options are on, and its price. `expiry` is that of the options, where it is known: the
    /// price of a commodity's option follows that of the next future.
    pub(crate) async fn underlying(
        &self,
        asked: &UnderlyingQuery,
        expiry: Option<NaiveDate>,
    ) -> Result<UnderlyingPrice, OptionError> {
        let (base, embedded) = asked.root();
        let key = self
            .quoted(&base, asked.exchange, (embedded, expiry))
            .await?;
        let quote = self.quote(&key).await;
        let quote = quote.map_err(|source| OptionError::NoPrice {
            symbol: key.symbol.to_string(),
            source,
        })?;
        if quote.ltp.is_zero() {
            return Err(OptionError::ZeroPrice(key.symbol.to_string()));
        }
        Ok(UnderlyingPrice {
            base,
            expiry: embedded,
            options_on: asked.exchange.option_exchange().unwrap_or(Exchange::Nfo),
            quote,
        })
    }

    /// What tells the price of an underlying.
    async fn quoted(
        &self,
        base: &str,
        exchange: Exchange,
        (embedded, expiry): (Option<NaiveDate>, Option<NaiveDate>),
    ) -> Result<InstrumentKey, OptionError> {
        let symbol = Symbol::try_new(base)?;
        let index = self.instruments().await;
        let cash = |indices: Exchange, shares: Exchange| {
            let key = InstrumentKey::new(indices, symbol.clone());
            if index.find(&key).is_some() {
                key
            } else {
                InstrumentKey::new(shares, symbol.clone())
            }
        };
        Ok(match exchange {
            Exchange::Nfo => cash(Exchange::NseIndex, Exchange::Nse),
            Exchange::Bfo => cash(Exchange::BseIndex, Exchange::Bse),
            Exchange::Crypto => {
                InstrumentKey::new(exchange, Symbol::try_new(&format!("{base}USDFUT"))?)
            }
            Exchange::Mcx | Exchange::Cds | Exchange::Bcd | Exchange::Nco | Exchange::Ncdex => {
                let expiry = match embedded {
                    Some(embedded) => Some(embedded),
                    None => self.future_of(base, exchange, expiry).await,
                };
                let expiry = expiry.ok_or_else(|| OptionError::NoFuture {
                    base: base.to_owned(),
                    exchange,
                })?;
                let base = base.into();
                InstrumentKey::new(exchange, Contract::Future { base, expiry }.to_symbol()?)
            }
            Exchange::Nse
            | Exchange::Bse
            | Exchange::NseIndex
            | Exchange::BseIndex
            | Exchange::McxIndex
            | Exchange::GlobalIndex => InstrumentKey::new(exchange, symbol),
        })
    }

    /// The expiry of the first future that lives as long as options of a day do.
    async fn future_of(
        &self,
        base: &str,
        exchange: Exchange,
        expiry: Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        let index = self.instruments().await;
        let today = self.now().session_date();
        let from = expiry.unwrap_or(today).max(today);
        let chain = index.list().chain(exchange, base)?;
        chain
            .expiries(ContractClass::Futures, from)
            .first()
            .copied()
    }

    /// The option that is meant by its distance from the money.
    pub(crate) async fn option(
        &self,
        underlying: &UnderlyingPrice,
        choice: &OptionChoice,
    ) -> Result<ResolvedOption, OptionError> {
        let expiry = choice.expiry.or(underlying.expiry);
        let expiry = expiry.ok_or(OptionError::NoExpiry)?;
        let ltp = underlying.quote.ltp;
        let place = (choice.offset, choice.right);
        let strike = if let Some(step) = choice.strike_step {
            strike_by_step(step, ltp, place)?
        } else {
            let strikes = self.strikes(underlying, expiry, choice.right).await?;
            strike_of(&strikes, ltp, place).ok_or(OptionError::OutOfRange(choice.offset))?
        };
        let key = underlying.option(expiry, strike, choice.right)?;
        match self.instrument(&key).await {
            Ok(instrument) => Ok(ResolvedOption {
                instrument,
                underlying: underlying.quote.clone(),
            }),
            Err(_unknown) => Err(OptionError::NoSuchOption(key)),
        }
    }

    /// The strikes of a day, the lowest first; there is at least one.
    pub(crate) async fn strikes(
        &self,
        underlying: &UnderlyingPrice,
        expiry: NaiveDate,
        right: OptionRight,
    ) -> Result<Vec<Price>, OptionError> {
        let index = self.instruments().await;
        let chain = index.list().chain(underlying.options_on, &underlying.base);
        let strikes = chain.map_or_else(Vec::new, |chain| chain.strikes(expiry, right));
        if strikes.is_empty() {
            return Err(OptionError::NoStrikes {
                base: underlying.base.clone(),
                expiry: expiry_words(expiry),
            });
        }
        Ok(strikes)
    }
}
