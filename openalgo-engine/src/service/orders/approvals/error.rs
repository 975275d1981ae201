//! Why a request with an API key was not carried out, or an order not decided on.

use crate::brokers::BrokerSessionError;
use crate::route::RouteError;
use crate::service::{PlaceGttError, SmartOrderError};
use openalgo_core::id::{BrokerName, PendingOrderId, TextError};
use openalgo_core::market::Timestamp;
use openalgo_core::order::TradingMode;
use openalgo_core::port::StoreError;
use openalgo_core::strategy::ApprovalStatus;
use std::fmt;
use thiserror::Error;

/// What only a person decides while an API key is semi-automatic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PersonsChoice {
    /// Modifying an order.
    ModifyOrder,
    /// Cancelling an order.
    CancelOrder,
    /// Cancelling all orders.
    CancelAllOrders,
    /// Closing a position, or all of them.
    ClosePosition,
    /// Modifying an order that waits for a price.
    ModifyGtt,
    /// Cancelling one.
    CancelGtt,
    /// Switching between live and paper.
    ToggleAnalyzer,
}

/// An operation that an API key asked for in semi-automatic mode. The texts are those that clients
/// know, or like them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", text(*.0))]
pub struct SemiAutoRefusal(pub PersonsChoice);

fn text(operation: PersonsChoice) -> &'static str {
    match operation {
        PersonsChoice::ModifyOrder => {
            "Modify order operation is not allowed in Semi-Auto mode. Please switch to Auto mode \
             to modify orders."
        }
        PersonsChoice::CancelOrder => {
            "Cancel order operation is not allowed in Semi-Auto mode. Please switch to Auto mode \
             to cancel orders."
        }
        PersonsChoice::CancelAllOrders => {
            "Cancel all orders operation is not allowed in Semi-Auto mode. Please switch to Auto \
             mode to cancel orders."
        }
        PersonsChoice::ClosePosition => {
            "Close position operation is not allowed in Semi-Auto mode. Please switch to Auto mode \
             to close positions."
        }
        PersonsChoice::ModifyGtt => {
            "Modify GTT order is not allowed in Semi-Auto mode. Switch to Auto mode."
        }
        PersonsChoice::CancelGtt => {
            "Cancel GTT order is not allowed in Semi-Auto mode. Switch to Auto mode."
        }
        PersonsChoice::ToggleAnalyzer => {
            "Operation analyzer/toggle is not allowed in Semi-Auto mode. This operation can only \
             be performed by the client via the UI. This restriction ensures SEBI Research Analyst \
             compliance where mode switching is a client-only decision."
        }
    }
}

/// Why a request with an API key was not carried out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyedError<E>
where
    E: std::error::Error + 'static,
{
    /// The key must not do that in semi-automatic mode.
    #[error(transparent)]
    SemiAuto(#[from] SemiAutoRefusal),
    /// It is not known which account is meant.
    #[error(transparent)]
    Route(RouteError),
    /// The store failed before anything was done.
    #[error(transparent)]
    Store(StoreError),
    /// The operation itself failed.
    #[error(transparent)]
    Asked(E),
}

/// Why an order was not decided on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// The user has no such order.
    #[error("there is no pending order {0}")]
    NotFound(PendingOrderId),
    /// Somebody has decided before, or nobody has in time.
    #[error("pending order {id} {}{}", word(*.status), InBrackets(.came_of.as_deref()))]
    Decided {
        /// Which one.
        id: PendingOrderId,
        /// How.
        status: ApprovalStatus,
        /// What came of it, such as `order 7`.
        came_of: Option<String>,
    },
    /// It cannot be removed before somebody has decided.
    #[error("pending order {0} still waits for a decision; approve or reject it first")]
    StillWaits(PendingOrderId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an order that waits was not placed. Save where a variant says otherwise, it still waits.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ApproveError {
    /// It cannot be decided on.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// It was let go before and not placed, and its time is over. It can be removed.
    #[error(
        "pending order {id} was approved and not placed, and has lapsed at {}",
        .at.to_ist().format("%Y-%m-%d %H:%M:%S IST")
    )]
    Lapsed {
        /// Which one.
        id: PendingOrderId,
        /// When.
        at: Timestamp,
    },
    /// Orders go elsewhere by now.
    #[error(
        "pending order {id} was asked for when orders went to '{asked_broker}' ({asked_mode}); now \
         they go to '{broker}' ({mode})"
    )]
    Rerouted {
        /// Which one.
        id: PendingOrderId,
        /// Where orders went when it was asked for.
        asked_broker: BrokerName,
        /// Real money or paper, as it was then.
        asked_mode: TradingMode,
        /// Where they go now.
        broker: BrokerName,
        /// Real money or paper.
        mode: TradingMode,
    },
    /// Nobody is logged in at its broker.
    #[error(transparent)]
    Session(#[from] BrokerSessionError),
    /// It would not be placed as things stand.
    #[error(transparent)]
    Refused(SmartOrderError),
    /// It would not be kept until its price comes, as things stand.
    #[error(transparent)]
    RefusedGtt(PlaceGttError),
    /// It was let go, and then not kept. It can be approved again until it lapses.
    #[error("pending order {id} is approved, and was not placed: {why}")]
    GttNotPlaced {
        /// Which one.
        id: PendingOrderId,
        /// Why not.
        why: PlaceGttError,
    },
    /// It was let go, and then not placed. It can be approved again until it lapses.
    #[error("pending order {id} is approved, and was not placed: {why}")]
    NotPlaced {
        /// Which one.
        id: PendingOrderId,
        /// Why not.
        why: SmartOrderError,
    },
    /// It was let go, and nobody knows what came of it.
    #[error("pending order {id} is approved, and what came of it is not known{}: {why}", Order(.order.as_deref()))]
    OutcomeUnknown {
        /// Which one.
        id: PendingOrderId,
        /// The order that came of it, where that is known.
        order: Option<String>,
        /// Why it is not known.
        why: SmartOrderError,
    },
    /// Orders have nowhere to go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// No client order id could be made of its number.
    #[error(transparent)]
    Id(#[from] TextError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine is stopping. What became of the order is in the list.
    #[error("the engine is stopping; the list of pending orders shows what became of it")]
    Stopped,
}

fn word(status: ApprovalStatus) -> &'static str {
    match status {
        ApprovalStatus::Pending => "still waits",
        ApprovalStatus::Approved => "was approved already",
        ApprovalStatus::Rejected => "was rejected already",
        ApprovalStatus::Expired => "has lapsed",
    }
}

/// What came of it.
struct InBrackets<'a>(Option<&'a str>);

impl fmt::Display for InBrackets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(came_of) => write!(f, " ({came_of})"),
            None => Ok(()),
        }
    }
}

/// The order that came of it, in brackets.
struct Order<'a>(Option<&'a str>);

impl fmt::Display for Order<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(order) => write!(f, " (order {order})"),
            None => Ok(()),
        }
    }
}
