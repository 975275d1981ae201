//! Why an order was not placed, or not cancelled.

use crate::account::{AccountError, CatchUpError};
use crate::kill_switch::HaltedError;
use crate::market::LookupError;
use crate::route::RouteError;
use openalgo_core::id::ClientOrderId;
use openalgo_core::order::OrderStatus;
use openalgo_core::port::{CryptoError, StoreError};
use openalgo_core::rule::order_check::OrderRefusal;
use thiserror::Error;

/// Why no order was placed. Nothing was stored, save where a variant says otherwise.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlaceOrderError {
    /// The instrument does not exist or has no price.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// All trading of the user is stopped.
    #[error(transparent)]
    Halted(#[from] HaltedError),
    /// The order breaks a rule.
    #[error(transparent)]
    Refused(#[from] OrderRefusal),
    /// The order has nowhere to go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The client order id belongs to another order.
    #[error("the client order id '{id}' was used for another order ({order})")]
    Conflict {
        /// The id.
        id: ClientOrderId,
        /// The order it belongs to.
        order: String,
    },
    /// Resting orders could not be brought up to the present before it.
    #[error(transparent)]
    CatchUp(#[from] CatchUpError),
    /// The account did not take it. With [`AccountError::ReplyLost`] and
    /// [`AccountError::OutcomeNotStored`] it may have been placed.
    #[error(transparent)]
    Account(AccountError),
    /// No id could be made for it.
    #[error(transparent)]
    Id(#[from] CryptoError),
    /// The store failed before anything was decided.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AccountError> for PlaceOrderError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Halted(halted) => Self::Halted(halted),
            other @ (AccountError::Paper(_)
            | AccountError::NotLoaded(_)
            | AccountError::NotStored(_)
            | AccountError::OutcomeNotStored(_)
            | AccountError::Cancel(_)
            | AccountError::NotConnected(_)
            | AccountError::ReplyLost
            | AccountError::Stopped) => Self::Account(other),
        }
    }
}

/// Why an order was not cancelled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CancelOrderError {
    /// The user has no order of that id.
    #[error("Order {0} not found")]
    NotFound(String),
    /// The order is over.
    #[error("Cannot cancel order in {} status", .0.as_str().to_ascii_lowercase())]
    Final(OrderStatus),
    /// The broker has not confirmed the order yet.
    #[error("the broker has not confirmed order {0} yet, so it cannot be cancelled")]
    Unconfirmed(String),
    /// Resting orders could not be brought up to the present before it.
    #[error(transparent)]
    CatchUp(#[from] CatchUpError),
    /// The account could not do it.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
