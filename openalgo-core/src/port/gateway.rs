//! The role of a broker that takes orders over a network.

use crate::id::BrokerOrderId;
use crate::order::{JournaledIntent, NewOrder};
use async_trait::async_trait;
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// An error of a lower layer whose type does not matter here.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A broker's word that it has an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The broker's id of the order.
    pub broker_order_id: BrokerOrderId,
    /// Whether it waits for its trigger.
    pub awaits_trigger: bool,
}

/// Why an order did not go through; each variant says what the caller may do next.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The broker refused the order. Final.
    #[error("{reason}")]
    Refused {
        /// The broker's own words.
        reason: Box<str>,
    },
    /// The login at the broker is over: log in, then try again.
    #[error("the login at the broker has expired")]
    SessionExpired,
    /// Too many orders: wait, then try again.
    #[error("the broker takes no more orders right now")]
    RateLimited {
        /// How long to wait, where the broker says so.
        retry_after: Option<Duration>,
    },
    /// Nothing left this machine: trying again is safe.
    #[error("the order was not sent")]
    NotSent(#[source] BoxError),
    /// The order may or may not be at the broker: never send it again, reconcile it.
    #[error("the broker's answer was lost")]
    OutcomeUnknown(#[source] BoxError),
}

/// Why an order was not cancelled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CancelError {
    /// The broker refused, for instance because the order is filled.
    #[error("{reason}")]
    Refused {
        /// The broker's own words.
        reason: Box<str>,
    },
    /// The login at the broker is over: log in, then try again.
    #[error("the login at the broker has expired")]
    SessionExpired,
    /// Nothing is known about the outcome; ask again for the order's state.
    #[error("the broker's answer was lost")]
    OutcomeUnknown(#[source] BoxError),
}

/// Why an order was not modified.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModifyError {
    /// The broker refused, for instance because the order is filled. The order is as it was.
    #[error("{reason}")]
    Refused {
        /// The broker's own words.
        reason: Box<str>,
    },
    /// The login at the broker is over: log in, then try again. The order is as it was.
    #[error("the login at the broker has expired")]
    SessionExpired,
    /// Nothing left this machine. The order is as it was.
    #[error("the modification was not sent")]
    NotSent(#[source] BoxError),
    /// The order may have been modified: never send it again, its line in the order book tells.
    #[error("the broker's answer was lost: the order may have been modified, or not")]
    OutcomeUnknown(#[source] BoxError),
}

/// Takes orders over a network.
///
/// What could not be written to the wire within [`ON_THE_WAY`](crate::rule::governor::ON_THE_WAY) is
/// not written any more, which is an error that says so: the limit of orders in a second counts on it.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait OrderGateway: fmt::Debug + Send + Sync {
    /// Sends an order whose intent is durable. Never called twice for one intent.
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError>;

    /// Asks for an order to get another quantity or price; `asked` is the order as it should be.
    /// Instrument, side and product are those that it has. The quantity counts what is filled.
    async fn modify(&self, order: &BrokerOrderId, asked: &NewOrder) -> Result<(), ModifyError>;

    /// Asks for an order to be cancelled.
    async fn cancel(&self, order: &BrokerOrderId) -> Result<(), CancelError>;
}
