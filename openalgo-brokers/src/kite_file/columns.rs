//! Where the columns are, and the fields of a row.

use super::{InstrumentFileError, RefusedRow};
use csv::StringRecord;
use openalgo_core::port::BoxError;
use std::str::FromStr;

/// The columns that are read; others, such as the last price, may be there.
const NEEDED: [&str; 10] = [
    "instrument_token",
    "exchange_token",
    "tradingsymbol",
    "name",
    "expiry",
    "strike",
    "tick_size",
    "lot_size",
    "instrument_type",
    "exchange",
];
const SEGMENT: &str = "segment";
/// As much of a wrong text as an error shows.
const SHOWN: usize = 40;

/// Where each column stands.
#[derive(Debug)]
pub(super) struct Columns {
    places: Vec<(&'static str, usize)>,
}

impl Columns {
    pub(super) fn find(headings: &StringRecord) -> Result<Self, InstrumentFileError> {
        let place = |column: &'static str| {
            let place = headings.iter().position(|heading| heading == column);
            place.map(|place| (column, place)).ok_or_else(|| {
                let found: Vec<_> = headings.iter().map(start).collect();
                InstrumentFileError::MissingColumn {
                    column,
                    found: start(&found.join(", ")).into(),
                }
            })
        };
        let columns = NEEDED.into_iter().chain([SEGMENT]);
        let places = columns.map(place).collect::<Result<_, _>>()?;
        Ok(Self { places })
    }
}

/// The fields of one row.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    record: &'a StringRecord,
    columns: &'a Columns,
}

impl<'a> Fields<'a> {
    pub(super) fn new(record: &'a StringRecord, columns: &'a Columns) -> Self {
        Self { record, columns }
    }

    /// Its line in the file; the headings are line 1.
    pub(super) fn row(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// The text in a column; empty where the row ends before it.
    pub(super) fn text(&self, column: &str) -> &'a str {
        let mut places = self.columns.places.iter();
        let place = places.find(|(name, _)| *name == column);
        place
            .and_then(|(_, place)| self.record.get(*place))
            .unwrap_or_default()
    }

    /// The text in a column that must not be empty.
    pub(super) fn some(&self, column: &'static str) -> Result<&'a str, RefusedRow> {
        match self.text(column) {
            "" => Err(self.invalid(column, "it must not be empty")),
            text => Ok(text),
        }
    }

    /// The value in a column.
    pub(super) fn value<T>(&self, column: &'static str) -> Result<T, RefusedRow>
    where
        T: FromStr,
        T::Err: Into<BoxError>,
    {
        self.text(column)
            .parse()
            .map_err(|error: T::Err| self.invalid(column, error))
    }

    pub(super) fn invalid(&self, column: &'static str, source: impl Into<BoxError>) -> RefusedRow {
        RefusedRow {
            row: self.row(),
            column,
            text: start(self.text(column)).into(),
            source: source.into(),
        }
    }
}

/// The start of a text, which may be a whole file.
fn start(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(SHOWN)
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default()
}
