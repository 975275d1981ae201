//! The rows of the market data: what trades, around which price, and how wildly.

use super::SimulatedError;
use super::table::{self, Record};
use openalgo_core::market::{Exchange, InstrumentKey, Symbol};
use openalgo_core::port::BoxError;
use openalgo_core::value::{Price, Quantity, Tick};
use rust_decimal::Decimal;

const FILE: &str = "market data";
const COLUMNS: [&str; 8] = [
    "symbol",
    "name",
    "exchange",
    "kind",
    "base_price",
    "annual_volatility_percent",
    "lot_size",
    "tick_size",
];

const LONGEST_SYMBOL: usize = 32;

/// Bounds that keep every price of the course inside what a [`Price`] can hold.
const HIGHEST_BASE: i64 = 10_000_000;
const HIGHEST_VOLATILITY: i64 = 200;

/// What a row describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowKind {
    /// A share.
    Equity,
    /// An index.
    Index,
    /// A commodity or currency pair that only trades as futures.
    FutureRoot,
}

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Its place among the rows, from 1.
    pub(super) number: i64,
    /// Its line in the file.
    line: u64,
    pub(super) key: InstrumentKey,
    pub(super) name: Box<str>,
    pub(super) kind: RowKind,
    /// The price around which the course moves.
    pub(super) base: Price,
    /// Yearly volatility in percent.
    pub(super) volatility: Decimal,
    /// Units per lot of its contracts.
    pub(super) lot: Quantity,
    pub(super) tick: Tick,
}

/// Reads the market data.
pub(super) fn parse(text: &str) -> Result<Vec<Row>, SimulatedError> {
    let records = table::records(FILE, text, &COLUMNS)?;
    (1..)
        .zip(&records)
        .map(|(number, record)| row(number, record))
        .collect()
}

impl Row {
    /// The complaint that its symbol is taken.
    pub(super) fn duplicate(&self) -> SimulatedError {
        let reason = "another row has it on the same exchange";
        self.invalid("symbol", self.key.symbol.as_str(), reason.into())
    }

    /// The complaint that no contracts can be made around its price.
    pub(super) fn unusable_price(&self, source: BoxError) -> SimulatedError {
        self.invalid("base_price", &self.base.to_string(), source)
    }

    fn invalid(&self, column: &'static str, text: &str, source: BoxError) -> SimulatedError {
        SimulatedError::Invalid {
            file: FILE,
            row: self.line,
            column,
            text: text.into(),
            source,
        }
    }
}

fn row(number: i64, record: &Record) -> Result<Row, SimulatedError> {
    let symbol: Symbol = record.value("symbol")?;
    let fits = symbol.as_str().len() <= LONGEST_SYMBOL;
    record.require(
        fits,
        "symbol",
        "it must be at most 32 long, so that contracts fit",
    )?;
    let exchange: Exchange = record.value("exchange")?;
    let base: Price = record.value("base_price")?;
    let in_range = !base.is_zero() && base.to_decimal() <= HIGHEST_BASE.into();
    record.require(
        in_range,
        "base_price",
        "it must be more than 0, at most 10000000",
    )?;
    let volatility: Decimal = record.value("annual_volatility_percent")?;
    let in_range = volatility > Decimal::ZERO && volatility <= HIGHEST_VOLATILITY.into();
    let reason = "it must be more than 0, at most 200";
    record.require(in_range, "annual_volatility_percent", reason)?;
    let lot: Quantity = record.value("lot_size")?;
    let in_range = (1..=1_000_000).contains(&lot.get());
    record.require(in_range, "lot_size", "it must be 1 to 1000000")?;
    let tick = Tick::try_new(record.value("tick_size")?)
        .map_err(|zero| record.invalid("tick_size", zero))?;
    record.require(
        tick.step() <= base,
        "tick_size",
        "it must not exceed the price",
    )?;
    Ok(Row {
        number,
        line: record.row(),
        key: InstrumentKey::new(exchange, symbol),
        name: record.text("name").into(),
        kind: kind(record, exchange)?,
        base,
        volatility,
        lot,
        tick,
    })
}

fn kind(record: &Record, exchange: Exchange) -> Result<RowKind, SimulatedError> {
    let (kind, fits) = match record.text("kind") {
        "EQ" => (RowKind::Equity, exchange.is_cash()),
        "INDEX" => (RowKind::Index, exchange.is_index()),
        "FUT_ROOT" => (RowKind::FutureRoot, exchange.is_derivative()),
        _ => return Err(record.invalid("kind", "it must be EQ, INDEX or FUT_ROOT")),
    };
    record.require(fits, "exchange", "it does not trade this kind")?;
    Ok(kind)
}
