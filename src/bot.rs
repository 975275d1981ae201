#![doc = include_str!("../docs/bots.md")]
//!
//! # Files
//!
//! | file | what is in it |
//! |---|---|
//! | `setup` | what a bot is called and wants to be told |
//! | `clockwork` | candles and timers out of prices and time |
//! | `context` | what a bot may do |
//! | `memory` | what it keeps, and the numbers of its orders |
//! | `life` | tells a bot what happens, one thing after the other |
//! | `inbox` | what waits for a bot |
//! | `task` | a bot that runs in an open folder |
//! | `service` | all that run there |
//! | `rehearsal` | a bot on prices of the past |
//! | `error` | why something was not done, and how a bot ended |

mod clockwork;
mod context;
mod error;
mod inbox;
mod life;
mod memory;
mod rehearsal;
mod service;
mod setup;
mod task;

pub use context::BotContext;
pub use error::{BotEnd, BotOrderError, BotStartError, MemoryError, SetupError};
pub use rehearsal::{
    CandleTrack, Rehearsal, RehearsalError, Rehearsed, Tape, TapeError, trade_list,
};
pub use service::{BotHandle, Bots};
pub use setup::{BotSetup, Timer};

use async_trait::async_trait;
use openalgo_core::market::{Candle, CandleSeries, Tick};
use openalgo_core::order::Order;
use openalgo_core::port::BoxError;

/// What a bot answers. With an error of its own it ends, and its owner is shown why.
pub type BotResult = Result<(), BoxError>;

/// A program that trades by itself.
///
/// It is told one thing after the other, and the next only when it has answered. What it is not
/// interested in it leaves out: each method does nothing unless it is written.
///
/// To be the same on the same prices it asks nobody but its context: for the time, for prices, for
/// what it kept.
#[async_trait]
pub trait Bot: Send {
    /// It begins. What it kept the last time is in its context, and so are its orders that are
    /// still open.
    async fn start(&mut self, _context: &mut BotContext) -> BotResult {
        Ok(())
    }

    /// A price has come of an instrument that it wants the prices of. One that is too slow for all
    /// of them gets the latest of each instrument ([`BotContext::missed`]).
    async fn tick(&mut self, _context: &mut BotContext, _tick: &Tick) -> BotResult {
        Ok(())
    }

    /// A candle is over.
    async fn candle(
        &mut self,
        _context: &mut BotContext,
        _series: &CandleSeries,
        _candle: &Candle,
    ) -> BotResult {
        Ok(())
    }

    /// One of its orders is new or has changed.
    async fn order(&mut self, _context: &mut BotContext, _order: &Order) -> BotResult {
        Ok(())
    }

    /// The time of one of its timers has come.
    async fn timer(&mut self, _context: &mut BotContext, _name: &str) -> BotResult {
        Ok(())
    }

    /// It ends: it was asked to, or the prices are over. It has a few seconds.
    async fn stop(&mut self, _context: &mut BotContext) -> BotResult {
        Ok(())
    }
}
