//! What trades cost at brokers, as a file that people can edit.
//!
//! A comma-separated table. All rates are in per cent of what is traded, `most_brokerage` is in
//! rupees for an order, and `gst` in per cent of what broker, exchange and supervisor take. Rates
//! hold from `since` on, until later ones for the same profile, exchange and segment. Lines that begin
//! with `#` say where they come from.

use csv::StringRecord;
use openalgo_core::port::BoxError;
use openalgo_core::rule::charges::{ChargeProfile, ChargeRates, ChargesOf};
use std::str::FromStr;
use thiserror::Error;

const BUILT_IN: &str = include_str!("../data/paper-charges.csv");

/// Why a file tells no charges.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChargesFileError {
    /// It is no table of comma-separated values.
    #[error("the charges are no comma-separated table")]
    Unreadable(#[from] csv::Error),
    /// It lacks a column.
    #[error("the charges have no column '{column}'")]
    MissingColumn {
        /// The column that is not there.
        column: &'static str,
    },
    /// A field means nothing.
    #[error("row {row} of the charges: column '{column}' cannot be '{}'", text.escape_debug())]
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

/// The charges of a broker that come with the program.
pub fn built_in(of: ChargesOf) -> Result<ChargeProfile, ChargesFileError> {
    parse(BUILT_IN, of)
}

/// Reads the charges of a broker.
pub fn parse(text: &str, of: ChargesOf) -> Result<ChargeProfile, ChargesFileError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let headings = reader.headers()?.clone();
    let mut rates = Vec::new();
    for record in reader.records() {
        let row = Row {
            headings: &headings,
            record: &record?,
        };
        if row.value::<ChargesOf>("profile")? == of {
            rates.push(row.rates()?);
        }
    }
    Ok(ChargeProfile::new(rates))
}

struct Row<'a> {
    headings: &'a StringRecord,
    record: &'a StringRecord,
}

impl Row<'_> {
    fn value<T>(&self, column: &'static str) -> Result<T, ChargesFileError>
    where
        T: FromStr,
        T::Err: Into<BoxError>,
    {
        let place = self.headings.iter().position(|heading| heading == column);
        let place = place.ok_or(ChargesFileError::MissingColumn { column })?;
        let text = self.record.get(place).unwrap_or_default();
        text.parse().map_err(|error: T::Err| {
            let position = self.record.position();
            ChargesFileError::Invalid {
                row: position.map_or(0, csv::Position::line),
                column,
                text: text.into(),
                source: error.into(),
            }
        })
    }

    fn rates(&self) -> Result<ChargeRates, ChargesFileError> {
        Ok(ChargeRates {
            since: self.value("since")?,
            exchange: self.value("exchange")?,
            segment: self.value("segment")?,
            brokerage: self.value("brokerage")?,
            most_brokerage: self.value("most_brokerage")?,
            stt_buy: self.value("stt_buy")?,
            stt_sell: self.value("stt_sell")?,
            exchange_fee: self.value("exchange_fee")?,
            sebi_fee: self.value("sebi_fee")?,
            stamp_buy: self.value("stamp_buy")?,
            gst: self.value("gst")?,
        })
    }
}
