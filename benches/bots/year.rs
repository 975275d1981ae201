//! A year of minutes, always the same.

use openalgo::brokers::calendar_file;
use openalgo::core::market::{
    Candle, CandleGrid, Exchange, Instrument, InstrumentKey, InstrumentKind, Interval, MarketHours,
    Timestamp,
};
use openalgo::core::value::{Price, Quantity, Tick};
use std::sync::Arc;

pub(super) fn instrument() -> Instrument {
    Instrument {
        key: InstrumentKey::new(Exchange::Nse, "INFY".parse().unwrap()),
        name: "INFY".into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: step(),
        token: None,
        freeze_quantity: None,
    }
}

fn step() -> Tick {
    Tick::try_new("0.05".parse().unwrap()).unwrap()
}

/// Each minute in which the exchange trades in 2026, with prices that wander.
pub(super) fn minutes() -> Vec<Candle> {
    let calendar = Arc::new(calendar_file::built_in().unwrap());
    let hours = MarketHours::Bind(calendar);
    let grid = CandleGrid::new(hours, Exchange::Nse, Interval::Minute1);
    let of_date = |text: &str| Timestamp::of_ist(format!("{text}T00:00:00").parse().unwrap());
    let (begin, end) = (of_date("2026-01-01"), of_date("2027-01-01"));
    let slots = std::iter::successors(grid.first_from(begin), |slot| grid.following(*slot));
    let (mut dice, mut steps) = (7_u64, 0_i64);
    let middle: Price = "1500".parse().unwrap();
    let mut wander = || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        steps += i64::try_from(dice >> 61).unwrap() - 3 - steps.signum();
        step().steps_from(middle, steps).unwrap()
    };
    let candle = |starts| {
        let [open, one, other, close] = [wander(), wander(), wander(), wander()];
        Candle {
            timestamp: starts,
            open,
            high: open.max(one).max(other).max(close),
            low: open.min(one).min(other).min(close),
            close,
            volume: 1_000,
            oi: None,
        }
    };
    let starts = slots.map(|slot| slot.starts).take_while(|at| *at < end);
    starts.map(candle).collect()
}
