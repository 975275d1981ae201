//! Why an order that waits for a price was not placed, or not changed.

use crate::account::AccountError;
use crate::kill_switch::HaltedError;
use crate::market::LookupError;
use crate::route::RouteError;
use openalgo_core::id::{TextError, TriggerId};
use openalgo_core::port::{CryptoError, StoreError};
use openalgo_core::rule::gtt::GttRefusal;
use thiserror::Error;

/// Why none was placed. Nothing was stored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlaceGttError {
    /// It breaks a rule.
    #[error(transparent)]
    Refused(#[from] GttRefusal),
    /// The instrument does not exist or has no price.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// All trading of the user is stopped.
    #[error(transparent)]
    Halted(#[from] HaltedError),
    /// Its orders have nowhere to go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// Real money would follow prices that are made up.
    #[error(
        "the prices are those of the simulated exchange, so no GTT is kept for live orders; \
         switch analyze mode on to place it on paper"
    )]
    NoRealPrices,
    /// The paper account does not take it: what it may need is reserved there.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The trigger id belongs to another one.
    #[error("the trigger_id '{0}' was used for another GTT")]
    Conflict(TriggerId),
    /// The trigger id is one of those that are kept for what a person lets go.
    #[error("trigger ids that begin as '{0}' does are kept for what a person approves")]
    KeptId(TriggerId),
    /// Too many orders of the user wait for a person.
    #[error("{most} orders wait for approval, which is the most; approve or reject some first")]
    TooManyWait {
        /// How many may.
        most: usize,
    },
    /// No id could be made for it.
    #[error(transparent)]
    Id(#[from] CryptoError),
    /// The id that was made is none.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine is stopping.
    #[error("the engine is stopping")]
    Stopped,
}

/// Why one was not modified or cancelled. It is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChangeGttError {
    /// None of that id waits.
    #[error("No active GTT with trigger_id '{0}'")]
    NotFound(TriggerId),
    /// The price was met.
    #[error(
        "the price of GTT '{0}' was met and its order is being placed, so it cannot be changed"
    )]
    Triggering(TriggerId),
    /// It would break a rule.
    #[error(transparent)]
    Refused(#[from] GttRefusal),
    /// The instrument does not exist any more.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The paper account does not take what it would become.
    #[error("{0} The GTT is unchanged.")]
    Account(#[from] AccountError),
    /// All trading of the user is stopped.
    #[error(transparent)]
    Halted(#[from] HaltedError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine is stopping.
    #[error("the engine is stopping")]
    Stopped,
}
