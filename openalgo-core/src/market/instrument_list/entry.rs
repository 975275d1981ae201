//! What a row says.

use super::{InstrumentList, Row, Rules, wide};
use crate::market::{Exchange, Instrument, InstrumentKey, InstrumentKind, Symbol};
use crate::value::{Price, Quantity, Tick};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::fmt;

/// Decimals of a strike as a row keeps it.
const PLACES: u32 = 4;

/// A strike as rows keep it, which costs nothing to compare; what has none comes before all strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackedStrike(i64);

impl From<Price> for PackedStrike {
    /// A price has four decimals and fifteen digits at most.
    fn from(price: Price) -> Self {
        let mut value = price.to_decimal();
        value.rescale(PLACES);
        i64::try_from(value.mantissa()).map_or(Self::NONE, Self)
    }
}

impl PackedStrike {
    /// No strike.
    pub(super) const NONE: Self = Self(-1);
}

/// One instrument of a list.
#[derive(Clone, Copy)]
pub struct InstrumentEntry<'l> {
    pub(super) list: &'l InstrumentList,
    pub(super) row: &'l Row,
}

impl<'l> InstrumentEntry<'l> {
    /// The exchange.
    pub fn exchange(&self) -> Exchange {
        self.row.exchange
    }

    /// The symbol.
    pub fn symbol(&self) -> &'l str {
        self.text(0, usize::from(self.row.symbol_length))
    }

    /// Exchange and symbol.
    pub fn key(&self) -> InstrumentKey {
        InstrumentKey::new(self.row.exchange, Symbol::of_list(self.symbol()))
    }

    /// Company or index name; for a contract the root it is built from.
    pub fn name(&self) -> &'l str {
        self.list.word(self.row.name)
    }

    /// What it is.
    pub fn kind(&self) -> InstrumentKind {
        self.row.kind
    }

    /// Last trading day of a contract.
    pub fn expiry(&self) -> Option<NaiveDate> {
        self.row.expiry
    }

    /// Strike of an option.
    pub fn strike(&self) -> Option<Price> {
        Price::try_new(Decimal::new(self.row.strike.0, PLACES)).ok()
    }

    /// The same, for comparing many.
    pub fn packed_strike(&self) -> PackedStrike {
        self.row.strike
    }

    /// Units per lot.
    pub fn lot_size(&self) -> Quantity {
        self.rules().map_or(Quantity::ONE, |rules| rules.lot_size)
    }

    /// The broker's number for it.
    pub fn token(&self) -> Option<&'l str> {
        let length = usize::from(self.row.token_length);
        let token = self.text(usize::from(self.row.symbol_length), length);
        (!token.is_empty()).then_some(token)
    }

    /// What the broker calls it; its symbol where nobody has said.
    pub fn broker_symbol(&self) -> &'l str {
        let before = usize::from(self.row.symbol_length);
        let before = before.saturating_add(usize::from(self.row.token_length));
        match self.text(before, usize::from(self.row.broker_symbol_length)) {
            "" => self.symbol(),
            symbol => symbol,
        }
    }

    /// The broker's code of the exchange; ours where nobody has said.
    pub fn broker_exchange(&self) -> &'l str {
        match self.list.word(self.row.broker_exchange) {
            "" => self.row.exchange.as_str(),
            code => code,
        }
    }

    /// Smallest price step.
    pub fn tick(&self) -> Option<Tick> {
        self.rules().map(|rules| rules.tick)
    }

    /// The largest quantity one order may have, where that is known.
    pub fn freeze_quantity(&self) -> Option<Quantity> {
        self.rules()?.freeze_quantity
    }

    /// The instrument, unpacked; `None` only of a list that was changed while it was read.
    pub fn to_instrument(&self) -> Option<Instrument> {
        let rules = self.rules()?;
        Some(Instrument {
            key: self.key(),
            name: self.name().into(),
            kind: self.kind(),
            expiry: self.expiry(),
            strike: self.strike(),
            lot_size: rules.lot_size,
            tick: rules.tick,
            token: self.token().and_then(|token| token.parse().ok()),
            freeze_quantity: rules.freeze_quantity,
        })
    }

    fn rules(&self) -> Option<&'l Rules> {
        self.list.rules.get(wide(self.row.rules))
    }

    fn text(&self, from: usize, length: usize) -> &'l str {
        let from = wide(self.row.text).saturating_add(from);
        let part = self.list.texts.get(from..from.saturating_add(length));
        part.unwrap_or_default()
    }
}

impl fmt::Debug for InstrumentEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.exchange(), self.symbol())
    }
}
