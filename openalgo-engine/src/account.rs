//! Accounts: one user at one broker, each with one writer.
//!
//! | file | what is in it |
//! |---|---|
//! | `registry` | finds or starts the writer of an account; stops them all |
//! | `handle` | what the rest of the engine may ask a writer |
//! | `actor` | the writer: takes commands one by one, never waits for disk or broker |
//! | `paper_desk` | decides orders on the paper exchange |
//! | `paper_terms` | the terms of the paper exchange, as the settings say them |
//! | `wire_desk` | takes orders to a broker over a network |
//! | `in_line` | orders that can still be taken out of the line for a broker |
//! | `slots` | which orders of an instrument and product are in flight |
//! | `catch_up` | lets resting paper orders meet the prices that were since |
//! | `job_prices` | finds prices for what an account does by itself |
//! | `follow_feed` | lets them meet prices as they come |

mod actor;
mod catch_up;
mod follow_feed;
mod handle;
mod in_line;
mod job_prices;
mod paper_desk;
mod paper_terms;
mod registry;
mod slots;
mod wire_desk;

pub use catch_up::CatchUpError;
pub(crate) use catch_up::{catch_up, keep_up};
pub(crate) use follow_feed::FeedFollower;
pub(crate) use handle::{
    AccountHandle, CancelRequest, Computed, JudgedBy, ModifyRequest, PlaceRequest,
};
pub(crate) use registry::{AccountRegistry, Desks};
pub(crate) use slots::{AccountStanding, Slot, Turn};

use crate::brokers::BrokerSessionError;
use crate::governor::GovernorError;
use crate::kill_switch::HaltedError;
use crate::limits::LimitError;
use openalgo_core::paper::PaperRefusal;
use openalgo_core::port::{CancelError, CryptoError, ModifyError, StoreError};
use std::sync::Arc;
use thiserror::Error;

/// Why an account did not do what it was asked. What is stored is left to the causes: this is
/// logged, and a damaged cell may hold anything.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The paper exchange does not take the command. Nothing has changed.
    #[error(transparent)]
    Paper(#[from] PaperRefusal),
    /// All trading of the user is stopped. Nothing has changed.
    #[error(transparent)]
    Halted(#[from] HaltedError),
    /// The order was computed from what was held, and the account has taken another one for the
    /// same since. Nothing has changed.
    #[error("another order for the same instrument came in between; try again")]
    Overtaken,
    /// Other terms for the order were sent before, and nobody knows yet whether they hold; or it
    /// is over by now. Nothing has changed.
    #[error(
        "the order is over, or an earlier modification of it is not confirmed yet; look at it and \
         try again"
    )]
    ChangeUnderWay,
    /// The order does not stand in line for its broker, or not any more. Nothing has changed.
    #[error("the order does not wait for its turn any more")]
    NotInLine,
    /// A limit of risk is in the way. Nothing has changed.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The order was not let through to the broker. Nothing has changed.
    #[error(transparent)]
    Governor(#[from] GovernorError),
    /// No id could be made for an order that the account places by itself. Nothing has changed.
    #[error("no id could be made for an order")]
    NoId(#[source] Arc<CryptoError>),
    /// The account could not be read. Nothing has changed.
    #[error("the account could not be read")]
    NotLoaded(#[source] Arc<StoreError>),
    /// The decision could not be made durable. Nothing has changed.
    #[error("the order could not be stored, so it was not placed")]
    NotStored(#[source] Arc<StoreError>),
    /// The broker has the order, but its answer could not be stored; reconcile it.
    #[error("the broker answered, but its answer could not be stored")]
    OutcomeNotStored(#[source] Arc<StoreError>),
    /// Too many of the broker's answers wait to be stored. Nothing was sent.
    #[error(
        "{waiting} answers of the broker could not be stored yet, so no new order is sent; \
         positions can be closed; free the disk, and orders go on when the answers are stored"
    )]
    AnswersNotStored {
        /// How many wait.
        waiting: usize,
    },
    /// The broker did not cancel the order.
    #[error(transparent)]
    Cancel(Arc<CancelError>),
    /// The broker cannot be reached. Nothing was sent.
    #[error(transparent)]
    Session(#[from] BrokerSessionError),
    /// The broker did not modify the order, or nobody knows whether it did.
    #[error(transparent)]
    Modify(Arc<ModifyError>),
    /// The answer was lost on its way inside this program. What was asked for may have been
    /// done.
    #[error("the answer was lost; what was asked for may have been done")]
    ReplyLost,
    /// The engine is stopping and takes nothing more.
    #[error("the engine is stopping")]
    Stopped,
}

impl AccountError {
    /// For the log: brokers name symbols, ids and sums in what they say.
    fn without_the_brokers_words(&self) -> String {
        if matches!(self, Self::Cancel(_) | Self::Modify(_)) {
            "the broker did not change an order, or nobody knows whether it did".into()
        } else {
            self.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StartError;
    use std::error::Error;

    fn damage() -> StoreError {
        StoreError::Corrupt {
            table: "orders",
            column: "symbol",
            row: 7,
            reason: "'CANARY' is no symbol".into(),
        }
    }

    fn chain(error: &dyn Error) -> String {
        let causes = std::iter::successors(error.source(), |error| (*error).source());
        causes.map(ToString::to_string).collect()
    }

    /// These are logged by what they say themselves, without their causes.
    #[test]
    fn what_a_damaged_cell_holds_is_left_to_the_cause() {
        let cause = || Arc::new(damage());
        let halted = HaltedError::Unreadable(cause());
        let errors: [Box<dyn Error>; 5] = [
            Box::new(AccountError::NotLoaded(cause())),
            Box::new(AccountError::NotStored(cause())),
            Box::new(AccountError::OutcomeNotStored(cause())),
            Box::new(AccountError::from(halted)),
            Box::new(StartError::from(damage())),
        ];
        for error in errors {
            assert!(!error.to_string().contains("CANARY"), "{error}");
            assert!(chain(error.as_ref()).contains("CANARY"), "{error}");
        }
    }
}
