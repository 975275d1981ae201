//! Domain types, ports and pure rules of OpenAlgo.
//!
//! Everything else is built on this crate, and it imports none of the others. It knows no
//! runtime, database, HTTP, clock or file: what it needs from outside it names as a trait in
//! [`port`].
//!
//! | room | what is in it |
//! |---|---|
//! | [`value`] | prices, quantities, amounts, percentages: exact and bounded |
//! | [`id`] | one type per kind of identifier |
//! | [`market`] | exchanges, symbols, instruments, quotes, the trading day |
//! | [`order`] | what is asked for, what happened to it, where it stands |
//! | [`portfolio`] | positions, holdings, funds |
//! | [`account`], [`strategy`], [`monitor`] | users, settings, webhooks, logs |
//! | [`analytics`] | what options are worth, and what a set of them earns |
//! | [`paper`] | what the paper exchange, engine and store tell each other |
//! | [`rule`] | decisions that depend on nothing but their arguments |
//! | [`port`] | the traits that stores, brokers and crypto implement |
//! | [`journal`] | the one way to an order that a broker may see |

#![deny(clippy::float_arithmetic, clippy::float_cmp_const)]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm
)]

pub mod account;
pub mod analytics;
pub mod id;
pub mod journal;
pub mod market;
pub mod monitor;
pub mod order;
pub mod paper;
pub mod port;
pub mod portfolio;
pub mod rule;
pub mod strategy;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
pub mod value;
pub mod wire;
