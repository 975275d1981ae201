//! One tradable (or quoted) thing and its trading rules.

use super::{Exchange, OptionRight, Symbol};
use crate::id::InstrumentToken;
use crate::value::{Price, Quantity, Tick};
use crate::wire::wire_enum;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// What names an instrument: a symbol is unique only together with its exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstrumentKey {
    /// The exchange.
    pub exchange: Exchange,
    /// The symbol in the OpenAlgo grammar.
    pub symbol: Symbol,
}

impl InstrumentKey {
    /// Names the instrument `symbol` of `exchange`.
    pub fn new(exchange: Exchange, symbol: Symbol) -> Self {
        Self { exchange, symbol }
    }
}

impl fmt::Display for InstrumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.exchange, self.symbol)
    }
}

wire_enum! {
    /// The kind of an instrument; the words are those of the symbol master's `instrumenttype`.
    pub enum InstrumentKind as "instrument type" {
        /// A share, ETF or bond.
        Equity = "EQ",
        /// An index: quoted, not traded.
        Index = "INDEX",
        /// A future.
        Future = "FUT",
        /// A call option.
        Call = "CE",
        /// A put option.
        Put = "PE",
    }
}

impl InstrumentKind {
    /// The word that clients of the API know: there, an index is one that cannot be told from a share
    /// by this word, but by its exchange.
    pub fn client_word(self) -> &'static str {
        match self {
            Self::Equity | Self::Index => Self::Equity.as_str(),
            Self::Future | Self::Call | Self::Put => self.as_str(),
        }
    }

    /// The right that an option of this kind gives; `None` for anything else.
    pub fn option_right(self) -> Option<OptionRight> {
        match self {
            Self::Call => Some(OptionRight::Call),
            Self::Put => Some(OptionRight::Put),
            Self::Equity | Self::Index | Self::Future => None,
        }
    }
}

/// A quantity that is no whole number of lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Quantity must be in multiples of lot size {lot_size}")]
pub struct LotError {
    /// The instrument's lot size in units.
    pub lot_size: Quantity,
}

/// One row of the symbol master (`docs/vocabulary.md`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Exchange and symbol.
    pub key: InstrumentKey,
    /// Company or index name; for a derivative the root it is built from.
    pub name: Box<str>,
    /// What it is.
    pub kind: InstrumentKind,
    /// Last trading day of a contract.
    pub expiry: Option<NaiveDate>,
    /// Strike of an option.
    pub strike: Option<Price>,
    /// Units per lot; 1 in the cash segment.
    pub lot_size: Quantity,
    /// Smallest price step.
    pub tick: Tick,
    /// The broker's number for it.
    pub token: Option<InstrumentToken>,
    /// The largest quantity one order may have, where the exchange freezes larger ones.
    pub freeze_quantity: Option<Quantity>,
}

impl Instrument {
    /// Whether orders for it are taken.
    pub fn is_tradable(&self) -> bool {
        !self.key.exchange.is_index() && self.kind != InstrumentKind::Index
    }

    /// Checks that a quantity is a whole number of lots, where the segment trades in lots.
    pub fn check_lot(&self, quantity: Quantity) -> Result<(), LotError> {
        if self.key.exchange.is_cash() || quantity.is_multiple_of(self.lot_size) {
            Ok(())
        } else {
            Err(LotError {
                lot_size: self.lot_size,
            })
        }
    }
}
