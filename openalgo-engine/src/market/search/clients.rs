//! Searching by the rules that clients of the API know.
//!
//! Every word must occur in some text of an instrument, anywhere in it, or be its strike. What may
//! have a word is known by three characters of it at a time ([`grams`]), and then looked at, in the
//! order in which clients get it, until there is enough.

mod grams;

use grams::{Grams, GramsBuilder, Places};
use openalgo_core::market::{Exchange, InstrumentEntry, InstrumentList, PackedStrike};
use openalgo_core::value::Price;
use std::collections::BTreeMap;

/// As many as clients ever get.
pub(super) const MOST: usize = 500;

/// What searching by these rules needs besides the list. Places are those of the order in which
/// clients get what fits equally well: shorter symbols first, then by symbol and exchange.
#[derive(Debug)]
pub(super) struct Clients {
    /// Where in the list the instrument of a place is.
    order: Box<[u32]>,
    symbols: Grams,
    /// What stands in other texts only.
    others: Grams,
    /// Places of options, by strike.
    strikes: Box<[u32]>,
    exchanges: BTreeMap<Exchange, Places>,
}

/// A word that must occur.
struct Term {
    text: String,
    strike: Option<Price>,
}

/// One search under way.
struct Hunt<'l, 't> {
    list: &'l InstrumentList,
    terms: &'t [Term],
    most: usize,
    hits: Vec<InstrumentEntry<'l>>,
}

impl Clients {
    pub(super) fn new(list: &InstrumentList) -> Self {
        let mut entries: Vec<_> = list.entries().zip(0_u32..).collect();
        entries.sort_unstable_by_key(|(entry, _)| {
            let symbol = entry.symbol();
            (symbol.len(), symbol, entry.exchange())
        });
        let (mut symbols, mut others) = (GramsBuilder::new(), GramsBuilder::new());
        let (mut strikes, mut exchanges) = (Vec::new(), BTreeMap::new());
        for ((entry, _), place) in entries.iter().zip(0..) {
            symbols.add(place, (entry.symbol(), true), |_| false);
            let token = entry.token().unwrap_or_default();
            for text in [entry.broker_symbol(), entry.name(), token] {
                others.add(place, (text, false), |gram| symbols.has(gram, place));
            }
            if entry.strike().is_some() {
                strikes.push((
                    entry.packed_strike(),
                    u32::try_from(place).unwrap_or(u32::MAX),
                ));
            }
            let of_exchange = exchanges.entry(entry.exchange());
            let of_exchange = of_exchange.or_insert_with(|| Places::none_of(entries.len()));
            of_exchange.add(place);
        }
        strikes.sort_unstable();
        Self {
            symbols: symbols.finish(entries.len()),
            others: others.finish(entries.len()),
            strikes: strikes.into_iter().map(|(_, place)| place).collect(),
            exchanges,
            order: entries.into_iter().map(|(_, place)| place).collect(),
        }
    }

    pub(super) fn memory(&self) -> usize {
        let places = self.exchanges.values().map(Places::memory);
        [
            size_of_val(&*self.order),
            size_of_val(&*self.strikes),
            self.symbols.memory(),
            self.others.memory(),
        ]
        .into_iter()
        .chain(places)
        .sum()
    }

    /// See [`InstrumentIndex::search_as_clients_do`](super::InstrumentIndex::search_as_clients_do).
    pub(super) fn find<'l>(
        &self,
        list: &'l InstrumentList,
        (query, exchange): (&str, Option<Exchange>),
        most: usize,
    ) -> Vec<InstrumentEntry<'l>> {
        let query = query.to_ascii_uppercase();
        let terms: Vec<Term> = query.split_whitespace().map(Term::new).collect();
        let Some(first) = terms.first().map(|term| term.text.as_str()) else {
            return Vec::new();
        };
        let mut all = Places::all_of(list.len());
        if let Some(exchange) = exchange {
            match self.exchanges.get(&exchange) {
                Some(places) => all.keep(places),
                None => return Vec::new(),
            }
        }
        for term in &terms {
            all.keep(&self.having(list, term));
        }
        let mut hunt = Hunt {
            list,
            terms: &terms,
            most,
            hits: Vec::new(),
        };
        // A symbol that is the word itself is the shortest of those that begin with it.
        let begins = |symbol: &str| symbol.starts_with(first);
        self.look(
            &mut hunt,
            (&all, Some(self.symbols.beginning(first))),
            begins,
        );
        let has = |symbol: &str| symbol.contains(first);
        let inside = |symbol: &str| has(symbol) && !begins(symbol);
        self.look(&mut hunt, (&all, Some(self.symbols.having(first))), inside);
        self.look(&mut hunt, (&all, None), |symbol| !has(symbol));
        hunt.hits
    }

    /// Places that may have a word.
    fn having(&self, list: &InstrumentList, term: &Term) -> Places {
        let mut places = Grams::holding([&self.symbols, &self.others], &term.text);
        let Some(strike) = term.strike.map(PackedStrike::from) else {
            return places;
        };
        let of = |place: &u32| Some(self.entry(list, wide(*place))?.packed_strike());
        let from = self
            .strikes
            .partition_point(|place| of(place) < Some(strike));
        let alike = self.strikes.iter().skip(from);
        for place in alike.take_while(|place| of(place) == Some(strike)) {
            places.add(wide(*place));
        }
        places
    }

    fn entry<'l>(&self, list: &'l InstrumentList, place: usize) -> Option<InstrumentEntry<'l>> {
        list.entry(wide(*self.order.get(place)?))
    }

    /// Adds what has all words and a symbol of one kind, until there is enough.
    fn look(
        &self,
        hunt: &mut Hunt<'_, '_>,
        (all, narrower): (&Places, Option<Places>),
        is_of_kind: impl Fn(&str) -> bool,
    ) {
        if hunt.hits.len() >= hunt.most {
            return;
        }
        let mut places = all.clone();
        if let Some(narrower) = narrower {
            places.keep(&narrower);
        }
        for place in places.iter() {
            let Some(entry) = self.entry(hunt.list, place) else {
                continue;
            };
            if is_of_kind(entry.symbol()) && hunt.terms.iter().all(|term| term.occurs(&entry)) {
                hunt.hits.push(entry);
                if hunt.hits.len() >= hunt.most {
                    return;
                }
            }
        }
    }
}

impl Term {
    fn new(word: &str) -> Self {
        Self {
            text: word.to_owned(),
            strike: word.parse().ok(),
        }
    }

    fn occurs(&self, entry: &InstrumentEntry<'_>) -> bool {
        let text = self.text.as_str();
        entry.symbol().contains(text)
            || contains(entry.broker_symbol(), text)
            || contains(entry.name(), text)
            || entry.token().is_some_and(|token| token.contains(text))
            || self.strike.is_some() && entry.strike() == self.strike
    }
}

fn wide(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// Whether a text that may be in lower case has one that is in upper case.
fn contains(text: &str, upper: &str) -> bool {
    if text.contains(upper) {
        return true;
    }
    text.bytes().any(|byte| byte.is_ascii_lowercase()) && text.to_ascii_uppercase().contains(upper)
}

#[cfg(test)]
mod tests;
