//! Cells that become values where SQLite has them, without a copy of each in between.
//!
//! For the rows that are read by the thousand; [`Place`] alone serves all others.

use super::{Place, Real, Whole, text};
use diesel::deserialize::FromSql;
use diesel::row::{Field, Row};
use diesel::sql_types::{BigInt, Double};
use diesel::sqlite::{Sqlite, SqliteValue};
use openalgo_core::market::Timestamp;
use openalgo_core::port::StoreError;
use openalgo_core::value::{Money, Price, Quantity};
use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

/// A column of a query; [`selection`] makes a type for those of one.
pub(crate) trait Selected: Copy {
    /// Its name in the table.
    fn name(self) -> &'static str;
    /// How many columns of the query stand before it.
    fn index(self) -> usize;
}

/// Says once which columns of a table a query selects: `COLUMNS` for the query, `SqlTypes` for
/// what it gives, and a `Column` for each to read it by.
macro_rules! selection {
    ($(#[$meta:meta])* $table:ident { $($column:ident: $sql_type:ty,)+ }) => {
        $(#[$meta])*
        pub(crate) const COLUMNS: ($($table::$column,)+) = ($($table::$column,)+);

        type SqlTypes = ($($sql_type,)+);

        #[expect(non_camel_case_types, reason = "columns keep the names that they have in SQL")]
        #[derive(Clone, Copy)]
        enum Column {
            $($column,)+
        }

        impl $crate::column::Selected for Column {
            fn name(self) -> &'static str {
                match self { $(Self::$column => stringify!($column),)+ }
            }

            #[expect(clippy::as_conversions, reason = "a variant is its place in the list")]
            fn index(self) -> usize {
                self as usize
            }
        }
    };
}
pub(crate) use selection;

type RawValue<'c> = SqliteValue<'c, 'c, 'c>;

/// A row that a query stands on.
pub(crate) struct Cells<'r, R, C> {
    row: &'r R,
    place: Place,
    columns: PhantomData<C>,
}

impl<'r, 'a, R: Row<'a, Sqlite>, C: Selected> Cells<'r, R, C> {
    /// A row of `table`, whose number is in the column `id`.
    pub(crate) fn new(row: &'r R, (table, id): (&'static str, C)) -> Result<Self, StoreError> {
        let mut cells = Self {
            row,
            place: Place { table, row: 0 },
            columns: PhantomData,
        };
        cells.place.row = cells.whole(id)?;
        Ok(cells)
    }

    /// The number of the row.
    pub(crate) fn number(&self) -> i64 {
        self.place.row
    }

    /// Says that a cell of this row is damaged.
    pub(crate) fn corrupt(&self, column: C, reason: impl Display) -> StoreError {
        self.place.corrupt(column.name(), reason)
    }

    fn cell<T>(&self, column: C, take: impl FnOnce(Option<RawValue<'_>>) -> T) -> T {
        let field = self.row.get(column.index());
        take(field.as_ref().and_then(Field::value))
    }

    /// Reads a word or an id.
    pub(crate) fn word<T>(&self, column: C) -> Result<T, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        self.cell(column, |cell| {
            text::read(cell, |text| self.place.parsed(column.name(), text))
        })
    }

    /// Reads a word or an id that may be absent.
    pub(crate) fn optional_word<T>(&self, column: C) -> Result<Option<T>, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        self.cell(column, |cell| match cell {
            None => Ok(None),
            present => text::read(present, |text| {
                self.place.parsed(column.name(), text).map(Some)
            }),
        })
    }

    /// Reads an instant.
    pub(crate) fn instant(&self, column: C) -> Result<Timestamp, StoreError> {
        self.cell(column, |cell| {
            text::read(cell, |text| self.place.stored(column.name(), text))
        })
    }

    /// Reads a price.
    pub(crate) fn price(&self, column: C) -> Result<Price, StoreError> {
        self.place.price(column.name(), self.real(column)?)
    }

    /// Reads an amount.
    pub(crate) fn money(&self, column: C) -> Result<Money, StoreError> {
        self.place.money(column.name(), self.real(column)?)
    }

    fn real(&self, column: C) -> Result<Real, StoreError> {
        self.cell(column, <Real as FromSql<Double, Sqlite>>::from_nullable_sql)
            .map_err(|error| self.corrupt(column, error))
    }

    /// Reads a number of units.
    pub(crate) fn quantity(&self, column: C) -> Result<Quantity, StoreError> {
        let number = self.whole(column)?;
        Quantity::try_new(number).map_err(|error| self.corrupt(column, error))
    }

    /// Reads a whole number.
    pub(crate) fn whole(&self, column: C) -> Result<i64, StoreError> {
        let cell = self
            .cell(
                column,
                <Whole as FromSql<BigInt, Sqlite>>::from_nullable_sql,
            )
            .map_err(|error| self.corrupt(column, error))?;
        self.place.whole(column.name(), cell)
    }
}
