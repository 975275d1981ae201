//! Tests of the domain types as other crates see them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic like the tests themselves"
)]

mod analytics;
mod calendar;
mod candles;
mod contract;
mod instrument_list;
mod order_check;
mod orders;
mod settings;
mod strategies;
mod symbols;
mod throttle;
mod trading_calendar;
mod values;
