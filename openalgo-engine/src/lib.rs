//! The running system: use cases, accounts, market data and events, on the ports of
//! openalgo-core. It knows no database, no HTTP and no broker.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Engine`] | builds and owns every task; the one object that frontends call |
//! | [`service`] | the use cases: orders, portfolio, users, logins, settings, risk |
//! | `account` | the one writer of each account |
//! | `asking` | what an adapter answers, if it does |
//! | `errands` | what is carried through whoever goes away |
//! | `laps` | where the time of an order goes |
//! | `recorder` | writes down what was asked for, answered and measured |
//! | `looks` | looks again and again for a few seconds |
//! | `schedule` | when something is due by itself |
//! | `brokers` | who is logged in where |
//! | `kill_switch` | whose trading is halted |
//! | `guards` | what stands between an order and the market |
//! | `limits` | what each user may put at risk, and what the day has come to |
//! | `governor` | lets live orders leave no faster than a broker takes them |
//! | `names` | whose commands are meant in texts |
//! | `waiting` | orders that wait for a person |
//! | `orders_of_day` | our own orders at a broker, of the present trading day |
//! | `claims` | what somebody works on, and nobody else until that is done |
//! | `gtt` | watches prices for orders that wait for one |
//! | `reconciler` | what became of orders whose outcome nobody knows |
//! | `passwords` | hashed and checked on threads that may block |
//! | [`market`] | instruments and quotes |
//! | [`hub`] | prices as they come: one subscription at the source, any number of readers |
//! | [`route`] | live or paper, decided once per request |
//! | [`standing`] | what is held, and what orders under way will still add |
//! | [`event`] | what happened, for whoever wants to know |

#![deny(clippy::float_arithmetic, clippy::float_cmp_const)]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm
)]

mod account;
mod asking;
mod brokers;
mod claims;
mod engine;
mod errands;
pub mod event;
mod governor;
mod gtt;
mod guards;
pub mod hub;
mod kill_switch;
mod laps;
mod limits;
mod looks;
pub mod market;
mod names;
mod orders_of_day;
mod passwords;
mod ports;
mod reconciler;
mod recorder;
pub mod route;
mod schedule;
pub mod service;
pub mod standing;
mod waiting;

pub use account::{AccountError, CatchUpError};
pub use brokers::BrokerSessionError;
pub use engine::{Engine, EngineConfig, StartError};
pub use governor::GovernorError;
pub use gtt::GttWatchError;
pub use kill_switch::HaltedError;
pub use limits::LimitError;
pub use names::Whose;
pub use passwords::PasswordError;
pub use ports::Ports;
pub use reconciler::{ReconcileError, SettleError, Settlement};
