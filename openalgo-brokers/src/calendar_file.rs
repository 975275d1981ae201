//! Holidays, special sessions and hours of the exchanges, as a file that people can edit.
//!
//! A comma-separated table with the columns `date`, `type`, `description`, `closed` and `open`:
//!
//! | column | holds |
//! |---|---|
//! | `date` | `2026-11-24`; for hours, the first date on which they hold |
//! | `type` | `TRADING_HOLIDAY`, `SETTLEMENT_HOLIDAY`, `SPECIAL_SESSION`, or `HOURS` for the usual hours |
//! | `closed` | exchange codes, separated by blanks |
//! | `open` | exchanges with their hours, separated by `;`: `MCX 17:00-23:55` |

use chrono::NaiveDate;
use csv::StringRecord;
use openalgo_core::market::{
    DayKind, Exchange, ExchangeHours, SpecialDay, TradingCalendar, UsualHours,
};
use openalgo_core::port::BoxError;
use std::str::FromStr;
use thiserror::Error;

const BUILT_IN: &str = include_str!("../data/market-calendar.csv");
const COLUMNS: [&str; 5] = ["date", "type", "description", "closed", "open"];
/// The word of a row that tells usual hours.
const HOURS: &str = "HOURS";

/// Why a file is no calendar.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CalendarFileError {
    /// It is no table of comma-separated values.
    #[error("the calendar is no comma-separated table")]
    Unreadable(#[from] csv::Error),
    /// It lacks a column.
    #[error(
        "the calendar has no column '{column}': its first line must be {}",
        COLUMNS.join(",")
    )]
    MissingColumn {
        /// The column that is not there.
        column: &'static str,
    },
    /// A field means nothing.
    #[error("row {row} of the calendar: column '{column}' cannot be '{}'", text.escape_debug())]
    Invalid {
        /// Its line; the headings are line 1.
        row: u64,
        /// Its column.
        column: &'static str,
        /// The text as given.
        text: Box<str>,
        /// What is wrong with it.
        #[source]
        source: BoxError,
    },
}

/// The calendar that comes with the program.
pub fn built_in() -> Result<TradingCalendar, CalendarFileError> {
    parse(BUILT_IN)
}

/// Reads a calendar. One that tells no hours is meant to update another one
/// ([`TradingCalendar::updated_by`]).
pub fn parse(text: &str) -> Result<TradingCalendar, CalendarFileError> {
    // Spreadsheets begin a file so.
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headings = reader.headers()?.clone();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = headings.iter().position(|heading| heading == column);
        *place = found.ok_or(CalendarFileError::MissingColumn { column })?;
    }
    let (mut hours, mut days) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record?;
        let row = Row {
            record: &record,
            places: &places,
        };
        if row.text("type") == HOURS {
            hours.push(UsualHours {
                since: row.value("date")?,
                hours: row.open()?,
            });
        } else {
            days.push(row.day()?);
        }
    }
    Ok(TradingCalendar::new(hours, days))
}

struct Row<'a> {
    record: &'a StringRecord,
    places: &'a [usize; COLUMNS.len()],
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        let places = COLUMNS.iter().zip(self.places);
        let place = places.into_iter().find(|(name, _)| **name == column);
        place
            .and_then(|(_, place)| self.record.get(*place))
            .unwrap_or_default()
    }

    fn value<T>(&self, column: &'static str) -> Result<T, CalendarFileError>
    where
        T: FromStr,
        T::Err: Into<BoxError>,
    {
        let text = self.text(column);
        text.parse()
            .map_err(|error: T::Err| self.invalid(column, text, error))
    }

    fn invalid(
        &self,
        column: &'static str,
        text: &str,
        source: impl Into<BoxError>,
    ) -> CalendarFileError {
        CalendarFileError::Invalid {
            row: self.record.position().map_or(0, csv::Position::line),
            column,
            text: text.into(),
            source: source.into(),
        }
    }

    fn day(&self) -> Result<SpecialDay, CalendarFileError> {
        let date: NaiveDate = self.value("date")?;
        let kind: DayKind = self.value("type")?;
        let description = self.text("description");
        if description.is_empty() {
            return Err(self.invalid("description", "", "a day needs a name"));
        }
        let closed = self.text("closed").split_whitespace();
        let closed = closed.map(|word| {
            word.parse()
                .map_err(|unknown| self.invalid("closed", word, unknown))
        });
        Ok(SpecialDay {
            date,
            kind,
            description: description.into(),
            closed: closed.collect::<Result<_, _>>()?,
            open: self.open()?,
        })
    }

    fn open(&self) -> Result<Vec<ExchangeHours>, CalendarFileError> {
        let parts = self.text("open").split(';').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        parts
            .map(|part| hours(part).map_err(|wrong| self.invalid("open", part, wrong)))
            .collect()
    }
}

/// Reads `MCX 17:00-23:55`.
fn hours(text: &str) -> Result<ExchangeHours, BoxError> {
    let form = "it must look like MCX 17:00-23:55";
    let (exchange, times) = text.split_once(' ').ok_or(form)?;
    let (opens, closes) = times.trim().split_once('-').ok_or(form)?;
    Ok(ExchangeHours {
        exchange: exchange.parse::<Exchange>()?,
        opens: opens.trim().parse()?,
        closes: closes.trim().parse()?,
    })
}
