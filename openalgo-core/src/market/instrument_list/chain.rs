//! The contracts of an underlying: expiries and strikes.

use super::{InstrumentEntry, InstrumentList, Row, wide};
use crate::market::{Exchange, InstrumentKind, OptionRight};
use crate::value::Price;
use chrono::NaiveDate;
use std::collections::HashMap;
use std::ops::Range;

/// Futures or options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractClass {
    /// Futures.
    Futures,
    /// Calls and puts.
    Options,
}

impl ContractClass {
    fn holds(self, kind: InstrumentKind) -> bool {
        match self {
            Self::Futures => kind == InstrumentKind::Future,
            Self::Options => kind.option_right().is_some(),
        }
    }
}

/// An underlying with contracts, and where those are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    exchange: Exchange,
    /// Which of the shared words the underlying is.
    base: u32,
    from: u32,
    until: u32,
}

impl Group {
    pub(super) fn exchange(&self) -> Exchange {
        self.exchange
    }

    pub(super) fn base(&self) -> u32 {
        self.base
    }

    pub(super) fn range(&self) -> Range<usize> {
        wide(self.from)..wide(self.until)
    }
}

/// The contracts of one underlying on one exchange: by expiry, kind and strike.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'l> {
    list: &'l InstrumentList,
    group: Group,
}

impl<'l> Chain<'l> {
    /// The exchange on which they trade.
    pub fn exchange(&self) -> Exchange {
        self.group.exchange
    }

    /// The root that their symbols begin with.
    pub fn base(&self) -> &'l str {
        self.list.word(self.group.base)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        wide(self.group.until).saturating_sub(wide(self.group.from))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The contracts: by expiry, kind and strike.
    pub fn entries(&self) -> impl Iterator<Item = InstrumentEntry<'l>> + use<'l> {
        let list = self.list;
        let places = list.contracts.get(self.group.range()).unwrap_or_default();
        places.iter().filter_map(|place| list.entry(wide(*place)))
    }

    /// The days on which contracts of a class expire, from a day on, each once, the next one first.
    pub fn expiries(&self, class: ContractClass, from: NaiveDate) -> Vec<NaiveDate> {
        let wanted = self.entries().filter(|entry| class.holds(entry.kind()));
        let mut expiries: Vec<_> = wanted
            .filter_map(|entry| entry.expiry())
            .filter(|expiry| *expiry >= from)
            .collect();
        expiries.dedup();
        expiries
    }

    /// The strikes of one expiry, the lowest first.
    pub fn strikes(&self, expiry: NaiveDate, right: OptionRight) -> Vec<Price> {
        let wanted = self.entries().filter(|entry| {
            entry.expiry() == Some(expiry) && entry.kind().option_right() == Some(right)
        });
        wanted.filter_map(|entry| entry.strike()).collect()
    }
}

impl InstrumentList {
    /// The contracts on an underlying, if there are any.
    pub fn chain(&self, exchange: Exchange, base: &str) -> Option<Chain<'_>> {
        let order = |group: &Group| {
            let exchanges = group.exchange.cmp(&exchange);
            exchanges.then_with(|| self.word(group.base).cmp(base))
        };
        let place = self.groups.binary_search_by(order).ok()?;
        let group = *self.groups.get(place)?;
        Some(Chain { list: self, group })
    }

    /// The contracts of the underlying at a place of [`Self::chains`].
    pub fn chain_at(&self, place: usize) -> Option<Chain<'_>> {
        let group = *self.groups.get(place)?;
        Some(Chain { list: self, group })
    }

    /// Every underlying that has contracts, by exchange and root.
    pub fn chains(&self) -> impl Iterator<Item = Chain<'_>> {
        let chain = |group: &Group| Chain {
            list: self,
            group: *group,
        };
        self.groups.iter().map(chain)
    }
}

/// Where the contracts of each underlying are: comparing numbers only, except for the underlyings
/// themselves.
pub(super) fn group(rows: &[Row], words: &[Box<str>]) -> (Box<[u32]>, Box<[Group]>) {
    let word = |number: u32| words.get(wide(number)).map_or("", |word| word);
    let mut bases: Vec<(Exchange, u32)> = rows
        .iter()
        .filter(|row| is_contract(row))
        .map(|row| (row.exchange, row.name))
        .collect();
    bases.sort_unstable();
    bases.dedup();
    bases.sort_by(|(a, base), (b, other)| (a, word(*base)).cmp(&(b, word(*other))));
    let ranks: HashMap<(Exchange, u32), usize> = bases.iter().copied().zip(0_usize..).collect();
    let mut contracts: Vec<_> = rows
        .iter()
        .zip(0_u32..)
        .filter(|(row, _)| is_contract(row))
        .map(|(row, place)| {
            let rank = ranks.get(&(row.exchange, row.name)).copied();
            (
                rank.unwrap_or_default(),
                row.expiry,
                row.kind,
                row.strike,
                place,
            )
        })
        .collect();
    contracts.sort_unstable();
    let mut groups: Vec<Group> = Vec::with_capacity(bases.len());
    let mut latest = None;
    for ((rank, ..), place) in contracts.iter().zip(0_u32..) {
        let until = place.saturating_add(1);
        match groups.last_mut() {
            Some(group) if latest == Some(*rank) => group.until = until,
            Some(_) | None => {
                let Some((exchange, base)) = bases.get(*rank).copied() else {
                    continue;
                };
                groups.push(Group {
                    exchange,
                    base,
                    from: place,
                    until,
                });
                latest = Some(*rank);
            }
        }
    }
    let places = contracts.into_iter().map(|(.., place)| place).collect();
    (places, groups.into())
}

/// Contracts without an expiry, such as perpetual futures, are found by their symbol only.
fn is_contract(row: &Row) -> bool {
    row.exchange.is_derivative() && row.expiry.is_some()
}
