//! The OpenAlgo symbol grammar (`docs/vocabulary.md`).
//!
//! | kind | form | example |
//! |---|---|---|
//! | share | base | `M&M` |
//! | index | name | `NIFTY` |
//! | future | base, `DDMMMYY`, `FUT` | `BANKNIFTY24APR24FUT` |
//! | option | base, `DDMMMYY`, strike, `CE` or `PE` | `VEDL25APR24292.5CE` |
//!
//! Bases may hold digits (`NIFTYNXT50`, `726GS2033`), so a contract is read from its right end:
//! type, strike, date, and what is left is the base. The year always takes exactly two digits.

use super::Exchange;
use crate::value::Price;
use crate::wire::wire_enum;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

const LONGEST: usize = 64;
const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// A text that is no symbol, or no contract where one is expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SymbolError {
    /// The text breaks the rules for every symbol.
    #[error(
        "symbol '{}' must be 1 to {LONGEST} visible ASCII characters in upper case, without blanks or ':'",
        text.escape_debug()
    )]
    Malformed {
        /// The text as given.
        text: Box<str>,
    },
    /// The symbol names no future or option, but its exchange trades nothing else.
    #[error(
        "symbol '{symbol}' is no {exchange} contract; futures look like NIFTY24NOV26FUT and options like NIFTY24NOV2626000CE"
    )]
    NotAContract {
        /// The symbol as given.
        symbol: Box<str>,
        /// The exchange it was looked for on.
        exchange: Exchange,
    },
}

/// A symbol as users write it; unique together with its [`Exchange`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Symbol(Box<str>);

impl Symbol {
    /// Takes upper case text without blanks.
    pub fn try_new(text: &str) -> Result<Self, SymbolError> {
        let allowed = |b: u8| b.is_ascii_graphic() && !b.is_ascii_lowercase() && b != b':';
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(SymbolError::Malformed { text: text.into() })
        }
    }

    /// A symbol again that was one before it was packed.
    pub(super) fn of_list(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Symbol {
    type Err = SymbolError;

    fn from_str(text: &str) -> Result<Self, SymbolError> {
        Self::try_new(text)
    }
}

impl TryFrom<String> for Symbol {
    type Error = SymbolError;

    fn try_from(text: String) -> Result<Self, SymbolError> {
        Self::try_new(&text)
    }
}

impl From<Symbol> for String {
    fn from(symbol: Symbol) -> Self {
        symbol.0.into()
    }
}

wire_enum! {
    /// What an option gives the right to.
    pub enum OptionRight as "option type" {
        /// To buy.
        Call = "CE",
        /// To sell.
        Put = "PE",
    }
}

/// What a symbol says about the thing it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contract {
    /// A share, ETF or bond of a cash segment, or a crypto spot pair.
    Cash {
        /// The whole symbol.
        base: Box<str>,
    },
    /// An index.
    Index {
        /// The whole symbol.
        name: Box<str>,
    },
    /// A future with an expiry.
    Future {
        /// The underlying's root.
        base: Box<str>,
        /// Last trading day.
        expiry: NaiveDate,
    },
    /// A crypto future that never expires.
    Perpetual {
        /// The venue's symbol, such as `BTCUSD`.
        base: Box<str>,
    },
    /// An option.
    Option {
        /// The underlying's root.
        base: Box<str>,
        /// Last trading day.
        expiry: NaiveDate,
        /// The strike.
        strike: Price,
        /// Call or put.
        right: OptionRight,
    },
}

impl Contract {
    /// Reads a symbol by the rules of its exchange.
    pub fn parse(exchange: Exchange, symbol: &Symbol) -> Result<Self, SymbolError> {
        let text = symbol.as_str();
        if exchange.is_index() {
            return Ok(Self::Index { name: text.into() });
        }
        if exchange.is_cash() {
            return Ok(Self::Cash { base: text.into() });
        }
        let contract = future(text).or_else(|| option(text));
        // Only the canonical spelling counts: a strike of `0800` or `800.0` names nothing.
        if let Some(contract) = contract.filter(|c| c.to_string() == text) {
            return Ok(contract);
        }
        match (exchange, text.strip_suffix("FUT")) {
            (Exchange::Crypto, Some(base)) if !base.is_empty() => {
                Ok(Self::Perpetual { base: base.into() })
            }
            (Exchange::Crypto, _) => Ok(Self::Cash { base: text.into() }),
            _ => Err(SymbolError::NotAContract {
                symbol: text.into(),
                exchange,
            }),
        }
    }

    /// The underlying's root, or the whole symbol of what has no underlying.
    pub fn base(&self) -> &str {
        match self {
            Self::Index { name } => name,
            Self::Cash { base }
            | Self::Future { base, .. }
            | Self::Perpetual { base }
            | Self::Option { base, .. } => base,
        }
    }

    /// The symbol that names this contract.
    pub fn to_symbol(&self) -> Result<Symbol, SymbolError> {
        Symbol::try_new(&self.to_string())
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cash { base } | Self::Index { name: base } => f.write_str(base),
            Self::Perpetual { base } => write!(f, "{base}FUT"),
            Self::Future { base, expiry } => {
                write!(f, "{base}")?;
                write_expiry(f, *expiry)?;
                f.write_str("FUT")
            }
            Self::Option {
                base,
                expiry,
                strike,
                right,
            } => {
                write!(f, "{base}")?;
                write_expiry(f, *expiry)?;
                write!(f, "{}{right}", strike.to_decimal().normalize())
            }
        }
    }
}

fn write_expiry(f: &mut fmt::Formatter<'_>, date: NaiveDate) -> fmt::Result {
    write!(
        f,
        "{}",
        date.format("%d%b%y").to_string().to_ascii_uppercase()
    )
}

fn future(text: &str) -> Option<Contract> {
    let rest = text.strip_suffix("FUT")?;
    let (base, date) = rest.split_at_checked(rest.len().checked_sub(7)?)?;
    let expiry = expiry(date)?;
    (!base.is_empty()).then(|| Contract::Future {
        base: base.into(),
        expiry,
    })
}

fn option(text: &str) -> Option<Contract> {
    let (rest, right) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let right = right.parse().ok()?;
    // The last letter before the strike is the last letter of the month.
    let month_end = rest
        .rfind(|c: char| c.is_ascii_alphabetic())?
        .checked_add(1)?;
    let (base, contract) = rest.split_at_checked(month_end.checked_sub(5)?)?;
    let (date, strike) = contract.split_at_checked(7)?;
    let expiry = expiry(date)?;
    let strike: Price = strike.parse().ok()?;
    let complete = !base.is_empty() && !strike.is_zero();
    complete.then(|| Contract::Option {
        base: base.into(),
        expiry,
        strike,
        right,
    })
}

/// Reads `DDMMMYY`.
fn expiry(text: &str) -> Option<NaiveDate> {
    let (day, rest) = text.split_at_checked(2)?;
    let (month, year) = rest.split_at_checked(3)?;
    let month = MONTHS.iter().position(|name| *name == month)?;
    let month = u32::try_from(month).ok()?.checked_add(1)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(day) || !digits(year) || year.len() != 2 {
        return None;
    }
    let year = year.parse::<i32>().ok()?.checked_add(2000)?;
    NaiveDate::from_ymd_opt(year, month, day.parse().ok()?)
}
