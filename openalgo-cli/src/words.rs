//! Words that people type and read.

mod leg;

pub(crate) use leg::LegWords;

use openalgo::core::market::{Exchange, Symbol, SymbolError};
use openalgo::core::wire::UnknownWord;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

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

/// A span of time as people type it: `90s`, `30m`, `6h`.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    let seconds = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let mut read = seconds.into_iter().filter_map(|(unit, of_unit)| {
        let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(of_unit)
    });
    let some = read.next().filter(|seconds| *seconds > 0);
    some.map(Duration::from_secs)
        .ok_or_else(|| "a span of time is such as 90s, 30m, 6h or 1d".to_owned())
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
    use super::{counted, span};
    use std::time::Duration;

    #[test]
    fn one_of_something_is_no_more() {
        let told = [0_usize, 1, 2].map(|count| counted(count, "order"));
        assert_eq!(told, ["0 orders", "1 order", "2 orders"]);
    }

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("6h", 21_600), ("1d", 86_400)] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)));
        }
        for text in [
            "",
            "s",
            "0m",
            "-1h",
            "1.5h",
            "1w",
            "10",
            "99999999999999999999d",
        ] {
            assert!(span(text).is_err(), "{text}");
        }
    }
}
