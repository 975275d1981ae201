//! Accounts: one user at one broker, each with one writer.
//!
//! | file | what is in it |
//! |---|---|
//! | `registry` | finds or starts the writer of an account; stops them all |
//! | `handle` | what the rest of the engine may ask a writer |
//! | `actor` | the writer: takes commands one by one, never waits for disk or broker |
//! | `paper_desk` | decides orders on the paper exchange |
//! | `wire_desk` | takes orders to a broker over a network |
//! | `catch_up` | lets resting paper orders meet the prices that were since |

mod actor;
mod catch_up;
mod handle;
mod paper_desk;
mod registry;
mod wire_desk;

pub use catch_up::CatchUpError;
pub(crate) use catch_up::catch_up;
pub(crate) use handle::{AccountHandle, CancelRequest, PlaceRequest};
pub(crate) use registry::{AccountRegistry, Desks};

use crate::kill_switch::HaltedError;
use openalgo_core::id::BrokerName;
use openalgo_core::paper::PaperRefusal;
use openalgo_core::port::{CancelError, StoreError};
use std::sync::Arc;
use thiserror::Error;

/// Why an account did not do what it was asked.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The paper exchange does not take the command. Nothing has changed.
    #[error(transparent)]
    Paper(#[from] PaperRefusal),
    /// All trading of the user is stopped. Nothing has changed.
    #[error(transparent)]
    Halted(#[from] HaltedError),
    /// The account could not be read. Nothing has changed.
    #[error("the account could not be read: {0}")]
    NotLoaded(#[source] Arc<StoreError>),
    /// The decision could not be made durable. Nothing has changed.
    #[error("the order could not be stored, so it was not placed: {0}")]
    NotStored(#[source] Arc<StoreError>),
    /// The broker has the order, but its answer could not be stored; reconcile it.
    #[error("the broker answered, but its answer could not be stored: {0}")]
    OutcomeNotStored(#[source] Arc<StoreError>),
    /// The broker did not cancel the order.
    #[error(transparent)]
    Cancel(Arc<CancelError>),
    /// The broker is not connected.
    #[error("the broker '{0}' is not connected")]
    NotConnected(BrokerName),
    /// The answer was lost on its way inside this program. What was asked for may have been
    /// done.
    #[error("the answer was lost; what was asked for may have been done")]
    ReplyLost,
    /// The engine is stopping and takes nothing more.
    #[error("the engine is stopping")]
    Stopped,
}
