//! Why an order was not placed, or not cancelled.

use crate::account::{AccountError, CatchUpError};
use crate::kill_switch::HaltedError;
use crate::limits::LimitError;
use crate::market::LookupError;
use crate::route::RouteError;
use crate::standing::StandingError;
use openalgo_core::id::{BrokerName, BrokerOrderId, ClientOrderId, TextError};
use openalgo_core::market::{InstrumentKey, Symbol};
use openalgo_core::order::{Order, OrderStatus};
use openalgo_core::port::{CryptoError, MarketError, StoreError};
use openalgo_core::rule::modification::ModificationRefusal;
use openalgo_core::rule::order_check::OrderRefusal;
use openalgo_core::rule::split::SplitRefusal;
use openalgo_core::value::ValueError;
use thiserror::Error;

/// Why no order was placed. Nothing was stored, save where a variant says otherwise.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlaceOrderError {
    /// The instrument does not exist or has no price.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// No price of the instrument can be had, and the order would go to a broker. One that surely
    /// only makes a position there smaller passes.
    #[error(
        "no price of {} on {} can be had ({source}), so no order is placed that takes risk; \
         positions at a broker can be closed",
        key.symbol,
        key.exchange
    )]
    NoPrice {
        /// What was asked for.
        key: InstrumentKey,
        /// Why not.
        source: MarketError,
    },
    /// All trading of the user is stopped.
    #[error(transparent)]
    Halted(#[from] HaltedError),
    /// A limit of risk is in the way.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The order breaks a rule.
    #[error(transparent)]
    Refused(#[from] OrderRefusal),
    /// The order has nowhere to go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// What waited for a price was asked for at another broker than orders go to now.
    #[error(
        "it was asked for at '{asked}' and orders go to '{now}' now (`openalgo analyzer status`, \
         `openalgo broker list`); it waits until they go to '{asked}' again"
    )]
    Rerouted {
        /// Where orders went when it was asked for.
        asked: BrokerName,
        /// Where they go now.
        now: BrokerName,
    },
    /// The client order id belongs to another order.
    #[error("the client order id '{id}' was used for another order ({order})")]
    Conflict {
        /// The id.
        id: ClientOrderId,
        /// The order it belongs to.
        order: String,
    },
    /// The same order was sent before, without an id as this one, and nobody knows what became of
    /// it.
    #[error(
        "the same order was sent before ({order}) and nobody knows yet what became of it, so it is \
         not sent again; `openalgo order status {order}` looks for it at the broker, and an order \
         with a client order id of its own is another one"
    )]
    TwinUnconfirmed {
        /// The order that was sent before.
        order: String,
    },
    /// The client order id is none that a sender may give.
    #[error(
        "the client order id '{0}' is kept for orders that wait for approval; give the order one \
         that does not begin with 'pending-order-'"
    )]
    KeptId(ClientOrderId),
    /// So many orders wait for a person already that no more are let in.
    #[error("{most} orders wait for approval, which is the most; approve or reject some first")]
    TooManyWait {
        /// How many may wait.
        most: usize,
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

impl PlaceOrderError {
    /// The client order id of an order is taken by this one.
    pub(super) fn conflict(known: &Order) -> Self {
        let order = known.public_id();
        match known.intent.order.client_order_id.clone() {
            Some(id) => Self::Conflict { id, order },
            // Whatever is found by its client order id has one.
            None => Self::Account(AccountError::ReplyLost),
        }
    }
}

impl From<AccountError> for PlaceOrderError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Halted(halted) => Self::Halted(halted),
            AccountError::Limit(limit) => Self::Limit(limit),
            other @ (AccountError::Paper(_)
            | AccountError::Governor(_)
            | AccountError::NoId(_)
            | AccountError::NotLoaded(_)
            | AccountError::Overtaken
            | AccountError::ChangeUnderWay
            | AccountError::NotInLine
            | AccountError::NotStored(_)
            | AccountError::OutcomeNotStored(_)
            | AccountError::AnswersNotStored { .. }
            | AccountError::Cancel(_)
            | AccountError::Session(_)
            | AccountError::Modify(_)
            | AccountError::ReplyLost
            | AccountError::Stopped) => Self::Account(other),
        }
    }
}

/// What is to be done to an order that stands at its broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is cancelled.
    Cancel,
    /// It gets other terms.
    Modify,
}

impl ChangeKind {
    fn verb(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Modify => "modify",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::Modify => "modified",
        }
    }
}

/// Why an order takes no change as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotOpenError {
    /// The user has no order of that id.
    #[error("Order {0} not found")]
    NotFound(String),
    /// The order is over.
    #[error("Cannot {} order in {} status", .change.verb(), .status.as_str().to_ascii_lowercase())]
    Final {
        /// What was to be done.
        change: ChangeKind,
        /// How it ended.
        status: OrderStatus,
    },
    /// The broker has not confirmed the order yet.
    #[error("the broker has not confirmed order {order} yet, so it cannot be {}", .change.done())]
    Unconfirmed {
        /// What was to be done.
        change: ChangeKind,
        /// The order.
        order: String,
    },
}

impl NotOpenError {
    /// The broker's id of an order that a change can be sent for.
    pub(super) fn check(order: &Order, change: ChangeKind) -> Result<BrokerOrderId, Self> {
        let status = order.status();
        if status.is_final() {
            return Err(Self::Final { change, status });
        }
        let known = order.state.broker_order_id().cloned();
        known.ok_or_else(|| Self::Unconfirmed {
            change,
            order: order.public_id(),
        })
    }
}

/// Why an order was not cancelled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CancelOrderError {
    /// It does not stand at the broker, or not any more.
    #[error(transparent)]
    NotOpen(#[from] NotOpenError),
    /// It is not known which account is meant.
    #[error(transparent)]
    Route(#[from] RouteError),
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

/// Why a position was not closed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClosePositionError {
    /// Nothing is held.
    #[error("No open position found for {0}")]
    NothingHeld(Symbol),
    /// Other orders will take everything off that is held.
    #[error(
        "orders that are under way already close the position: {}; wait for them, or cancel them",
        .0.join(", ")
    )]
    InTheWay(Vec<String>),
    /// It cannot be told what is held.
    #[error(transparent)]
    Standing(#[from] StandingError),
    /// It is not known which account is meant.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// No id could be made of the one that was given.
    #[error(transparent)]
    Id(#[from] TextError),
    /// The order that closes it was not placed.
    #[error(transparent)]
    Place(#[from] PlaceOrderError),
    /// A sum left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// Why a smart order was not carried out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SmartOrderError {
    /// What is held cannot be told from what is under way.
    #[error(
        "the outcome of order {0} is not known yet, so nobody can tell what the position comes to; \
         try again when it is"
    )]
    Unsettled(String),
    /// Orders rest that would take off everything that is held, and were not cancelled.
    #[error(
        "orders that rest were not cancelled and would close the position once more: {}; cancel \
         them, and try again",
        .0.join(", ")
    )]
    InTheWay(Vec<String>),
    /// It cannot be told what is held.
    #[error(transparent)]
    Standing(#[from] StandingError),
    /// It is not known which account is meant.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The order was not placed.
    #[error(transparent)]
    Place(#[from] PlaceOrderError),
    /// A sum left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// Why an order was not modified.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModifyOrderError {
    /// It does not stand at the broker, or not any more.
    #[error(transparent)]
    NotOpen(#[from] NotOpenError),
    /// All trading of the user is stopped.
    #[error(transparent)]
    Halted(#[from] HaltedError),
    /// It cannot become what it should.
    #[error(transparent)]
    Change(#[from] ModificationRefusal),
    /// It would break a rule.
    #[error(transparent)]
    Refused(#[from] OrderRefusal),
    /// The instrument does not exist any more or has no price.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Resting orders could not be brought up to the present before it.
    #[error(transparent)]
    CatchUp(#[from] CatchUpError),
    /// The account could not do it. With [`AccountError::OutcomeNotStored`] and a
    /// [`AccountError::Modify`] that tells of a lost answer it may have been done.
    #[error(transparent)]
    Account(AccountError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AccountError> for ModifyOrderError {
    fn from(error: AccountError) -> Self {
        if let AccountError::Halted(halted) = error {
            Self::Halted(halted)
        } else {
            Self::Account(error)
        }
    }
}

/// Why no leg of a basket was placed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BasketError {
    /// The client order id belongs to another request, or what came of it before cannot be read.
    #[error(transparent)]
    Place(#[from] PlaceOrderError),
    /// The orders have nowhere to go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// No ids could be made of the one that was given.
    #[error(transparent)]
    Id(#[from] TextError),
}

/// Why no part of an order was placed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SplitOrderError {
    /// The client order id belongs to another request, or what came of it before cannot be read.
    #[error(transparent)]
    Place(#[from] PlaceOrderError),
    /// It cannot be split so.
    #[error(transparent)]
    Split(#[from] SplitRefusal),
    /// The instrument does not exist.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The orders have nowhere to go.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// No ids could be made of the one that was given.
    #[error(transparent)]
    Id(#[from] TextError),
}
