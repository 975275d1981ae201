//! REAL columns: exact decimals with four places, stored in a double without loss.
//!
//! A value of at most 15 significant digits survives the way into an IEEE 754 double and back.
//! Prices, amounts and percentages have four decimals and stay below 10¹¹, so they have at most
//! 15 digits. Anything else is refused in both directions: nothing is ever rounded here.

#![expect(
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the one place where decimals meet doubles; a property test covers the whole range"
)]

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Double;
use diesel::sqlite::{Sqlite, SqliteType, SqliteValue};
use openalgo_core::value::{MAX_UNITS, Money, PLACES, Percent, Price};
use rust_decimal::Decimal;
use thiserror::Error;

/// Ten thousandths in one unit.
const SCALE: f64 = 10_000.0;
/// The smallest number of ten thousandths that is too large.
const TOO_MANY: f64 = 1e15;

/// A cell of a REAL column.
///
/// Empty when the cell holds something that is no number, or when it was made from a decimal that
/// would not fit: the first is damage, the second is refused on writing.
#[derive(Debug, Clone, Copy, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Double)]
pub(crate) struct Real(Option<f64>);

/// A cell that is no decimal of four places.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub(crate) enum RealError {
    #[error("it is not a number")]
    NotANumber,
    #[error("{0} is not a decimal of at most {PLACES} places below {MAX_UNITS}")]
    NotExact(f64),
}

impl Real {
    /// The cell for a decimal; empty when it would have to be rounded.
    fn exact(value: Decimal) -> Self {
        Self(Self::to_double(value))
    }

    fn to_double(value: Decimal) -> Option<f64> {
        let mut value = value.normalize();
        if value.scale() > PLACES || value.abs() >= Decimal::from(MAX_UNITS) {
            return None;
        }
        value.rescale(PLACES);
        let ten_thousandths = i64::try_from(value.mantissa()).ok()?;
        // Both are exact, so the quotient is the double nearest to the decimal.
        Some(ten_thousandths as f64 / SCALE)
    }

    /// The decimal in the cell.
    pub(crate) fn to_decimal(self) -> Result<Decimal, RealError> {
        let stored = self.0.ok_or(RealError::NotANumber)?;
        let ten_thousandths = (stored * SCALE).round();
        let is_exact = ten_thousandths.abs() < TOO_MANY && ten_thousandths / SCALE == stored;
        if is_exact {
            Ok(Decimal::new(ten_thousandths as i64, PLACES))
        } else {
            Err(RealError::NotExact(stored))
        }
    }
}

impl From<Price> for Real {
    fn from(price: Price) -> Self {
        Self::exact(price.to_decimal())
    }
}

impl From<Money> for Real {
    fn from(amount: Money) -> Self {
        Self::exact(amount.to_decimal())
    }
}

impl From<Percent> for Real {
    fn from(percent: Percent) -> Self {
        Self::exact(percent.to_decimal())
    }
}

impl FromSql<Double, Sqlite> for Real {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        // SQLite would turn a text into 0.0.
        match value.value_type() {
            Some(SqliteType::Double | SqliteType::Long) => {
                <f64 as FromSql<Double, Sqlite>>::from_sql(value).map(|number| Self(Some(number)))
            }
            _ => Ok(Self(None)),
        }
    }

    fn from_nullable_sql(value: Option<SqliteValue<'_, '_, '_>>) -> deserialize::Result<Self> {
        value.map_or(Ok(Self(None)), Self::from_sql)
    }
}

impl ToSql<Double, Sqlite> for Real {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let number = self.0.ok_or("the decimal would have to be rounded")?;
        out.set_value(number);
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LARGEST: i64 = MAX_UNITS * 10_000 - 1;

    proptest! {
        #[test]
        fn every_decimal_in_range_survives(ten_thousandths in -LARGEST..=LARGEST) {
            let value = Decimal::new(ten_thousandths, PLACES);
            prop_assert_eq!(Real::exact(value).to_decimal(), Ok(value));
        }

        #[test]
        fn small_decimals_survive(ten_thousandths in -100_000_000..=100_000_000_i64) {
            let value = Decimal::new(ten_thousandths, PLACES);
            prop_assert_eq!(Real::exact(value).to_decimal(), Ok(value));
        }

        #[test]
        fn a_double_is_read_exactly_or_refused(double in proptest::num::f64::ANY) {
            if let Ok(decimal) = Real(Some(double)).to_decimal() {
                prop_assert_eq!(Real::to_double(decimal), Some(double));
            }
        }

        #[test]
        fn a_fifth_place_is_refused(
            hundred_thousandths in -100_000_000_000_i64..100_000_000_000,
        ) {
            prop_assume!(hundred_thousandths % 10 != 0);
            let value = Decimal::new(hundred_thousandths, 5);
            prop_assert_eq!(Real::exact(value), Real(None));
        }
    }

    #[test]
    fn the_ends_of_the_range_survive() {
        for ten_thousandths in [LARGEST, -LARGEST, 0, 1, -1] {
            let value = Decimal::new(ten_thousandths, PLACES);
            assert_eq!(Real::exact(value).to_decimal(), Ok(value));
        }
    }

    #[test]
    fn what_is_no_such_decimal_is_refused() {
        assert_eq!(Real::exact(Decimal::from(MAX_UNITS)), Real(None));
        for double in [
            0.000_01,
            1e11,
            -1e300,
            f64::INFINITY,
            f64::NAN,
            1_500.050_000_1,
        ] {
            assert!(Real(Some(double)).to_decimal().is_err(), "{double}");
        }
        assert_eq!(Real(None).to_decimal(), Err(RealError::NotANumber));
    }
}
