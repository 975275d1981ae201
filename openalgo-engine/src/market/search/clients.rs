//! Searching by the rules that clients of the API know.

use openalgo_core::market::{Exchange, InstrumentEntry, InstrumentList};
use openalgo_core::value::Price;

/// As many as clients ever get.
const MOST: usize = 500;

/// A word that must occur.
struct Term {
    text: String,
    strike: Option<Price>,
}

/// See [`InstrumentIndex::search_as_clients_do`](super::InstrumentIndex::search_as_clients_do).
pub(crate) fn as_clients_do<'l>(
    list: &'l InstrumentList,
    query: &str,
    exchange: Option<Exchange>,
) -> Vec<InstrumentEntry<'l>> {
    let query = query.trim().to_ascii_uppercase();
    let terms: Vec<Term> = query
        .split_whitespace()
        .map(|word| Term {
            text: word.to_owned(),
            strike: word.parse().ok(),
        })
        .collect();
    if terms.is_empty() {
        return Vec::new();
    }
    let wanted = list.entries().filter(|entry| {
        exchange.is_none_or(|wanted| wanted == entry.exchange())
            && terms.iter().all(|term| term.occurs(entry))
    });
    let mut hits: Vec<_> = wanted
        .map(|entry| (rank(&query, &terms, &entry), entry))
        .collect();
    let order = |(a, entry): &(u8, InstrumentEntry<'l>), (b, other): &(u8, InstrumentEntry<'l>)| {
        let key =
            |entry: &InstrumentEntry<'l>| (entry.symbol().len(), entry.symbol(), entry.exchange());
        (a, key(entry)).cmp(&(b, key(other)))
    };
    if hits.len() > MOST {
        hits.select_nth_unstable_by(MOST, order);
        hits.truncate(MOST);
    }
    hits.sort_unstable_by(order);
    hits.into_iter().map(|(_, entry)| entry).collect()
}

impl Term {
    fn occurs(&self, entry: &InstrumentEntry<'_>) -> bool {
        let text = self.text.as_str();
        entry.symbol().contains(text)
            || contains(entry.broker_symbol(), text)
            || contains(entry.name(), text)
            || entry.token().is_some_and(|token| token.contains(text))
            || self.strike.is_some() && entry.strike() == self.strike
    }
}

/// Whether a text that may be in lower case has one that is in upper case.
fn contains(text: &str, upper: &str) -> bool {
    if text.contains(upper) {
        return true;
    }
    text.bytes().any(|byte| byte.is_ascii_lowercase()) && text.to_ascii_uppercase().contains(upper)
}

/// Lower is better.
fn rank(query: &str, terms: &[Term], entry: &InstrumentEntry<'_>) -> u8 {
    let symbol = entry.symbol();
    let first = terms.first().map_or("", |term| term.text.as_str());
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
