//! Numbers of orders and trades.

use chrono::{Datelike, Timelike};
use openalgo_core::id::{BrokerOrderId, BrokerTradeId};
use openalgo_core::market::Timestamp;
use openalgo_core::paper::PaperRefusal;

/// The largest number of 14 digits.
const LARGEST: u64 = 99_999_999_999_999;

/// The next order number: 14 digits, `YYMMDD`, the second of the day and a count, always larger
/// than the one before. More than a thousand orders in a second run ahead of the clock.
pub(super) fn next_order_number(last: u64, at: Timestamp) -> Result<u64, PaperRefusal> {
    let local = at.to_ist();
    let year = u64::from(local.year().rem_euclid(100).unsigned_abs());
    let parts = [
        (year, 100),
        (local.month().into(), 100),
        (local.day().into(), 100_000),
        (local.num_seconds_from_midnight().into(), 1_000),
    ];
    let by_clock = parts
        .iter()
        .try_fold(0_u64, |number, (part, scale): &(u64, u64)| {
            number.checked_add(*part)?.checked_mul(*scale)
        });
    let next = by_clock.unwrap_or(LARGEST).max(last.saturating_add(1));
    if next > LARGEST {
        Err(PaperRefusal::NoOrderNumber)
    } else {
        Ok(next)
    }
}

/// The text of an order number.
pub(super) fn order_id(number: u64) -> Result<BrokerOrderId, PaperRefusal> {
    let id = BrokerOrderId::try_new(&format!("{number:014}"));
    id.map_err(|_too_long| PaperRefusal::NoOrderNumber)
}

/// The id of an execution: `TRADE-YYYYMMDD-HHMMSS-` and the whole number of its order in twelve
/// hexadecimal digits.
///
/// It is unique within an account: order numbers never repeat, twelve digits hold the largest of
/// them, and the paper exchange fills an order at once. Eight digits could not tell the orders of
/// different days apart that fill in the same second.
pub(super) fn trade_id(order: &BrokerOrderId, at: Timestamp) -> Option<BrokerTradeId> {
    let number: u64 = order.as_str().parse().ok()?;
    let second = at.to_ist().format("%Y%m%d-%H%M%S");
    BrokerTradeId::try_new(&format!("TRADE-{second}-{number:012x}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::port::Clock;
    use openalgo_core::testing::FakeClock;

    #[test]
    fn numbers_carry_the_date_and_grow_even_within_a_second() {
        let at = FakeClock::at("2026-11-25T10:30:00+05:30").now();
        let first = next_order_number(0, at).unwrap();
        assert_eq!(order_id(first).unwrap().as_str(), "26112537800000");
        assert_eq!(next_order_number(first, at).unwrap(), first + 1);
    }

    #[test]
    fn a_clock_set_back_does_not_repeat_a_number() {
        let late = FakeClock::at("2026-11-25T10:30:00+05:30").now();
        let early = FakeClock::at("2026-11-25T09:30:00+05:30").now();
        let first = next_order_number(0, late).unwrap();
        assert_eq!(next_order_number(first, early).unwrap(), first + 1);
    }

    #[test]
    fn a_trade_is_named_after_its_order() {
        let at = FakeClock::at("2026-11-25T10:30:00+05:30").now();
        let name = |number: &str| {
            let order = BrokerOrderId::try_new(number).unwrap();
            trade_id(&order, at).unwrap().to_string()
        };
        assert_eq!(name("26112537800000"), "TRADE-20261125-103000-17bfcc8a2d40");
        assert_ne!(
            name("26112537800000"),
            name("26112437800000"),
            "orders of two days that fill in the same second"
        );
        assert_eq!(name("99999999999999"), "TRADE-20261125-103000-5af3107a3fff");
    }
}
