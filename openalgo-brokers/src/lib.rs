//! Broker adapters of OpenAlgo: each implements the broker and market ports of openalgo-core.
//!
//! | room | what is in it |
//! |---|---|
//! | [`calendar_file`] | holidays and hours of the exchanges, from a file |
//! | [`freeze_file`] | how much one order may have, from a file |
//! | [`charges_file`] | what trades cost at brokers, from a file |
//! | [`kite_file`] | the instrument file of Kite Connect |
//! | [`paper`] | the paper broker: an exchange that runs in this process |
//! | [`polled_feed`] | the feed of a market that tells nothing by itself |
//! | [`recorded`] | a market from files |
//! | [`recording`] | prices as they came, kept in a file and played again |
//! | [`simulated`] | the simulated exchange: prices that are a function of seed and time |
//!
//! No adapter sees another one, the store, or the engine.

#![deny(clippy::float_arithmetic, clippy::float_cmp_const)]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm
)]

pub mod calendar_file;
pub mod charges_file;
pub mod freeze_file;
pub mod kite_file;
pub mod paper;
pub mod polled_feed;
pub mod recorded;
pub mod recording;
pub mod simulated;
