//! What the words of a search say.

use chrono::{Datelike, NaiveDate};
use openalgo_core::market::{InstrumentEntry, InstrumentKind, PackedStrike};
use openalgo_core::value::Price;

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];
/// Two digits behind a month are a year when contracts of it can be listed.
const YEARS_AHEAD: i32 = 6;

/// What the words of a search say: texts to look for, and which contracts are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    /// Words that are symbols, or parts of names.
    pub(super) texts: Vec<String>,
    /// Calls, puts or futures.
    kind: Option<InstrumentKind>,
    strike: Option<PackedStrike>,
    day: Option<u32>,
    month: Option<u32>,
    year: Option<i32>,
}

/// What one word says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Kind(InstrumentKind),
    Number(String),
    Day(u32),
    Month(u32),
    Year(i32),
}

impl Wanted {
    /// Reads words in upper case; `today` tells which years can be meant.
    pub(super) fn read(words: &[&str], today: NaiveDate) -> Self {
        let parts: Vec<Part> = words.iter().flat_map(|word| parts(word)).collect();
        let mut wanted = Self::default();
        let mut before: Option<&Part> = None;
        let mut rest = parts.iter().peekable();
        while let Some(part) = rest.next() {
            match part {
                Part::Text(text) => wanted.texts.push(text.clone()),
                Part::Kind(kind) => wanted.kind = Some(*kind),
                Part::Day(day) => wanted.day = Some(*day),
                Part::Month(month) => wanted.month = Some(*month),
                Part::Year(year) => wanted.year = Some(*year),
                Part::Number(number) => {
                    let is_before_month = matches!(rest.peek(), Some(Part::Month(_)));
                    let is_after_month = matches!(before, Some(Part::Month(_)));
                    if let Some(day) = day(number).filter(|_| is_before_month) {
                        wanted.day = Some(day);
                    } else if let Some(year) = year(number, today).filter(|_| is_after_month) {
                        wanted.year = Some(year);
                    } else if let Ok(strike) = number.parse::<Price>() {
                        wanted.strike = Some(strike.into());
                    }
                }
            }
            before = Some(part);
        }
        wanted
    }

    /// Whether a contract is meant, rather than what it is on.
    pub(super) fn means_contract(&self) -> bool {
        self.kind.is_some() || self.strike.is_some() || self.month.is_some() || self.day.is_some()
    }

    /// Whether a contract is one of those meant.
    pub(super) fn allows(&self, entry: &InstrumentEntry<'_>) -> bool {
        let date = |wanted: fn(&Self) -> bool, matches: fn(&Self, NaiveDate) -> bool| {
            !wanted(self) || entry.expiry().is_some_and(|expiry| matches(self, expiry))
        };
        self.kind.is_none_or(|kind| kind == entry.kind())
            && self
                .strike
                .is_none_or(|strike| entry.packed_strike() == strike)
            && date(|it| it.day.is_some(), |it, on| it.day == Some(on.day()))
            && date(
                |it| it.month.is_some(),
                |it, on| it.month == Some(on.month()),
            )
            && date(|it| it.year.is_some(), |it, on| it.year == Some(on.year()))
    }
}

/// What a word is made of: `26100CE` is a strike and a kind, `01DEC26` a date.
fn parts(word: &str) -> Vec<Part> {
    if let Some(kind) = kind(word) {
        return vec![Part::Kind(kind)];
    }
    if is_number(word) {
        return vec![Part::Number(word.to_owned())];
    }
    if let Some(date) = date(word) {
        return date;
    }
    for (suffix, kind) in [
        ("CE", InstrumentKind::Call),
        ("PE", InstrumentKind::Put),
        ("FUT", InstrumentKind::Future),
    ] {
        if let Some(rest) = word.strip_suffix(suffix)
            && let Some(mut found) = contract(rest, kind)
        {
            found.push(Part::Kind(kind));
            return found;
        }
    }
    vec![Part::Text(word.to_owned())]
}

/// What stands before the kind in one word: `NIFTY26100`, `26100`, `NIFTY`.
fn contract(rest: &str, kind: InstrumentKind) -> Option<Vec<Part>> {
    if kind == InstrumentKind::Future {
        let is_name = rest.len() > 2 && rest.bytes().all(|byte| byte.is_ascii_alphabetic());
        return is_name.then(|| vec![Part::Text(rest.to_owned())]);
    }
    let name = rest.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let strike = rest.strip_prefix(name).filter(|strike| is_number(strike))?;
    let strike = Part::Number(strike.to_owned());
    match name {
        "" => Some(vec![strike]),
        name => Some(vec![Part::Text(name.to_owned()), strike]),
    }
}

fn kind(word: &str) -> Option<InstrumentKind> {
    match word {
        "CE" | "CALL" | "CALLS" => Some(InstrumentKind::Call),
        "PE" | "PUT" | "PUTS" => Some(InstrumentKind::Put),
        "FUT" | "FUTURE" | "FUTURES" => Some(InstrumentKind::Future),
        _ => None,
    }
}

/// `DEC`, `DECEMBER`, `DEC26`, `01DEC`, `1DEC2026`.
fn date(word: &str) -> Option<Vec<Part>> {
    let from = word.find(|c: char| !c.is_ascii_digit())?;
    let (before, rest) = word.split_at_checked(from)?;
    let until = rest
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(until)?;
    let month = MONTHS
        .iter()
        .zip(1..)
        .find(|(month, _)| **month == name || name.len() == 3 && month.starts_with(name));
    let (_, month) = month?;
    let mut found = Vec::new();
    if !before.is_empty() {
        found.push(Part::Day(day(before)?));
    }
    found.push(Part::Month(month));
    if !after.is_empty() {
        found.push(Part::Year(full_year(after)?));
    }
    Some(found)
}

fn is_number(text: &str) -> bool {
    let is_figure = |c: char| c.is_ascii_digit() || c == '.';
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(is_figure)
}

fn day(text: &str) -> Option<u32> {
    text.parse().ok().filter(|day| (1..=31).contains(day))
}

fn full_year(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    match text.len() {
        2 => Some(year.saturating_add(2000)),
        4 => Some(year),
        _ => None,
    }
}

/// A number behind a month, where it can be a year and not a strike.
fn year(text: &str, today: NaiveDate) -> Option<i32> {
    let ahead =
        |year: &i32| (today.year()..today.year().saturating_add(YEARS_AHEAD)).contains(year);
    full_year(text).filter(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Wanted {
        let words: Vec<_> = words.split(' ').collect();
        Wanted::read(&words, NaiveDate::from_ymd_opt(2026, 11, 27).unwrap())
    }

    fn option(strike: &str, kind: InstrumentKind) -> Wanted {
        Wanted {
            texts: vec!["NIFTY".to_owned()],
            kind: Some(kind),
            strike: Some(strike.parse::<Price>().unwrap().into()),
            ..Wanted::default()
        }
    }

    #[test]
    fn an_option_is_read_however_its_parts_are_joined() {
        let call = option("26100", InstrumentKind::Call);
        for words in [
            "NIFTY 26100 CE",
            "NIFTY 26100CE",
            "NIFTY26100CE",
            "26100 CALL NIFTY",
        ] {
            assert_eq!(read(words), call, "{words}");
        }
        assert_eq!(
            read("NIFTY 83.25 PUT"),
            option("83.25", InstrumentKind::Put)
        );
    }

    #[test]
    fn a_number_beside_a_month_is_a_day_or_a_year() {
        let december = Wanted {
            texts: vec!["NIFTY".to_owned()],
            month: Some(12),
            ..Wanted::default()
        };
        assert_eq!(read("NIFTY DEC"), december);
        assert_eq!(read("NIFTY DECEMBER"), december);
        let first = Wanted {
            day: Some(1),
            ..december.clone()
        };
        assert_eq!(read("NIFTY 1 DEC"), first);
        assert_eq!(read("NIFTY 01DEC"), first);
        let dated = Wanted {
            year: Some(2026),
            ..first
        };
        assert_eq!(read("NIFTY 01DEC26"), dated);
        assert_eq!(read("NIFTY 1 DEC 26"), dated);
        assert_eq!(read("NIFTY 1 DEC 2026"), dated);
        let strike = Wanted {
            strike: Some("97".parse::<Price>().unwrap().into()),
            ..december
        };
        assert_eq!(read("NIFTY DEC 97"), strike);
    }

    #[test]
    fn what_says_nothing_of_a_contract_is_a_text() {
        for words in [
            "RELIANCE",
            "M&M",
            "BAJAJ-AUTO",
            "360ONE",
            "NIFTYNXT50",
            "DECCAN",
            "FACE",
        ] {
            let wanted = read(words);
            assert_eq!(wanted.texts, [words]);
            assert!(!wanted.means_contract(), "{words}");
        }
        assert_eq!(read("NIFTYFUT").texts, ["NIFTY"]);
    }
}
