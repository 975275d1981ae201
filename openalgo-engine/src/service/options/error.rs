//! Why something about options is not told, in the words that clients know.

use crate::market::{LookupError, OptionError, client_words};
use chrono::NaiveDate;
use openalgo_core::analytics::NotComputable;
use openalgo_core::market::{InstrumentKey, OptionRight, SymbolError};
use openalgo_core::value::ValueError;
use thiserror::Error;

/// Why there is no chain, or no future made of options.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// There is no price of the underlying of a chain.
    #[error("Failed to fetch LTP for {symbol}: {}", client_words(.source))]
    NoPrice {
        /// The underlying.
        symbol: String,
        /// Why not.
        source: LookupError,
    },
    /// The underlying has no price, or no strikes of that day.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// One of the two options that make a future has no price.
    #[error("Could not fetch LTP for {} option: {}", side(*.right), .key.symbol)]
    NoOptionPrice {
        /// Which of the two.
        right: OptionRight,
        /// The option.
        key: InstrumentKey,
    },
    /// Nothing is listed.
    #[error("No valid option symbols found for the given parameters")]
    NoOptions,
    /// A price left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}

fn side(right: OptionRight) -> &'static str {
    match right {
        OptionRight::Call => "Call",
        OptionRight::Put => "Put",
    }
}

/// Why no Greeks are told.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GreeksError {
    /// The symbol names no option.
    #[error(
        "Failed to get option Greeks: Failed to parse option symbol {0}: Invalid option symbol \
         format: {0}"
    )]
    NotAnOption(String),
    /// The same of what is no contract at all.
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    /// It has expired.
    #[error("Option has expired on {}", .0.format("%d-%b-%Y"))]
    Expired(NaiveDate),
    /// The underlying has no price.
    #[error("Failed to fetch underlying price: {}", client_words(.0))]
    NoUnderlyingPrice(#[source] LookupError),
    /// The option has no price.
    #[error("Failed to fetch option price: {}", client_words(.0))]
    NoOptionPrice(#[source] LookupError),
    /// One of the prices is zero.
    #[error("Spot price and option price must be positive")]
    NotPositive,
    /// It cannot be told what the option is on.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// No volatility explains the price.
    #[error(transparent)]
    NotComputable(#[from] NotComputable),
    /// A price left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}
