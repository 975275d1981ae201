//! The instrument file of Kite Connect, in the OpenAlgo vocabulary.
//!
//! Symbols of contracts are built from name, expiry, strike and type, never read from the
//! broker's own symbol. A row that cannot be used does not keep the others out: it is told with its
//! line and column, and whoever takes the file decides how many of them are too many.
//!
//! | file | what is in it |
//! |---|---|
//! | `columns` | where the columns are, and the fields of a row |
//! | `names` | what indices are called, and shares of other series |
//! | `proof` | whether a file can be the whole list of a day |

mod columns;
mod names;
mod proof;

pub use proof::ImplausibleError;

use chrono::NaiveDate;
use columns::{Columns, Fields};
use openalgo_core::id::InstrumentToken;
use openalgo_core::market::{
    Contract, Exchange, Instrument, InstrumentKey, InstrumentKind, OptionRight, Symbol,
};
use openalgo_core::port::BoxError;
use openalgo_core::value::{Price, Quantity, Tick};
use std::collections::BTreeSet;
use thiserror::Error;

/// Why a file is no list of instruments.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InstrumentFileError {
    /// It is empty.
    #[error("the instrument file is empty")]
    Empty,
    /// It is a page for people, as a server sends where something went wrong.
    #[error("the instrument file is a web page, not a comma-separated table")]
    WebPage,
    /// It lacks a column.
    #[error("row 1 of the instrument file has no column '{column}'; it has {found}")]
    MissingColumn {
        /// The column that is not there.
        column: &'static str,
        /// Those that are, as far as they can be shown.
        found: Box<str>,
    },
    /// The first line cannot be read.
    #[error("row 1 of the instrument file cannot be read")]
    Unreadable(#[source] csv::Error),
}

/// A row that cannot be used.
#[derive(Debug, Error)]
#[error("row {row} of the instrument file: column '{column}' cannot be '{}'", text.escape_debug())]
pub struct RefusedRow {
    /// Its line; the headings are line 1.
    pub row: u64,
    /// Its column.
    pub column: &'static str,
    /// The text as given, not all of a long one.
    pub text: Box<str>,
    /// What is wrong with it.
    #[source]
    pub source: BoxError,
}

/// An instrument and what the broker calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its line in the file; the headings are line 1.
    pub row: u64,
    /// The instrument.
    pub instrument: Instrument,
    /// The broker's symbol.
    pub broker_symbol: Box<str>,
    /// The broker's code of the exchange.
    pub broker_exchange: Box<str>,
}

/// What stood in a file.
#[derive(Debug, Default)]
pub struct InstrumentFile {
    /// The instruments, in the order of the file.
    pub listed: Vec<Listed>,
    /// Rows that cannot be used.
    pub refused: Vec<RefusedRow>,
    /// How many rows are of exchanges that are not supported.
    pub foreign: usize,
}

/// Reads a file.
pub fn parse(text: &str) -> Result<InstrumentFile, InstrumentFileError> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.is_empty() {
        return Err(InstrumentFileError::Empty);
    }
    if start.starts_with('<') {
        return Err(InstrumentFileError::WebPage);
    }
    // A row that was cut off is told like any other, so its missing fields are read as empty.
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(start.as_bytes());
    let headings = reader.headers().map_err(InstrumentFileError::Unreadable)?;
    let columns = Columns::find(headings)?;
    let main_series = main_series(start, &columns);
    let mut file = InstrumentFile::default();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let row = error.position().map_or(0, csv::Position::line);
                file.refused.push(RefusedRow {
                    row,
                    column: "instrument_token",
                    text: "".into(),
                    source: error.into(),
                });
                continue;
            }
        }
        let fields = Fields::new(&record, &columns);
        match listed(&fields, &main_series) {
            Ok(Some(listed)) => file.listed.push(listed),
            Ok(None) => file.foreign = file.foreign.saturating_add(1),
            Err(refused) => file.refused.push(refused),
        }
    }
    Ok(file)
}

/// The shares that have a row of their main series, which keeps the plain symbol.
fn main_series(text: &str, columns: &Columns) -> BTreeSet<(Box<str>, Box<str>)> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut shares = BTreeSet::new();
    for record in reader.records().flatten() {
        let fields = Fields::new(&record, columns);
        if fields.text("instrument_type") != "EQ" || fields.text("segment") == "INDICES" {
            continue;
        }
        let symbol = fields.text("tradingsymbol");
        let base = match names::series_of(symbol) {
            Some((base, "EQ")) => base,
            Some(_) => continue,
            None => symbol,
        };
        shares.insert((fields.text("exchange").into(), base.into()));
    }
    shares
}

fn listed(
    fields: &Fields<'_>,
    main_series: &BTreeSet<(Box<str>, Box<str>)>,
) -> Result<Option<Listed>, RefusedRow> {
    let Some(exchange) = exchange(fields) else {
        return Ok(None);
    };
    let instrument = if exchange.is_index() {
        index(fields, exchange)?
    } else if exchange.is_cash() {
        share(fields, exchange, main_series)?
    } else {
        contract(fields, exchange)?
    };
    Ok(Some(Listed {
        row: fields.row(),
        instrument,
        broker_symbol: fields.text("tradingsymbol").into(),
        broker_exchange: fields.text("exchange").into(),
    }))
}

/// `None` for exchanges that are not supported.
fn exchange(fields: &Fields<'_>) -> Option<Exchange> {
    let word = fields.text("exchange");
    if fields.text("segment") != "INDICES" {
        // Theirs has no word for indices, which are told by the segment.
        return word.parse().ok().filter(|code: &Exchange| !code.is_index());
    }
    match word {
        "NSE" => Some(Exchange::NseIndex),
        "BSE" => Some(Exchange::BseIndex),
        "MCX" => Some(Exchange::McxIndex),
        "GLOBAL" => Some(Exchange::GlobalIndex),
        _ => None,
    }
}

fn index(fields: &Fields<'_>, exchange: Exchange) -> Result<Instrument, RefusedRow> {
    let name = fields.some("tradingsymbol")?;
    let symbol = names::index_symbol(exchange, name);
    Ok(Instrument {
        key: InstrumentKey::new(exchange, fields.symbol(&symbol)?),
        name: fields.text("name").into(),
        kind: InstrumentKind::Index,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: fields.tick_or_smallest()?,
        token: Some(token(fields)?),
        freeze_quantity: None,
    })
}

fn share(
    fields: &Fields<'_>,
    exchange: Exchange,
    main_series: &BTreeSet<(Box<str>, Box<str>)>,
) -> Result<Instrument, RefusedRow> {
    let whole = fields.some("tradingsymbol")?;
    let symbol = match names::series_of(whole) {
        Some((base, "EQ")) => base,
        Some((base, _))
            if !main_series.contains(&(fields.text("exchange").into(), base.into())) =>
        {
            base
        }
        Some(_) | None => whole,
    };
    Ok(Instrument {
        key: InstrumentKey::new(exchange, fields.symbol(symbol)?),
        name: fields.text("name").into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: fields.lot()?,
        tick: fields.tick()?,
        token: Some(token(fields)?),
        freeze_quantity: None,
    })
}

fn contract(fields: &Fields<'_>, exchange: Exchange) -> Result<Instrument, RefusedRow> {
    let kind: InstrumentKind = fields.value("instrument_type")?;
    let expiry = fields.value("expiry")?;
    let base: Box<str> = names::base_of(fields)?.to_ascii_uppercase().into();
    let (contract, strike) = match kind.option_right() {
        Some(right) => option(fields, base, (expiry, right))?,
        None if kind == InstrumentKind::Future => (Contract::Future { base, expiry }, None),
        None => return Err(fields.invalid("instrument_type", "it must be FUT, CE or PE here")),
    };
    let symbol = contract
        .to_symbol()
        .map_err(|error| fields.invalid("name", error))?;
    Ok(Instrument {
        key: InstrumentKey::new(exchange, symbol),
        name: contract.base().into(),
        kind,
        expiry: Some(expiry),
        strike,
        lot_size: fields.lot()?,
        tick: fields.tick()?,
        token: Some(token(fields)?),
        freeze_quantity: None,
    })
}

fn option(
    fields: &Fields<'_>,
    base: Box<str>,
    (expiry, right): (NaiveDate, OptionRight),
) -> Result<(Contract, Option<Price>), RefusedRow> {
    let strike: Price = fields.value("strike")?;
    if strike.is_zero() {
        return Err(fields.invalid("strike", "an option's strike must be more than 0"));
    }
    let contract = Contract::Option {
        base,
        expiry,
        strike,
        right,
    };
    Ok((contract, Some(strike)))
}

/// Both numbers of the broker: that of its feed, and that of the exchange.
fn token(fields: &Fields<'_>) -> Result<InstrumentToken, RefusedRow> {
    let feed: u32 = fields.value("instrument_token")?;
    let exchange = fields.some("exchange_token")?;
    InstrumentToken::try_new(&format!("{feed}::::{exchange}"))
        .map_err(|error| fields.invalid("exchange_token", error))
}

impl Fields<'_> {
    fn symbol(&self, text: &str) -> Result<Symbol, RefusedRow> {
        Symbol::try_new(&text.to_ascii_uppercase())
            .map_err(|error| self.invalid("tradingsymbol", error))
    }

    fn lot(&self) -> Result<Quantity, RefusedRow> {
        let lot: Quantity = self.value("lot_size")?;
        if lot.is_zero() {
            return Err(self.invalid("lot_size", "it must be more than 0"));
        }
        Ok(lot)
    }

    fn tick(&self) -> Result<Tick, RefusedRow> {
        Tick::try_new(self.value("tick_size")?).map_err(|error| self.invalid("tick_size", error))
    }

    /// The tick of an index, of which some files know none: nobody trades it.
    fn tick_or_smallest(&self) -> Result<Tick, RefusedRow> {
        let step: Price = self.value("tick_size")?;
        if !step.is_zero() {
            return self.tick();
        }
        let paisa = Price::try_new(rust_decimal::Decimal::new(1, 2));
        paisa
            .and_then(Tick::try_new)
            .map_err(|error| self.invalid("tick_size", error))
    }
}
