//! The instruments of a day, searchable in memory.

use super::search::Search;
use chrono::NaiveDate;
use openalgo_core::market::{
    Exchange, Instrument, InstrumentEntry, InstrumentKey, InstrumentList, InstrumentListError,
};
use std::cmp::Reverse;
use std::sync::Arc;

/// How many near names are offered for one that does not exist.
const SUGGESTIONS: usize = 3;
/// Names less alike than this (Jaro-Winkler, in thousandths) are not offered.
const LEAST_LIKENESS: u64 = 780;
/// Letters and digits that only one of two names has, where they may still be so much alike.
const MOST_STRANGERS: u32 = 8;

/// The instruments of a day.
#[derive(Debug)]
pub struct InstrumentIndex {
    list: InstrumentList,
    date: NaiveDate,
    search: Search,
}

impl InstrumentIndex {
    /// An index of these instruments, as they are on a date.
    pub fn new(list: InstrumentList, date: NaiveDate) -> Self {
        let search = Search::new(&list);
        Self { list, date, search }
    }

    /// The same of instruments that nobody has packed.
    pub fn of(instruments: &[Instrument], date: NaiveDate) -> Result<Self, InstrumentListError> {
        Ok(Self::new(InstrumentList::pack(instruments)?, date))
    }

    /// The instruments: by their broker's words, their underlyings, expiries and strikes.
    pub fn list(&self) -> &InstrumentList {
        &self.list
    }

    /// The date whose instruments they are: what expired before it is not found by searching.
    pub fn date(&self) -> NaiveDate {
        self.date
    }

    /// How many instruments there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many of them have not expired by a date.
    pub(super) fn alive_on(&self, date: NaiveDate) -> usize {
        let expiries = self.list.entries().map(|entry| entry.expiry());
        expiries
            .filter(|expiry| expiry.is_none_or(|expiry| expiry >= date))
            .count()
    }

    /// How many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        self.list.memory().saturating_add(self.search.memory())
    }

    /// The instrument of exactly this name.
    pub fn find(&self, key: &InstrumentKey) -> Option<Arc<Instrument>> {
        self.list.find(key)?.to_instrument().map(Arc::new)
    }

    /// What a trader means by a few words, the likeliest first.
    ///
    /// Words that are no symbols and no names say which contract is meant: `nifty 26100 ce`,
    /// `nifty dec fut`, `reliance 30 dec 1300 pe`. What is near and much traded comes before what
    /// is far and thinly traded; a misspelt word is taken for the nearest one that there is.
    pub fn search(
        &self,
        query: &str,
        exchange: Option<Exchange>,
        limit: usize,
    ) -> Vec<Arc<Instrument>> {
        let found = self.search.find(self, (query, exchange), limit);
        let unpacked = found.iter().filter_map(InstrumentEntry::to_instrument);
        unpacked.map(Arc::new).collect()
    }

    /// Instruments in which every word of `query` occurs, as clients of the API know searching: in
    /// the symbol, the broker's symbol, the name or the token, or as the strike. Exact symbols come
    /// first, then prefixes, then parts of symbols, then other fields; shorter ones first.
    pub fn search_as_clients_do(
        &self,
        query: &str,
        exchange: Option<Exchange>,
    ) -> Vec<InstrumentEntry<'_>> {
        self.search
            .find_as_clients_do(&self.list, (query, exchange))
    }

    /// Instruments that may have been meant by a name that does not exist: the same symbol on
    /// another exchange, and symbols of this exchange that read alike.
    pub fn suggestions(&self, key: &InstrumentKey) -> Vec<InstrumentKey> {
        let asked = key.symbol.as_str();
        let letters = letters(asked);
        let mut near: Vec<_> = self
            .list
            .entries()
            .filter(|entry| {
                let strangers = letters ^ self::letters(entry.symbol());
                strangers.count_ones() <= MOST_STRANGERS
            })
            .map(|entry| (likeness(asked, key.exchange, &entry), entry))
            .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
            .map(|(likeness, entry)| (Reverse(likeness), entry.key()))
            .collect();
        near.sort();
        near.into_iter()
            .map(|(_, other)| other)
            .take(SUGGESTIONS)
            .collect()
    }
}

/// Which letters and digits a text is made of, a bit for each.
pub(super) fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |letters, byte| {
        let bit = match byte {
            b'A'..=b'Z' => byte.saturating_sub(b'A'),
            b'0'..=b'9' => byte.saturating_sub(b'0').saturating_add(26),
            _ => 36,
        };
        letters | 1_u64.checked_shl(bit.into()).unwrap_or_default()
    })
}

/// How alike two names are, in thousandths; a name of the same exchange is liker.
fn likeness(asked: &str, exchange: Exchange, other: &InstrumentEntry<'_>) -> u64 {
    let thousandths = thousandths(strsim::jaro_winkler(asked, other.symbol()));
    match (other.exchange() == exchange, thousandths) {
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
        let all = [
            instrument(Exchange::Nse, "RELIANCE", "Reliance Industries"),
            instrument(Exchange::Bse, "RELIANCE", "Reliance Industries"),
            instrument(Exchange::Nse, "TCS", "Tata Consultancy Services"),
            instrument(Exchange::Nse, "TATASTEEL", "Tata Steel"),
        ];
        InstrumentIndex::of(&all, "2026-11-27".parse().unwrap()).unwrap()
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
