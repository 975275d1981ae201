//! Words that people type and read.

use openalgo::core::market::{Exchange, Symbol, SymbolError};
use openalgo::core::wire::UnknownWord;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::FromStr;

/// Reads a word of the vocabulary, whose words are all in upper case.
pub(crate) fn upper<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.to_ascii_uppercase().parse()
}

/// An instrument as people type it: `RELIANCE`, or `NSE_INDEX:NIFTY` with its exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InstrumentName {
    pub(crate) exchange: Option<Exchange>,
    pub(crate) symbol: Symbol,
}

impl FromStr for InstrumentName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (exchange, symbol) = match text.split_once(':') {
            Some((exchange, symbol)) => (Some(exchange), symbol),
            None => (None, text),
        };
        let exchange = exchange.map(upper).transpose();
        Ok(Self {
            exchange: exchange.map_err(|error: UnknownWord| error.to_string())?,
            symbol: upper(symbol).map_err(|error: SymbolError| error.to_string())?,
        })
    }
}

/// So many of something, in words: "1 order", "2 orders".
pub(crate) fn counted<N>(count: N, one: &str) -> String
where
    N: Copy + Display + PartialEq + From<bool>,
{
    let is_one = count == N::from(true);
    format!("{count} {one}{}", if is_one { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_of_something_is_no_more() {
        let told = [0_usize, 1, 2].map(|count| counted(count, "order"));
        assert_eq!(told, ["0 orders", "1 order", "2 orders"]);
    }
}
