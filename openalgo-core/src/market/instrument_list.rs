//! The instruments of a day, packed for memory: a hundred thousand of them are a few megabytes.
//!
//! A row holds numbers only. Texts lie behind each other in one long text, and what many rows
//! share (names, lots and ticks) is kept once. What a row says is read through an
//! [`InstrumentEntry`]; nothing is unpacked that was not asked for.
//!
//! | file | what is in it |
//! |---|---|
//! | `build` | how a list is made |
//! | `chain` | the contracts of an underlying |
//! | `entry` | what a row says |

mod build;
mod chain;
mod entry;

pub use build::{BrokerWords, InstrumentListBuilder, InstrumentListError};
pub use chain::{Chain, ContractClass};
pub use entry::{InstrumentEntry, PackedStrike};

use super::{Exchange, FreezeQuantities, Instrument, InstrumentKey, InstrumentKind};
use crate::value::{Quantity, Tick};
use chain::Group;
use chrono::NaiveDate;
use std::cmp::Ordering;
use std::fmt;

/// One instrument. Its texts lie behind each other: symbol, token, the broker's symbol.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// In ten-thousandths.
    strike: PackedStrike,
    /// Where its texts begin.
    text: u32,
    /// Which of the shared words its name is.
    name: u32,
    /// Which of the shared words the broker's code of the exchange is.
    broker_exchange: u32,
    /// Which lot, tick and freeze quantity it has.
    rules: u32,
    expiry: Option<NaiveDate>,
    broker_symbol_length: u16,
    symbol_length: u8,
    token_length: u8,
    exchange: Exchange,
    kind: InstrumentKind,
}

/// What many instruments share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Rules {
    lot_size: Quantity,
    tick: Tick,
    freeze_quantity: Option<Quantity>,
}

/// The instruments of a day, by exchange and symbol, each once.
#[derive(Default)]
pub struct InstrumentList {
    /// By exchange and symbol.
    rows: Box<[Row]>,
    texts: Box<str>,
    words: Box<[Box<str>]>,
    rules: Box<[Rules]>,
    /// Digests of exchange and token, and whose they are.
    by_token: Box<[(u32, u32)]>,
    /// Digests of exchange and broker's symbol, and whose they are.
    by_broker_symbol: Box<[(u32, u32)]>,
    /// Rows of contracts: by exchange, underlying, expiry, kind and strike.
    contracts: Box<[u32]>,
    /// The underlyings, in the same order.
    groups: Box<[Group]>,
}

impl InstrumentList {
    /// Packs instruments. Of two with the same exchange and symbol the later one counts.
    pub fn pack<'i>(
        instruments: impl IntoIterator<Item = &'i Instrument>,
    ) -> Result<Self, InstrumentListError> {
        let mut builder = InstrumentListBuilder::default();
        for instrument in instruments {
            builder.push(instrument, BrokerWords::default())?;
        }
        Ok(builder.finish())
    }

    /// How many instruments there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All instruments, by exchange and symbol.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = InstrumentEntry<'_>> {
        self.rows.iter().map(|row| self.entry_of(row))
    }

    /// The instrument at a place of that order.
    pub fn entry(&self, place: usize) -> Option<InstrumentEntry<'_>> {
        self.rows.get(place).map(|row| self.entry_of(row))
    }

    /// Where in that order an instrument is.
    pub fn place(&self, key: &InstrumentKey) -> Option<usize> {
        let wanted = key.symbol.as_str();
        let order = |row: &Row| -> Ordering {
            let exchange = row.exchange.cmp(&key.exchange);
            exchange.then_with(|| self.entry_of(row).symbol().cmp(wanted))
        };
        self.rows.binary_search_by(order).ok()
    }

    /// The instrument of exactly this name.
    pub fn find(&self, key: &InstrumentKey) -> Option<InstrumentEntry<'_>> {
        self.entry(self.place(key)?)
    }

    /// The instruments of an exchange whose symbol begins with a text, by symbol.
    pub fn starting_with<'l, 't>(
        &'l self,
        exchange: Exchange,
        text: &'t str,
    ) -> impl Iterator<Item = InstrumentEntry<'l>> + use<'l, 't> {
        let is_before = |row: &Row| {
            let entry = self.entry_of(row);
            (entry.exchange(), entry.symbol()) < (exchange, text)
        };
        let from = self.rows.partition_point(is_before);
        let rest = self.rows.iter().skip(from).map(|row| self.entry_of(row));
        rest.take_while(move |it| it.exchange() == exchange && it.symbol().starts_with(text))
    }

    /// The instrument that has a number at its broker. Two exchanges may use the same number.
    pub fn by_token(&self, exchange: Exchange, token: &str) -> Option<InstrumentEntry<'_>> {
        let is_it = |entry: &InstrumentEntry<'_>| entry.token() == Some(token);
        self.by_digest(&self.by_token, (exchange, token), is_it)
    }

    /// The instrument that a broker calls so. Of several the first one counts.
    pub fn by_broker_symbol(
        &self,
        exchange: Exchange,
        symbol: &str,
    ) -> Option<InstrumentEntry<'_>> {
        let is_it = |entry: &InstrumentEntry<'_>| entry.broker_symbol() == symbol;
        self.by_digest(&self.by_broker_symbol, (exchange, symbol), is_it)
    }

    /// The same instruments, with freeze quantities where they have none of their own.
    pub fn with_freeze_quantities(
        mut self,
        known: &FreezeQuantities,
    ) -> Result<Self, InstrumentListError> {
        let mut rules = self.rules.into_vec();
        let mut frozen = Vec::new();
        for group in &self.groups {
            let base = self.words.get(wide(group.base())).map_or("", |word| word);
            let Some(quantity) = known.of(group.exchange(), base) else {
                continue;
            };
            let places = self.contracts.get(group.range()).unwrap_or_default();
            // Contracts on one underlying have few rules between them.
            let mut changed: Vec<(u32, u32)> = Vec::new();
            for place in places {
                let Some(row) = self.rows.get(wide(*place)) else {
                    continue;
                };
                let made = changed.iter().find(|(from, _)| *from == row.rules);
                let to = if let Some((_, to)) = made {
                    *to
                } else {
                    let to = build::frozen(&mut rules, row.rules, quantity)?;
                    changed.push((row.rules, to));
                    to
                };
                frozen.push((wide(*place), to));
            }
        }
        for (place, rules) in frozen {
            if let Some(row) = self.rows.get_mut(place) {
                row.rules = rules;
            }
        }
        self.rules = rules.into();
        Ok(self)
    }

    /// How many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        let words: usize = self.words.iter().map(|word| size_of_val(&**word)).sum();
        [
            size_of_val(&*self.rows),
            size_of_val(&*self.texts),
            size_of_val(&*self.words),
            size_of_val(&*self.rules),
            size_of_val(&*self.by_token),
            size_of_val(&*self.by_broker_symbol),
            size_of_val(&*self.contracts),
            size_of_val(&*self.groups),
        ]
        .iter()
        .sum::<usize>()
        .saturating_add(words)
    }

    fn by_digest(
        &self,
        digests: &[(u32, u32)],
        (exchange, text): (Exchange, &str),
        is_it: impl Fn(&InstrumentEntry<'_>) -> bool,
    ) -> Option<InstrumentEntry<'_>> {
        let digest = digest(exchange, text);
        let from = digests.partition_point(|(known, _)| *known < digest);
        let mut alike = digests.iter().skip(from);
        let mut alike = std::iter::from_fn(|| alike.next().filter(|(known, _)| *known == digest));
        alike.find_map(|(_, place)| {
            let entry = self.entry(wide(*place))?;
            (entry.exchange() == exchange && is_it(&entry)).then_some(entry)
        })
    }

    fn entry_of<'l>(&'l self, row: &'l Row) -> InstrumentEntry<'l> {
        InstrumentEntry { list: self, row }
    }

    fn word(&self, number: u32) -> &str {
        self.words.get(wide(number)).map_or("", |word| word)
    }
}

/// A list is too long to be shown.
impl fmt::Debug for InstrumentList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstrumentList")
            .field("instruments", &self.len())
            .finish_non_exhaustive()
    }
}

/// FNV-1a of an exchange and a text, folded to half its width. It only narrows down where to look.
fn digest(exchange: Exchange, text: &str) -> u32 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const FACTOR: u64 = 0x0100_0000_01b3;
    let bytes = exchange.as_str().bytes().chain([0]).chain(text.bytes());
    let wide = bytes.fold(START, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(FACTOR)
    });
    u32::try_from((wide >> 32) ^ (wide & u64::from(u32::MAX))).unwrap_or_default()
}

/// A number of a row as the place that it is.
fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
