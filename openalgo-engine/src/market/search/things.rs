//! What words are compared with: shares, indices, and the underlyings of contracts.

use super::rank::Quality;
use memchr::memmem;
use openalgo_core::market::{Chain, Exchange, InstrumentEntry, InstrumentKey, InstrumentList};
use std::collections::HashMap;

/// Separates the texts of a thing; none of them has it.
const BETWEEN: char = '\t';
/// Shorter words are looked for where a text begins only: they are inside almost everything.
const SHORT: usize = 3;
/// Where underlyings are looked for by their symbol.
const SPOTS: [Exchange; 4] = [
    Exchange::Nse,
    Exchange::NseIndex,
    Exchange::Bse,
    Exchange::BseIndex,
];

/// All things, by where their texts are.
#[derive(Debug)]
pub(super) struct Things {
    /// Upper case; each thing begins with its symbol.
    texts: String,
    all: Vec<Thing>,
}

/// A share, an index, or an underlying with contracts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thing {
    from: usize,
    pub(super) what: What,
    /// How many contracts there are on it: what is much traded has many.
    pub(super) liquidity: u32,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// An instrument by itself, and its place in the list.
    Single(usize),
    /// The contracts on something, and their place among the underlyings.
    Chain(usize),
}

/// Words that are looked for together.
#[derive(Debug)]
pub(super) struct Phrase<'w> {
    words: Vec<&'w str>,
    joined: String,
    spaced: String,
}

impl<'w> Phrase<'w> {
    pub(super) fn new(words: &[&'w str]) -> Self {
        Self {
            words: words.to_vec(),
            joined: plain(&words.concat()),
            spaced: words.join(" "),
        }
    }

    /// The longest word, which is in the fewest things, and what stands before it.
    fn needle(&self) -> Option<(String, usize)> {
        let word = self.words.iter().copied().max_by_key(|word| word.len())?;
        Some(if word.len() < SHORT {
            (format!("{BETWEEN}{word}"), BETWEEN.len_utf8())
        } else {
            (word.to_owned(), 0)
        })
    }

    fn quality(&self, texts: &str) -> Option<Quality> {
        let mut fields = texts.split(BETWEEN);
        if fields.any(|field| field == self.joined || field == self.spaced) {
            return Some(Quality::Exact);
        }
        let symbol = texts.find(BETWEEN).unwrap_or(texts.len());
        let each = self.words.iter().map(|word| quality(texts, word, symbol));
        // The worst of them tells how well all of them fit.
        each.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

fn quality(texts: &str, word: &str, symbol: usize) -> Option<Quality> {
    let places = texts.match_indices(word).map(|(place, _)| {
        let before = place.checked_sub(1).and_then(|at| texts.as_bytes().get(at));
        match before {
            None => Quality::Prefix,
            Some(b' ' | b'\t') => Quality::Word,
            Some(_) if place < symbol => Quality::Inside,
            Some(_) => Quality::Name,
        }
    });
    places.min()
}

impl Things {
    pub(super) fn new(list: &InstrumentList) -> Self {
        let mut liquidity: HashMap<&str, u32> = HashMap::new();
        for chain in list.chains() {
            let contracts = u32::try_from(chain.len()).unwrap_or(u32::MAX);
            let most = liquidity.entry(chain.base()).or_default();
            *most = contracts.max(*most);
        }
        let mut things = Self {
            // Before the first text there is what is before every other.
            texts: BETWEEN.to_string(),
            all: Vec::new(),
        };
        for (entry, place) in list.entries().zip(0..) {
            if entry.exchange().is_derivative() && entry.expiry().is_some() {
                continue;
            }
            let known = liquidity.get(entry.symbol()).copied();
            let from = things.add(What::Single(place), known.unwrap_or_default());
            things.write_single(from, &entry);
        }
        for (chain, place) in list.chains().zip(0..) {
            let known = liquidity.get(chain.base()).copied();
            let from = things.add(What::Chain(place), known.unwrap_or_default());
            things.write_chain(from, list, &chain);
        }
        things.texts.shrink_to_fit();
        things.all.shrink_to_fit();
        things
    }

    pub(super) fn memory(&self) -> usize {
        self.texts.len().saturating_add(size_of_val(&*self.all))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Thing> {
        self.all.iter()
    }

    /// The things that all words of a phrase fit, and how well.
    pub(super) fn matching<'t>(
        &'t self,
        phrase: &'t Phrase<'_>,
    ) -> impl Iterator<Item = (&'t Thing, Quality)> {
        let needle = phrase.needle();
        let (needle, before) = needle.unwrap_or_default();
        let finder = (!needle.is_empty()).then(|| memmem::Finder::new(&needle).into_owned());
        let mut at = before;
        std::iter::from_fn(move || {
            loop {
                // What stands before the first text of a thing is the end of the thing before.
                let from = at.checked_sub(before)?;
                let rest = self.texts.as_bytes().get(from..)?;
                let found = from.checked_add(finder.as_ref()?.find(rest)?)?;
                let found = found.checked_add(before)?;
                let after = self.all.partition_point(|thing| thing.from <= found);
                let place = after.checked_sub(1)?;
                at = self.end(place);
                let quality = self.text(place).and_then(|texts| phrase.quality(texts));
                if let Some(quality) = quality {
                    return Some((self.all.get(place)?, quality));
                }
            }
        })
    }

    /// Whether a word is in the texts of anything.
    pub(super) fn occurs(&self, word: &str) -> bool {
        memmem::find(self.texts.as_bytes(), word.as_bytes()).is_some()
    }

    /// The words of all things, how much traded each is, and where it begins.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, u32)> {
        let things = self.all.iter().zip(0..);
        things.flat_map(|(thing, place)| {
            let texts = self.text(place).unwrap_or_default();
            let words = texts.split([BETWEEN, ' ', '-', '&', '.', '(', ')']);
            words.map(|word| (word, thing.liquidity))
        })
    }

    fn end(&self, place: usize) -> usize {
        let next = self.all.get(place.saturating_add(1));
        next.map_or(self.texts.len(), |thing| thing.from)
    }

    /// Ends with what separates it from the next one, so that no word is found across.
    fn text(&self, place: usize) -> Option<&str> {
        let from = self.all.get(place)?.from;
        self.texts.get(from..self.end(place).checked_sub(1)?)
    }

    fn add(&mut self, what: What, liquidity: u32) -> usize {
        let from = self.texts.len();
        self.all.push(Thing {
            from,
            what,
            liquidity,
        });
        from
    }

    fn write_single(&mut self, from: usize, entry: &InstrumentEntry<'_>) {
        self.write(from, entry.symbol());
        self.write(from, &plain(entry.symbol()));
        self.write(from, entry.name());
        self.write(from, entry.broker_symbol());
        self.write(from, &plain(entry.broker_symbol()));
    }

    /// An underlying has the names of the share or index that it is.
    fn write_chain(&mut self, from: usize, list: &InstrumentList, chain: &Chain<'_>) {
        self.write(from, chain.base());
        let spot = chain.base().parse().ok().and_then(|symbol| {
            let keys = SPOTS.iter().map(|exchange| InstrumentKey {
                exchange: *exchange,
                symbol: openalgo_core::market::Symbol::clone(&symbol),
            });
            keys.into_iter().find_map(|key| list.find(&key))
        });
        match spot {
            Some(spot) => self.write_single(from, &spot),
            None => self.write(from, &plain(chain.base())),
        }
    }

    /// Adds a text to the thing that begins at `from`, unless it has it.
    fn write(&mut self, from: usize, text: &str) {
        let text = text.to_ascii_uppercase().replace(BETWEEN, " ");
        let known = self.texts.get(from..).unwrap_or_default();
        if text.is_empty() || known.split_terminator(BETWEEN).any(|known| known == text) {
            return;
        }
        self.texts.push_str(&text);
        self.texts.push(BETWEEN);
    }
}

/// A text without what people leave out: `M&M` is `MM`, `NIFTY 50` is `NIFTY50`.
fn plain(text: &str) -> String {
    let is_said = |c: &char| c.is_alphanumeric() || *c == '.';
    text.chars().filter(is_said).collect()
}
