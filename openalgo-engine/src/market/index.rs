//! The instruments of a day, searchable in memory.

use openalgo_core::market::{Exchange, Instrument, InstrumentKey};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many near names are offered for one that does not exist.
const SUGGESTIONS: usize = 3;
/// Names less alike than this (Jaro-Winkler, in thousandths) are not offered.
const LEAST_LIKENESS: u64 = 780;

/// The instruments of a day.
#[derive(Debug, Default)]
pub struct InstrumentIndex {
    instruments: BTreeMap<InstrumentKey, Arc<Instrument>>,
}

impl InstrumentIndex {
    /// An index of these instruments.
    pub fn new(instruments: Vec<Instrument>) -> Self {
        let keyed = |instrument: Instrument| (instrument.key.clone(), Arc::new(instrument));
        Self {
            instruments: instruments.into_iter().map(keyed).collect(),
        }
    }

    /// How many instruments there are.
    pub fn len(&self) -> usize {
        self.instruments.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.instruments.is_empty()
    }

    /// The instrument of exactly this name.
    pub fn find(&self, key: &InstrumentKey) -> Option<Arc<Instrument>> {
        self.instruments.get(key).cloned()
    }

    /// Instruments in which every word of `query` occurs, in the symbol or name or as the strike:
    /// exact symbols first, then prefixes, then parts of symbols, then names; shorter ones first.
    pub fn search(
        &self,
        query: &str,
        exchange: Option<Exchange>,
        limit: usize,
    ) -> Vec<Arc<Instrument>> {
        let query = query.trim().to_ascii_uppercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        if words.is_empty() {
            return Vec::new();
        }
        let wanted = self
            .instruments
            .values()
            .filter(|instrument| exchange.is_none_or(|code| code == instrument.key.exchange));
        let mut hits: Vec<_> = wanted
            .filter(|instrument| words.iter().all(|word| occurs(word, instrument)))
            .map(|instrument| (rank(&query, &words, instrument), Arc::clone(instrument)))
            .collect();
        hits.sort_by(|(rank, a), (other, b)| {
            let length = |i: &Instrument| i.key.symbol.as_str().len();
            (rank, length(a), a.expiry, &a.key).cmp(&(other, length(b), b.expiry, &b.key))
        });
        hits.into_iter()
            .map(|(_, instrument)| instrument)
            .take(limit)
            .collect()
    }

    /// Instruments that may have been meant by a name that does not exist: the same symbol on
    /// another exchange, and symbols of this exchange that read alike.
    pub fn suggestions(&self, key: &InstrumentKey) -> Vec<InstrumentKey> {
        let asked = key.symbol.as_str();
        let mut near: Vec<_> = self
            .instruments
            .keys()
            .map(|other| (likeness(asked, key.exchange, other), other))
            .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
            .collect();
        near.sort_by_key(|(likeness, other)| (Reverse(*likeness), (*other).clone()));
        near.into_iter()
            .map(|(_, other)| other.clone())
            .take(SUGGESTIONS)
            .collect()
    }
}

/// How alike two names are, in thousandths; a name of the same exchange is liker.
fn likeness(asked: &str, exchange: Exchange, other: &InstrumentKey) -> u64 {
    let thousandths = thousandths(strsim::jaro_winkler(asked, other.symbol.as_str()));
    match (other.exchange == exchange, thousandths) {
        (true, likeness) => likeness,
        (false, 1_000) => 1_000,
        (false, _) => 0,
    }
}

#[expect(
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a likeness from 0 to 1 of two names, nothing to do with money"
)]
fn thousandths(likeness: f64) -> u64 {
    (likeness.clamp(0.0, 1.0) * 1_000.0) as u64
}

fn occurs(word: &str, instrument: &Instrument) -> bool {
    instrument.key.symbol.as_str().contains(word)
        || instrument.name.to_ascii_uppercase().contains(word)
        || is_strike(word, instrument)
}

fn is_strike(word: &str, instrument: &Instrument) -> bool {
    instrument
        .strike
        .is_some_and(|strike| word.parse() == Ok(strike))
}

/// Lower is better.
fn rank(query: &str, words: &[&str], instrument: &Instrument) -> u8 {
    let symbol = instrument.key.symbol.as_str();
    let first = words.first().copied().unwrap_or_default();
    if symbol == query {
        0
    } else if symbol.starts_with(first) {
        1
    } else if symbol.contains(first) {
        2
    } else {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::market::{InstrumentKind, Symbol};
    use openalgo_core::value::{Quantity, Tick};

    fn instrument(exchange: Exchange, symbol: &str, name: &str) -> Instrument {
        Instrument {
            key: InstrumentKey::new(exchange, Symbol::try_new(symbol).unwrap()),
            name: name.into(),
            kind: InstrumentKind::Equity,
            expiry: None,
            strike: None,
            lot_size: Quantity::ONE,
            tick: Tick::try_new("0.05".parse().unwrap()).unwrap(),
            token: None,
            freeze_quantity: None,
        }
    }

    fn index() -> InstrumentIndex {
        InstrumentIndex::new(vec![
            instrument(Exchange::Nse, "RELIANCE", "Reliance Industries"),
            instrument(Exchange::Bse, "RELIANCE", "Reliance Industries"),
            instrument(Exchange::Nse, "TCS", "Tata Consultancy Services"),
            instrument(Exchange::Nse, "TATASTEEL", "Tata Steel"),
            instrument(Exchange::Nse, "SBIN", "State Bank of India"),
        ])
    }

    fn symbols(hits: &[Arc<Instrument>]) -> Vec<&str> {
        hits.iter().map(|hit| hit.key.symbol.as_str()).collect()
    }

    #[test]
    fn symbols_come_before_names() {
        let index = index();
        let hits = index.search("tata", Some(Exchange::Nse), 10);
        assert_eq!(symbols(&hits), ["TATASTEEL", "TCS"]);
    }

    #[test]
    fn every_word_must_occur() {
        assert_eq!(symbols(&index().search("bank india", None, 10)), ["SBIN"]);
        assert!(index().search("bank france", None, 10).is_empty());
        assert!(index().search("  ", None, 10).is_empty());
    }

    #[test]
    fn a_misspelt_symbol_suggests_the_right_one() {
        let key = InstrumentKey::new(Exchange::Nse, Symbol::try_new("RELAINCE").unwrap());
        let near = index().suggestions(&key);
        assert_eq!(
            near.first().map(ToString::to_string).as_deref(),
            Some("NSE:RELIANCE")
        );
    }

    #[test]
    fn a_symbol_of_another_exchange_is_suggested_with_it() {
        let key = InstrumentKey::new(Exchange::Bse, Symbol::try_new("TCS").unwrap());
        let near = index().suggestions(&key);
        assert_eq!(
            near.first().map(ToString::to_string).as_deref(),
            Some("NSE:TCS")
        );
    }
}
