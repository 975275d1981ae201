//! A leg of an order, written as one text: 'SELL 75 …'.

use super::upper;
use openalgo::core::order::Side;
use openalgo::core::value::Quantity;
use std::iter::Peekable;
use std::str::SplitWhitespace;

/// The words of a leg, read one after the other.
pub(crate) struct LegWords<'t> {
    text: &'t str,
    words: Peekable<SplitWhitespace<'t>>,
}

impl<'t> LegWords<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let words = text.split_whitespace().peekable();
        Self { text, words }
    }

    /// The next word, which must be there.
    pub(crate) fn next(&mut self, what: &str) -> Result<&'t str, String> {
        let missing = || format!("'{}' has no {what}", self.text);
        self.words.next().ok_or_else(missing)
    }

    /// What every leg begins with.
    pub(crate) fn side_and_quantity(&mut self) -> Result<(Side, Quantity), String> {
        let side = upper::<Side>(self.next("action")?).map_err(|error| error.to_string())?;
        let quantity = self.next("quantity")?.parse::<Quantity>();
        Ok((side, quantity.map_err(|error| error.to_string())?))
    }

    /// The next word as something that may be left out.
    pub(crate) fn take<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = self.words.peek().and_then(|word| read(word));
        if found.is_some() {
            self.words.next();
        }
        found
    }

    /// All that is left.
    pub(crate) fn rest(self) -> Vec<&'t str> {
        self.words.collect()
    }
}
