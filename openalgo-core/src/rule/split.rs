//! One large order as several smaller ones.

use crate::market::Instrument;
use crate::value::Quantity;
use thiserror::Error;

/// The most orders that one may become.
pub const MOST_ORDERS: usize = 100;

/// Why an order is not split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SplitRefusal {
    /// Orders need at least one unit.
    #[error("Split size must be greater than 0")]
    NoSize,
    /// There is nothing to split.
    #[error("Invalid quantity or split size")]
    NoQuantity,
    /// It would become too many.
    #[error("Total number of orders would exceed maximum limit of {MOST_ORDERS}")]
    TooMany,
}

/// The quantities of the orders that one becomes: full ones, and the rest as the last.
pub fn split(quantity: Quantity, size: Quantity) -> Result<Vec<Quantity>, SplitRefusal> {
    if size.is_zero() {
        return Err(SplitRefusal::NoSize);
    }
    if quantity.is_zero() {
        return Err(SplitRefusal::NoQuantity);
    }
    let mut parts = Vec::new();
    let mut left = quantity;
    while !left.is_zero() {
        if parts.len() == MOST_ORDERS {
            return Err(SplitRefusal::TooMany);
        }
        let part = left.min(size);
        parts.push(part);
        left = left.minus(part).unwrap_or_default();
    }
    Ok(parts)
}

/// The largest quantity that the exchange takes in one order of an instrument: whole lots within
/// its freeze quantity. `None` where it freezes none.
pub fn largest_order(instrument: &Instrument) -> Option<Quantity> {
    let freeze = instrument.freeze_quantity?;
    let lot = instrument.lot_size.get();
    let lots = freeze.get().checked_div(lot)?;
    let whole = Quantity::try_new(lots.checked_mul(lot)?).ok()?;
    // A lot that is frozen as a whole cannot be traded in any other way.
    Some(if whole.is_zero() {
        instrument.lot_size
    } else {
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::InstrumentKind;
    use crate::testing::sample::{instrument, price, units};
    use crate::value::Tick;

    fn parts(quantity: i64, size: i64) -> Result<Vec<i64>, SplitRefusal> {
        let parts = split(units(quantity), units(size))?;
        Ok(parts.into_iter().map(Quantity::get).collect())
    }

    #[test]
    fn full_orders_come_first_and_the_rest_last() {
        assert_eq!(parts(105, 20), Ok(vec![20, 20, 20, 20, 20, 5]));
        assert_eq!(parts(40, 20), Ok(vec![20, 20]));
        assert_eq!(parts(7, 20), Ok(vec![7]));
    }

    #[test]
    fn the_limit_counts_the_rest_too() {
        assert_eq!(parts(2_000, 20).map(|parts| parts.len()), Ok(100));
        assert_eq!(parts(2_001, 20), Err(SplitRefusal::TooMany));
        assert_eq!(parts(1_000_000, 1), Err(SplitRefusal::TooMany));
        assert_eq!(parts(5, 0), Err(SplitRefusal::NoSize));
        assert_eq!(parts(0, 5), Err(SplitRefusal::NoQuantity));
    }

    #[test]
    fn an_exchange_takes_whole_lots_within_its_freeze_quantity() {
        for (freeze, lot, largest) in [
            (None, 65, None),
            (Some(1_800), 65, Some(1_755)),
            (Some(1_755), 65, Some(1_755)),
            (Some(10), 65, Some(65)),
        ] {
            let instrument = Instrument {
                key: instrument("NIFTY24NOV2626000CE"),
                name: "NIFTY".into(),
                kind: InstrumentKind::Call,
                expiry: None,
                strike: None,
                lot_size: units(lot),
                tick: Tick::try_new(price("0.05")).unwrap(),
                token: None,
                freeze_quantity: freeze.map(units),
            };
            assert_eq!(largest_order(&instrument), largest.map(units));
        }
    }
}
