//! INTEGER columns that count something.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::BigInt;
use diesel::sqlite::{Sqlite, SqliteType, SqliteValue};
use openalgo_core::value::{NetQuantity, Quantity};
use std::time::Duration;

/// A cell of an INTEGER column; empty when it holds something that is no whole number or was made
/// from a number that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub(crate) struct Whole(Option<i64>);

impl Whole {
    /// A span in whole microseconds; what is finer is left out.
    pub(crate) fn micros(span: Duration) -> Self {
        Self(i64::try_from(span.as_micros()).ok())
    }

    /// The number in the cell.
    pub(crate) fn get(self) -> Option<i64> {
        self.0
    }
}

impl From<i64> for Whole {
    fn from(number: i64) -> Self {
        Self(Some(number))
    }
}

impl From<u64> for Whole {
    fn from(number: u64) -> Self {
        Self(i64::try_from(number).ok())
    }
}

impl From<u16> for Whole {
    fn from(number: u16) -> Self {
        Self(Some(number.into()))
    }
}

impl From<u32> for Whole {
    fn from(number: u32) -> Self {
        Self(Some(number.into()))
    }
}

/// In whole milliseconds; what is finer is left out.
impl From<Duration> for Whole {
    fn from(span: Duration) -> Self {
        Self(i64::try_from(span.as_millis()).ok())
    }
}

impl From<Quantity> for Whole {
    fn from(quantity: Quantity) -> Self {
        Self(Some(quantity.get()))
    }
}

impl From<NetQuantity> for Whole {
    fn from(quantity: NetQuantity) -> Self {
        Self(Some(quantity.get()))
    }
}

impl FromSql<BigInt, Sqlite> for Whole {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        // SQLite would turn a text into 0.
        match value.value_type() {
            Some(SqliteType::Long) => {
                <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map(Self::from)
            }
            _ => Ok(Self(None)),
        }
    }

    fn from_nullable_sql(value: Option<SqliteValue<'_, '_, '_>>) -> deserialize::Result<Self> {
        value.map_or(Ok(Self(None)), Self::from_sql)
    }
}

impl ToSql<BigInt, Sqlite> for Whole {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let number = self.0.ok_or("the number is too large for the database")?;
        out.set_value(number);
        Ok(IsNull::No)
    }
}
