//! What a misspelt word was meant to be.

use super::things::Things;
use crate::market::index::letters;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Shorter words have too many neighbours to guess.
const SHORTEST: usize = 4;
/// From this length on, two letters may be wrong.
const LONG: usize = 8;

/// The words of everything that there is.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: Vec<Word>,
}

#[derive(Debug)]
struct Word {
    text: Box<str>,
    /// Which letters it is made of: most words are ruled out by them.
    letters: u64,
    liquidity: u32,
}

impl Vocabulary {
    pub(super) fn new(things: &Things) -> Self {
        let mut known: HashMap<&str, u32> = HashMap::new();
        for (word, liquidity) in things.words() {
            if word.len() >= SHORTEST && word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
                let most = known.entry(word).or_default();
                *most = liquidity.max(*most);
            }
        }
        let words = known.into_iter().map(|(text, liquidity)| Word {
            text: text.into(),
            letters: letters(text),
            liquidity,
        });
        let mut words: Vec<_> = words.collect();
        words.sort_unstable_by(|a, b| a.text.cmp(&b.text));
        Self { words }
    }

    pub(super) fn memory(&self) -> usize {
        let texts: usize = self.words.iter().map(|word| word.text.len()).sum();
        texts.saturating_add(size_of_val(&*self.words))
    }

    /// The word that is the fewest slips away; of several the one that is most traded.
    pub(super) fn nearest(&self, word: &str) -> Option<&str> {
        let slips: u8 = match word.len() {
            ..SHORTEST => return None,
            SHORTEST..LONG => 1,
            LONG.. => 2,
        };
        let (letters, strangers) = (letters(word), u32::from(slips).saturating_mul(2));
        let likely = self.words.iter().filter(|known| {
            known.text.len().abs_diff(word.len()) <= usize::from(slips)
                && (known.letters ^ letters).count_ones() <= strangers
        });
        let near = likely.filter_map(|known| {
            let distance = strsim::osa_distance(word, &known.text);
            (distance <= usize::from(slips)).then_some((distance, known))
        });
        let nearest = near.min_by_key(|(distance, known)| (*distance, Reverse(known.liquidity)));
        nearest.map(|(_, known)| &*known.text)
    }
}
