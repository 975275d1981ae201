//! Turns cells into values and names the cell that cannot be one.

use super::{Real, Text, Whole};
use openalgo_core::id::{BrokerName, InstrumentToken};
use openalgo_core::market::{InstrumentKey, Symbol, Timestamp};
use openalgo_core::port::StoreError;
use openalgo_core::value::{Money, NetQuantity, Price, Quantity, ValueError};
use rust_decimal::Decimal;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// A row of a table, as far as an error message needs to know it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The table.
    pub(crate) table: &'static str,
    /// Number of the row; zero where rows have none.
    pub(crate) row: i64,
}

impl Place {
    /// Says that a cell of this row is damaged.
    pub(crate) fn corrupt(self, column: &'static str, reason: impl Display) -> StoreError {
        StoreError::Corrupt {
            table: self.table,
            column,
            row: self.row,
            reason: reason.to_string(),
        }
    }

    /// Reads a text.
    pub(crate) fn text<'c>(
        self,
        column: &'static str,
        cell: &'c Text,
    ) -> Result<&'c str, StoreError> {
        self.known(column, cell.as_str())
    }

    pub(super) fn known<'c>(
        self,
        column: &'static str,
        text: Option<&'c str>,
    ) -> Result<&'c str, StoreError> {
        text.ok_or_else(|| self.corrupt(column, "it is not a text"))
    }

    /// Reads a text that may be absent.
    pub(crate) fn optional_text(
        self,
        column: &'static str,
        cell: Option<&Text>,
    ) -> Result<Option<String>, StoreError> {
        let text = cell.map(|cell| self.text(column, cell)).transpose()?;
        Ok(text.map(str::to_owned))
    }

    /// Reads a word or an id.
    pub(crate) fn word<T>(self, column: &'static str, cell: &Text) -> Result<T, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        self.parsed(column, cell.as_str())
    }

    pub(super) fn parsed<T>(self, column: &'static str, text: Option<&str>) -> Result<T, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        let text = self.known(column, text)?;
        text.parse().map_err(|error| self.corrupt(column, error))
    }

    /// Reads a word or an id that may be absent.
    pub(crate) fn optional<T>(
        self,
        column: &'static str,
        cell: Option<&Text>,
    ) -> Result<Option<T>, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        cell.map(|cell| self.word(column, cell)).transpose()
    }

    /// Reads the name of a broker.
    pub(crate) fn broker(self, cell: &Text) -> Result<BrokerName, StoreError> {
        self.word("broker_name", cell)
    }

    /// Reads the broker's number of an instrument.
    pub(crate) fn token(self, cell: Option<&Text>) -> Result<Option<InstrumentToken>, StoreError> {
        self.optional("token", cell)
    }

    /// Reads the columns `exchange` and `symbol`.
    pub(crate) fn instrument(
        self,
        exchange: &Text,
        symbol: &Text,
    ) -> Result<InstrumentKey, StoreError> {
        let symbol: Symbol = self.word("symbol", symbol)?;
        Ok(InstrumentKey::new(self.word("exchange", exchange)?, symbol))
    }

    /// Reads an instant.
    pub(crate) fn instant(
        self,
        column: &'static str,
        cell: &Text,
    ) -> Result<Timestamp, StoreError> {
        self.stored(column, cell.as_str())
    }

    pub(super) fn stored(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Timestamp, StoreError> {
        let text = self.known(column, text)?;
        Timestamp::parse_stored(text).map_err(|error| self.corrupt(column, error))
    }

    /// Reads an instant that may be absent.
    pub(crate) fn optional_instant(
        self,
        column: &'static str,
        cell: Option<&Text>,
    ) -> Result<Option<Timestamp>, StoreError> {
        cell.map(|cell| self.instant(column, cell)).transpose()
    }

    /// Reads a price.
    pub(crate) fn price(self, column: &'static str, cell: Real) -> Result<Price, StoreError> {
        self.decimal(column, cell, Price::try_new)
    }

    /// Reads an amount.
    pub(crate) fn money(self, column: &'static str, cell: Real) -> Result<Money, StoreError> {
        self.decimal(column, cell, Money::try_new)
    }

    fn decimal<T>(
        self,
        column: &'static str,
        cell: Real,
        make: fn(Decimal) -> Result<T, ValueError>,
    ) -> Result<T, StoreError> {
        let decimal = cell
            .to_decimal()
            .map_err(|error| self.corrupt(column, error))?;
        make(decimal).map_err(|error| self.corrupt(column, error))
    }

    /// Reads a whole number.
    pub(crate) fn whole(self, column: &'static str, cell: Whole) -> Result<i64, StoreError> {
        cell.get()
            .ok_or_else(|| self.corrupt(column, "it is not a whole number"))
    }

    /// Reads a whole number without a sign.
    pub(crate) fn counter(self, column: &'static str, cell: Whole) -> Result<u64, StoreError> {
        u64::try_from(self.whole(column, cell)?).map_err(|error| self.corrupt(column, error))
    }

    /// Reads a whole number that may be absent and must fit its type.
    pub(crate) fn optional_whole<T>(
        self,
        column: &'static str,
        cell: Option<Whole>,
    ) -> Result<Option<T>, StoreError>
    where
        T: TryFrom<i64, Error: Display>,
    {
        let number = cell.map(|cell| self.whole(column, cell)).transpose()?;
        let number = number.map(T::try_from).transpose();
        number.map_err(|error| self.corrupt(column, error))
    }

    /// Reads a span in milliseconds.
    pub(crate) fn span(self, column: &'static str, cell: Whole) -> Result<Duration, StoreError> {
        self.counter(column, cell).map(Duration::from_millis)
    }

    /// Reads a span in microseconds.
    pub(crate) fn micros(self, column: &'static str, cell: Whole) -> Result<Duration, StoreError> {
        self.counter(column, cell).map(Duration::from_micros)
    }

    /// Reads a small whole number without a sign.
    pub(crate) fn small(self, column: &'static str, cell: Whole) -> Result<u32, StoreError> {
        u32::try_from(self.whole(column, cell)?).map_err(|error| self.corrupt(column, error))
    }

    /// Reads a number of units.
    pub(crate) fn quantity(
        self,
        column: &'static str,
        cell: Whole,
    ) -> Result<Quantity, StoreError> {
        Quantity::try_new(self.whole(column, cell)?).map_err(|error| self.corrupt(column, error))
    }

    /// Reads a signed number of units.
    pub(crate) fn net(self, column: &'static str, cell: Whole) -> Result<NetQuantity, StoreError> {
        NetQuantity::try_new(self.whole(column, cell)?).map_err(|error| self.corrupt(column, error))
    }
}
