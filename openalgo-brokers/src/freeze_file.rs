//! Freeze quantities, as a file that people can edit or take from NSE.
//!
//! A comma-separated table in one of two forms:
//!
//! | columns | whose |
//! |---|---|
//! | `exchange`, `symbol`, `freeze_qty` | ours: contracts on `symbol` that trade on `exchange` |
//! | `SYMBOL`, `VOL_FRZ_QTY` | NSE's list of its equity derivatives (NFO) |
//!
//! Other columns, such as numbers of rows, may be there.

use csv::StringRecord;
use openalgo_core::market::{Exchange, FreezeQuantities};
use openalgo_core::port::BoxError;
use openalgo_core::value::Quantity;
use thiserror::Error;

/// Those of NSE from 1 September 2025 (its circular of 29 August 2025).
const BUILT_IN: &str = include_str!("../data/freeze-quantities.csv");
/// As much of a wrong text as an error shows.
const SHOWN: usize = 40;

/// Why a file is no list of freeze quantities.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FreezeFileError {
    /// It is no table of comma-separated values.
    #[error("the freeze quantities are no comma-separated table")]
    Unreadable(#[from] csv::Error),
    /// It lacks a column.
    #[error(
        "row 1 of the freeze quantities has no column '{column}': it must be \
         exchange,symbol,freeze_qty or SYMBOL,VOL_FRZ_QTY"
    )]
    MissingColumn {
        /// The column that is not there.
        column: &'static str,
    },
    /// There is nothing in it.
    #[error("the freeze quantities have no row below their headings")]
    Empty,
    /// A field means nothing.
    #[error("row {row} of the freeze quantities: column '{column}' cannot be '{}'", text.escape_debug())]
    Invalid {
        /// Its line; the headings are line 1.
        row: u64,
        /// Its column.
        column: &'static str,
        /// The text as given, not all of a long one.
        text: Box<str>,
        /// What is wrong with it.
        #[source]
        source: BoxError,
    },
}

/// What comes with the program.
pub fn built_in() -> Result<FreezeQuantities, FreezeFileError> {
    parse(BUILT_IN)
}

/// Where the columns stand.
struct Columns {
    /// `None` where all are of NFO.
    exchange: Option<usize>,
    symbol: usize,
    quantity: usize,
    names: [&'static str; 2],
}

impl Columns {
    fn find(headings: &StringRecord) -> Result<Self, FreezeFileError> {
        let place = |column| headings.iter().position(|heading| heading == column);
        let needed = |column| place(column).ok_or(FreezeFileError::MissingColumn { column });
        let is_of_nse = place("SYMBOL").is_some();
        let names = if is_of_nse {
            ["SYMBOL", "VOL_FRZ_QTY"]
        } else {
            ["symbol", "freeze_qty"]
        };
        let [symbol, quantity] = names;
        Ok(Self {
            exchange: if is_of_nse {
                None
            } else {
                Some(needed("exchange")?)
            },
            symbol: needed(symbol)?,
            quantity: needed(quantity)?,
            names,
        })
    }
}

/// Reads a file.
pub fn parse(text: &str) -> Result<FreezeQuantities, FreezeFileError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = Columns::find(reader.headers()?)?;
    let mut known = Vec::new();
    for record in reader.records() {
        known.push(row(&record?, &columns)?);
    }
    if known.is_empty() {
        return Err(FreezeFileError::Empty);
    }
    Ok(FreezeQuantities::new(known))
}

fn row(
    record: &StringRecord,
    columns: &Columns,
) -> Result<(Exchange, Box<str>, Quantity), FreezeFileError> {
    let text = |place| record.get(place).unwrap_or_default();
    let invalid = |column, text: &str, source: BoxError| FreezeFileError::Invalid {
        row: record.position().map_or(0, csv::Position::line),
        column,
        text: text.chars().take(SHOWN).collect::<String>().into(),
        source,
    };
    let exchange = match columns.exchange.map(text) {
        None => Exchange::Nfo,
        Some(word) => {
            let exchange = word.parse::<Exchange>();
            let exchange = exchange.map_err(|error| invalid("exchange", word, error.into()))?;
            if !exchange.is_derivative() {
                let reason = "only contracts are frozen by their quantity";
                return Err(invalid("exchange", word, reason.into()));
            }
            exchange
        }
    };
    let [symbol_column, quantity_column] = columns.names;
    let symbol = text(columns.symbol);
    if symbol.is_empty() {
        return Err(invalid(
            symbol_column,
            symbol,
            "it must not be empty".into(),
        ));
    }
    let quantity = text(columns.quantity);
    // Spreadsheets write 53,900.
    let units = quantity.replace(',', "").parse::<Quantity>();
    let units = units.map_err(|error| invalid(quantity_column, quantity, error.into()))?;
    if units.is_zero() {
        return Err(invalid(
            quantity_column,
            quantity,
            "it must be more than 0".into(),
        ));
    }
    Ok((exchange, symbol.to_ascii_uppercase().into(), units))
}
