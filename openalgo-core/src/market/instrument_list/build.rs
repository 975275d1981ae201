//! How a list is made.

use super::{InstrumentList, PackedStrike, Row, Rules, chain, digest, wide};
use crate::market::{Exchange, Instrument};
use crate::value::Quantity;
use std::collections::HashMap;
use std::hash::Hash;
use thiserror::Error;

/// Why an instrument has no room in a list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InstrumentListError {
    /// The broker's name for it is longer than any.
    #[error("the broker's symbol of {symbol} has {length} characters, more than any has")]
    LongText {
        /// Our symbol.
        symbol: Box<str>,
        /// How long the broker's is.
        length: usize,
    },
    /// There are more instruments than a list can number.
    #[error("there are too many instruments for one list")]
    Full,
}

/// What a broker calls an instrument; empty where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BrokerWords<'w> {
    /// Its symbol.
    pub symbol: &'w str,
    /// Its code of the exchange.
    pub exchange: &'w str,
}

/// Takes instruments one by one, so that they need not all be there unpacked at once.
#[derive(Debug, Default)]
pub struct InstrumentListBuilder {
    rows: Vec<Row>,
    texts: String,
    words: Numbered<Box<str>>,
    rules: Numbered<Rules>,
}

/// Things that are kept once.
#[derive(Debug)]
struct Numbered<T> {
    numbers: HashMap<T, u32>,
    all: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            all: Vec::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    fn add(&mut self, thing: T) -> Result<u32, InstrumentListError> {
        let number = narrow(self.all.len())?;
        self.all.push(thing.clone());
        self.numbers.insert(thing, number);
        Ok(number)
    }
}

impl InstrumentListBuilder {
    /// A builder with room for so many instruments.
    pub fn with_capacity(instruments: usize) -> Self {
        Self {
            rows: Vec::with_capacity(instruments),
            ..Self::default()
        }
    }

    /// Adds an instrument, and what its broker calls it.
    pub fn push(
        &mut self,
        instrument: &Instrument,
        broker: BrokerWords<'_>,
    ) -> Result<(), InstrumentListError> {
        let symbol = instrument.key.symbol.as_str();
        let token = instrument.token.as_ref().map_or("", |token| token.as_str());
        // Most brokers call most shares as we do.
        let theirs = if broker.symbol == symbol {
            ""
        } else {
            broker.symbol
        };
        let broker_symbol_length =
            u16::try_from(theirs.len()).map_err(|_long| InstrumentListError::LongText {
                symbol: symbol.into(),
                length: theirs.len(),
            })?;
        let exchange = instrument.key.exchange;
        let code = if broker.exchange == exchange.as_str() {
            ""
        } else {
            broker.exchange
        };
        let row = Row {
            strike: instrument
                .strike
                .map_or(PackedStrike::NONE, PackedStrike::from),
            text: narrow(self.texts.len())?,
            name: self.word(&instrument.name)?,
            broker_exchange: self.word(code)?,
            rules: self.rule(Rules {
                lot_size: instrument.lot_size,
                tick: instrument.tick,
                freeze_quantity: instrument.freeze_quantity,
            })?,
            expiry: instrument.expiry,
            broker_symbol_length,
            // Both kinds of text have 64 characters at most.
            symbol_length: u8::try_from(symbol.len()).unwrap_or(u8::MAX),
            token_length: u8::try_from(token.len()).unwrap_or(u8::MAX),
            exchange,
            kind: instrument.kind,
        };
        for text in [symbol, token, theirs] {
            self.texts.push_str(text);
        }
        // The end of the texts is a place, too.
        narrow(self.texts.len())?;
        self.rows.push(row);
        Ok(())
    }

    /// The list of what was added. Of two instruments with the same exchange and symbol the later
    /// one is in it.
    pub fn finish(self) -> InstrumentList {
        let mut list = InstrumentList {
            texts: self.texts.into_boxed_str(),
            words: self.words.all.into(),
            rules: self.rules.all.into(),
            ..InstrumentList::default()
        };
        let mut rows = self.rows;
        // One after the other as a file has them, they are in order already more often than not.
        rows.sort_by(|a, b| key(&list, a).cmp(&key(&list, b)));
        rows.dedup_by(|later, earlier| {
            let is_same = key(&list, later) == key(&list, earlier);
            if is_same {
                *earlier = *later;
            }
            is_same
        });
        list.rows = rows.into();
        list.by_token = digests(&list, |list, row| list.entry_of(row).token());
        list.by_broker_symbol =
            digests(&list, |list, row| Some(list.entry_of(row).broker_symbol()));
        (list.contracts, list.groups) = chain::group(&list.rows, &list.words);
        list
    }

    fn word(&mut self, word: &str) -> Result<u32, InstrumentListError> {
        match self.words.numbers.get(word) {
            Some(number) => Ok(*number),
            None => self.words.add(word.into()),
        }
    }

    fn rule(&mut self, rules: Rules) -> Result<u32, InstrumentListError> {
        match self.rules.numbers.get(&rules) {
            Some(number) => Ok(*number),
            None => self.rules.add(rules),
        }
    }
}

/// The same rules with a freeze quantity, where they have none.
pub(super) fn frozen(
    all: &mut Vec<Rules>,
    of: u32,
    freeze_quantity: Quantity,
) -> Result<u32, InstrumentListError> {
    let Some(rules) = all.get(wide(of)).copied() else {
        return Ok(of);
    };
    if rules.freeze_quantity.is_some() {
        return Ok(of);
    }
    let number = narrow(all.len())?;
    all.push(Rules {
        freeze_quantity: Some(freeze_quantity),
        ..rules
    });
    Ok(number)
}

fn key<'l>(list: &'l InstrumentList, row: &Row) -> (Exchange, &'l str) {
    let from = wide(row.text);
    let until = from.saturating_add(usize::from(row.symbol_length));
    (
        row.exchange,
        list.texts.get(from..until).unwrap_or_default(),
    )
}

fn digests(
    list: &InstrumentList,
    text: for<'l> fn(&'l InstrumentList, &'l Row) -> Option<&'l str>,
) -> Box<[(u32, u32)]> {
    let rows = list.rows.iter().zip(0_u32..);
    let mut digests: Box<[_]> = rows
        .filter_map(|(row, place)| Some((digest(row.exchange, text(list, row)?), place)))
        .collect();
    digests.sort_unstable();
    digests
}

fn narrow(place: usize) -> Result<u32, InstrumentListError> {
    u32::try_from(place).map_err(|_many| InstrumentListError::Full)
}
