//! Reads the comma-separated files, so that every complaint names its row and column.

use super::SimulatedError;
use openalgo_core::port::BoxError;
use std::str::FromStr;

/// One row of a file.
#[derive(Debug)]
pub(super) struct Record {
    file: &'static str,
    row: u64,
    fields: Vec<(&'static str, Box<str>)>,
}

/// The rows of `text`, which must have all of `columns`; further ones are ignored.
pub(super) fn records(
    file: &'static str,
    text: &str,
    columns: &[&'static str],
) -> Result<Vec<Record>, SimulatedError> {
    let unreadable = |source| SimulatedError::Unreadable { file, source };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headings = reader.headers().map_err(unreadable)?.clone();
    let mut places = Vec::with_capacity(columns.len());
    for &column in columns {
        let place = headings.iter().position(|heading| heading == column);
        places.push((
            column,
            place.ok_or(SimulatedError::MissingColumn { file, column })?,
        ));
    }
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let field = |&(column, place)| (column, record.get(place).unwrap_or_default().into());
        records.push(Record {
            file,
            row: record.position().map_or(0, csv::Position::line),
            fields: places.iter().map(field).collect(),
        });
    }
    Ok(records)
}

impl Record {
    /// Its line in the file; the headings are line 1.
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// The text in a column; empty when the column was not asked for.
    pub(super) fn text(&self, column: &str) -> &str {
        let field = self.fields.iter().find(|(name, _)| *name == column);
        field.map_or("", |(_, text)| text)
    }

    /// The value in a column.
    pub(super) fn value<T>(&self, column: &'static str) -> Result<T, SimulatedError>
    where
        T: FromStr,
        T::Err: Into<BoxError>,
    {
        self.text(column)
            .parse()
            .map_err(|source: T::Err| self.invalid(column, source))
    }

    /// The complaint that a column holds something of no use.
    pub(super) fn invalid(
        &self,
        column: &'static str,
        source: impl Into<BoxError>,
    ) -> SimulatedError {
        SimulatedError::Invalid {
            file: self.file,
            row: self.row,
            column,
            text: self.text(column).into(),
            source: source.into(),
        }
    }

    /// [`Self::invalid`] unless `valid`.
    pub(super) fn require(
        &self,
        valid: bool,
        column: &'static str,
        reason: &'static str,
    ) -> Result<(), SimulatedError> {
        if valid {
            Ok(())
        } else {
            Err(self.invalid(column, reason))
        }
    }
}
