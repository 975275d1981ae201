//! Why something was not done, and how a bot ended.

use openalgo_core::id::{BotName, TextError};
use openalgo_core::port::{BoxError, StoreError};
use openalgo_engine::CatchUpError;
use openalgo_engine::hub::SubscribeError;
use openalgo_engine::market::LookupError;
use openalgo_engine::service::{
    CancelOrderError, ClosePositionError, ModifyOrderError, PlaceOrderError, SmartOrderError,
};
use std::fmt;
use std::num::ParseIntError;
use std::time::Duration;
use thiserror::Error;

/// What a bot wants to be told makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A timer is to come too often, or too rarely.
    #[error("the timer '{timer}' is to come every {span:?}: take from one second to one day")]
    Span {
        /// Which timer.
        timer: String,
        /// How often.
        span: Duration,
    },
    /// Two timers have one name.
    #[error("there are two timers '{0}': give each a name of its own")]
    TimerTwice(String),
}

/// What a bot keeps cannot be read or kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The name breaks the rules.
    #[error("'{}' is no name to keep something under: take 1 to 64 bytes, not beginning with '.'", .0.escape_debug())]
    Name(String),
    /// There is too much.
    #[error("'{name}' would be {length} bytes long: at most 1,048,576 can be kept under a name")]
    TooLong {
        /// Under which name.
        name: String,
        /// How long it is as JSON.
        length: usize,
    },
    /// It cannot be written as JSON.
    #[error("'{name}' cannot be written as JSON")]
    Unwritable {
        /// Under which name.
        name: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// What was kept is something else.
    #[error("what is kept under '{name}' is not what was asked for")]
    Unreadable {
        /// Under which name.
        name: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The number of the next order makes no sense. Without it, orders could be placed twice.
    #[error("the number of the next order of the bot '{bot}' is '{}': forget what the bot keeps", text.escape_debug())]
    NextOrder {
        /// Which bot.
        bot: BotName,
        /// What is kept.
        text: String,
        /// Why it is no number.
        #[source]
        source: ParseIntError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a bot does not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BotStartError {
    /// What it wants to be told makes no sense.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// It runs already.
    #[error("the bot '{0}' runs already: stop it first, or take another name")]
    Running(BotName),
    /// It wants prices that cannot be had.
    #[error(transparent)]
    Prices(#[from] SubscribeError),
    /// An instrument cannot be looked up.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// What it kept, or its orders, cannot be read.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// No bot starts any more.
    #[error("the data folder is being closed")]
    Closing,
}

/// Why what a bot asked for was not done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BotOrderError {
    /// An order was not placed.
    #[error(transparent)]
    Place(#[from] PlaceOrderError),
    /// A position was not led to where it should be.
    #[error(transparent)]
    Smart(#[from] SmartOrderError),
    /// A position was not closed.
    #[error(transparent)]
    Close(#[from] ClosePositionError),
    /// An order was not modified.
    #[error(transparent)]
    Modify(#[from] ModifyOrderError),
    /// An order was not cancelled.
    #[error(transparent)]
    Cancel(#[from] CancelOrderError),
    /// The order has no id that could be told from all others.
    #[error(transparent)]
    Id(#[from] TextError),
}

/// How a bot ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum BotEnd {
    /// It was asked to.
    Stopped,
    /// It wanted to ([`super::BotContext::finish`]).
    Finished,
    /// All prices were told.
    Over,
    /// By an error of its own.
    Failed(BoxError),
    /// What it keeps could not be written.
    Unkept(StoreError),
    /// Its orders could not be brought up to the time of the next price.
    Behind(CatchUpError),
    /// More waited for it than is kept; it would have missed candles.
    TooSlow,
    /// It was stopped and did not end in time, so it was ended in the middle of what it did.
    Overdue,
    /// It panicked.
    Panicked,
    /// The engine has stopped.
    EngineStopped,
}

impl BotEnd {
    /// Whether it ended as it should.
    pub fn is_orderly(&self) -> bool {
        matches!(
            self,
            Self::Stopped | Self::Finished | Self::Over | Self::EngineStopped
        )
    }
}

impl fmt::Display for BotEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped"),
            Self::Finished => f.write_str("finished by itself"),
            Self::Over => f.write_str("all prices were told"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Unkept(error) => write!(f, "failed: what it keeps was not written: {error}"),
            Self::Behind(error) => write!(f, "failed: its orders did not meet the market: {error}"),
            Self::TooSlow => f.write_str("failed: too slow for its candles"),
            Self::Overdue => f.write_str("did not stop in time, and was ended"),
            Self::Panicked => f.write_str("failed: it panicked"),
            Self::EngineStopped => f.write_str("the engine has stopped"),
        }
    }
}
