//! Finding what a trader means by a few words.
//!
//! Words are compared with what can be traded as such: shares, indices, and the underlyings of
//! contracts. There are far fewer of them than contracts, and their texts lie behind each other in
//! one text, which is looked through in one go. The contracts of an underlying are then picked by
//! what the words say of them.
//!
//! | file | what is in it |
//! |---|---|
//! | `wanted` | what the words say |
//! | `things` | what they are compared with |
//! | `rank` | which of two finds comes first |
//! | `spelling` | what a misspelt word was meant to be |
//! | `clients` | searching by the rules that clients of the API know |

mod clients;
mod rank;
mod spelling;
mod things;
mod wanted;

use super::index::InstrumentIndex;
use clients::Clients;
use openalgo_core::market::{
    Chain, ContractClass, Exchange, InstrumentEntry, InstrumentKind, InstrumentList,
};
use rank::{Hit, Quality};
use spelling::Vocabulary;
use std::sync::OnceLock;
use things::{Phrase, Thing, Things, What};
use wanted::Wanted;

/// What searching needs besides the list.
#[derive(Debug)]
pub(super) struct Search {
    things: Things,
    /// Made when the first word is misspelt.
    vocabulary: OnceLock<Vocabulary>,
    /// Made when the first client searches.
    clients: OnceLock<Clients>,
}

/// One search under way.
struct Hunt<'i> {
    index: &'i InstrumentIndex,
    exchange: Option<Exchange>,
    limit: usize,
    hits: Vec<Hit<'i>>,
}

impl Search {
    pub(super) fn new(list: &InstrumentList) -> Self {
        Self {
            things: Things::new(list),
            vocabulary: OnceLock::new(),
            clients: OnceLock::new(),
        }
    }

    pub(super) fn memory(&self) -> usize {
        let vocabulary = self.vocabulary.get().map_or(0, Vocabulary::memory);
        let clients = self.clients.get().map_or(0, Clients::memory);
        let made = vocabulary.saturating_add(clients);
        self.things.memory().saturating_add(made)
    }

    /// By the rules that clients of the API know.
    pub(super) fn find_as_clients_do<'l>(
        &self,
        list: &'l InstrumentList,
        asked: (&str, Option<Exchange>),
    ) -> Vec<InstrumentEntry<'l>> {
        let clients = self.clients.get_or_init(|| Clients::new(list));
        clients.find(list, asked, clients::MOST)
    }

    /// The likeliest first.
    pub(super) fn find<'i>(
        &self,
        index: &'i InstrumentIndex,
        (query, exchange): (&str, Option<Exchange>),
        limit: usize,
    ) -> Vec<InstrumentEntry<'i>> {
        let query = query.trim().to_ascii_uppercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        if words.is_empty() || limit == 0 {
            return Vec::new();
        }
        let mut hunt = Hunt {
            index,
            exchange,
            limit,
            hits: Vec::new(),
        };
        self.look(&mut hunt, &words);
        if hunt.hits.is_empty() {
            hunt.contracts_by_symbol(&words);
        }
        if hunt.hits.is_empty()
            && let Some(mended) = self.mend(&words, index)
        {
            let mended: Vec<&str> = mended.iter().map(String::as_str).collect();
            self.look(&mut hunt, &mended);
        }
        if hunt.hits.is_empty() {
            hunt.by_broker_words(&query);
        }
        rank::best(hunt.hits, limit)
    }

    fn look(&self, hunt: &mut Hunt<'_>, words: &[&str]) {
        let wanted = Wanted::read(words, hunt.index.date());
        let whole = Phrase::new(words);
        let means_contract = wanted.means_contract();
        let texts: Vec<&str> = wanted.texts.iter().map(String::as_str).collect();
        let phrase = Phrase::new(&texts);
        if texts.is_empty() {
            // Nothing is said of the underlying, so that it is any.
            let all = self.things.all();
            for thing in all.filter(|_| means_contract) {
                hunt.contracts_of(thing, &wanted, Quality::Any);
            }
        }
        for (thing, quality) in self.things.matching(&phrase) {
            match thing.what {
                What::Chain(_) if means_contract => hunt.contracts_of(thing, &wanted, quality),
                What::Chain(_) => hunt.nearest_of(thing, quality),
                What::Single(_) if means_contract => {}
                What::Single(place) => hunt.single(thing, place, quality),
            }
        }
        // `NIFTY 50` is no option, and `CE INFO SYSTEMS` none either.
        if means_contract {
            for (thing, quality) in self.things.matching(&whole) {
                if let What::Single(place) = thing.what {
                    hunt.single(thing, place, quality);
                }
            }
        }
    }

    /// The words with those that occur nowhere replaced by the nearest that do; `None` when all
    /// occur, or nothing is near.
    fn mend(&self, words: &[&str], index: &InstrumentIndex) -> Option<Vec<String>> {
        let wanted = Wanted::read(words, index.date());
        let vocabulary = self
            .vocabulary
            .get_or_init(|| Vocabulary::new(&self.things));
        let mut is_mended = false;
        let mended = words.iter().map(|word| {
            let is_text = wanted.texts.iter().any(|text| text == word);
            if !is_text || self.things.occurs(word) {
                return Some((*word).to_owned());
            }
            is_mended = true;
            vocabulary.nearest(word).map(str::to_owned)
        });
        let mended = mended.collect::<Option<Vec<_>>>();
        mended.filter(|_| is_mended)
    }
}

impl<'i> Hunt<'i> {
    fn is_wanted(&self, exchange: Exchange) -> bool {
        self.exchange.is_none_or(|wanted| wanted == exchange)
    }

    fn exchanges(&self) -> Vec<Exchange> {
        let all = Exchange::ALL.iter().copied();
        all.filter(|exchange| self.is_wanted(*exchange)).collect()
    }

    fn is_alive(&self, entry: &InstrumentEntry<'_>) -> bool {
        entry
            .expiry()
            .is_none_or(|expiry| expiry >= self.index.date())
    }

    fn add(&mut self, entry: InstrumentEntry<'i>, quality: Quality, liquidity: u32) {
        self.hits.push(Hit::new(entry, quality, liquidity));
    }

    fn single(&mut self, thing: &Thing, place: usize, quality: Quality) {
        let entry = self.index.list().entry(place);
        let entry = entry.filter(|it| self.is_wanted(it.exchange()) && self.is_alive(it));
        if let Some(entry) = entry {
            self.add(entry, quality, thing.liquidity);
        }
    }

    fn chain(&self, thing: &Thing) -> Option<Chain<'i>> {
        let What::Chain(place) = thing.what else {
            return None;
        };
        let chain = self.index.list().chain_at(place);
        chain.filter(|chain| self.is_wanted(chain.exchange()))
    }

    /// The contracts of an underlying that the words mean.
    fn contracts_of(&mut self, thing: &Thing, wanted: &Wanted, quality: Quality) {
        let Some(chain) = self.chain(thing) else {
            return;
        };
        for entry in chain.entries() {
            if wanted.allows(&entry) && self.is_alive(&entry) {
                self.add(entry, quality, thing.liquidity);
            }
        }
    }

    /// Where only an underlying is named: its futures, and behind everything else the options of
    /// the next expiry around the middle of their strikes, which is where they trade.
    fn nearest_of(&mut self, thing: &Thing, quality: Quality) {
        let Some(chain) = self.chain(thing) else {
            return;
        };
        let today = self.index.date();
        for entry in chain.entries() {
            if entry.kind() == InstrumentKind::Future && self.is_alive(&entry) {
                self.add(entry, quality, thing.liquidity);
            }
        }
        let expiries = chain.expiries(ContractClass::Options, today);
        let Some(next) = expiries.first().filter(|_| quality == Quality::Exact) else {
            return;
        };
        for kind in [InstrumentKind::Call, InstrumentKind::Put] {
            let is_one = |it: &InstrumentEntry<'_>| it.expiry() == Some(*next) && it.kind() == kind;
            let options: Vec<_> = chain.entries().filter(is_one).collect();
            let middle = options.len() / 2;
            for (entry, place) in options.into_iter().zip(0_usize..) {
                let away = place.abs_diff(middle);
                if away < self.limit {
                    let hit = Hit::new(entry, quality, thing.liquidity);
                    self.hits.push(hit.behind_all(away));
                }
            }
        }
    }

    /// The contracts whose symbol begins with the one word that there is.
    fn contracts_by_symbol(&mut self, words: &[&str]) {
        let [word] = words else {
            return;
        };
        let list = self.index.list();
        for exchange in self.exchanges() {
            let begun = list.starting_with(exchange, word);
            let begun: Vec<_> = begun
                .filter(|it| self.is_alive(it))
                .take(self.limit)
                .collect();
            for entry in begun {
                let is_whole = entry.symbol() == *word;
                let quality = if is_whole {
                    Quality::Exact
                } else {
                    Quality::Prefix
                };
                self.add(entry, quality, 0);
            }
        }
    }

    /// What a broker calls so, or gives that number.
    fn by_broker_words(&mut self, query: &str) {
        let list = self.index.list();
        for exchange in self.exchanges() {
            let named = list.by_broker_symbol(exchange, query);
            let entry = named.or_else(|| list.by_token(exchange, query));
            if let Some(entry) = entry.filter(|entry| self.is_alive(entry)) {
                self.add(entry, Quality::Exact, 0);
            }
        }
    }
}

#[cfg(test)]
mod tests;
