//! Where an order stands; data lives in the state that owns it.

mod executed;
mod report;
mod transition;

pub use executed::{Executed, Fill};
pub use transition::TransitionError;

use super::OrderStatus;
use crate::id::BrokerOrderId;
use crate::market::Timestamp;

/// How an order ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Filled as a whole.
    Complete(Executed),
    /// Cancelled, with whatever was filled before.
    Cancelled {
        /// What was filled.
        executed: Executed,
        /// Why, where somebody said so.
        reason: Option<String>,
    },
    /// Refused, with whatever was filled before.
    Rejected {
        /// What was filled; an exchange can refuse the rest of an order.
        executed: Executed,
        /// The reason as given.
        reason: String,
    },
}

/// The state of an order. It changes only by [`OrderState::after`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderState {
    /// Decided, and nothing has left this process.
    Planned,
    /// On its way to the broker.
    Sent,
    /// The broker's answer was lost; only reconciliation may end this.
    Unconfirmed {
        /// Since when.
        since: Timestamp,
        /// What was observed.
        reason: String,
    },
    /// Working at the broker.
    Open {
        /// The broker's id of it.
        broker_order_id: BrokerOrderId,
        /// What was filled so far.
        executed: Executed,
        /// Whether it still waits for its trigger.
        awaits_trigger: bool,
    },
    /// Over.
    Closed {
        /// The broker's id of it, if it ever had one.
        broker_order_id: Option<BrokerOrderId>,
        /// How it ended.
        outcome: Outcome,
    },
}

impl OrderState {
    /// The stored status.
    pub fn status(&self) -> OrderStatus {
        match self {
            Self::Planned | Self::Sent | Self::Unconfirmed { .. } => OrderStatus::Pending,
            Self::Open {
                awaits_trigger: true,
                ..
            } => OrderStatus::TriggerPending,
            Self::Open { .. } => OrderStatus::Open,
            Self::Closed {
                outcome: Outcome::Complete(_),
                ..
            } => OrderStatus::Complete,
            Self::Closed {
                outcome: Outcome::Cancelled { .. },
                ..
            } => OrderStatus::Cancelled,
            Self::Closed {
                outcome: Outcome::Rejected { .. },
                ..
            } => OrderStatus::Rejected,
        }
    }

    /// Whether the order works at the broker and waits for its trigger.
    pub fn awaits_trigger(&self) -> bool {
        matches!(
            self,
            Self::Open {
                awaits_trigger: true,
                ..
            }
        )
    }

    /// What was filled so far.
    pub fn executed(&self) -> Executed {
        match self {
            Self::Open { executed, .. }
            | Self::Closed {
                outcome:
                    Outcome::Complete(executed)
                    | Outcome::Cancelled { executed, .. }
                    | Outcome::Rejected { executed, .. },
                ..
            } => *executed,
            Self::Planned | Self::Sent | Self::Unconfirmed { .. } => Executed::default(),
        }
    }

    /// The broker's id, once there is one.
    pub fn broker_order_id(&self) -> Option<&BrokerOrderId> {
        match self {
            Self::Open {
                broker_order_id, ..
            } => Some(broker_order_id),
            Self::Closed {
                broker_order_id, ..
            } => broker_order_id.as_ref(),
            Self::Planned | Self::Sent | Self::Unconfirmed { .. } => None,
        }
    }

    /// What a person should read about the state: a refusal, a cancellation, a lost answer.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Unconfirmed { reason, .. }
            | Self::Closed {
                outcome: Outcome::Rejected { reason, .. },
                ..
            } => Some(reason),
            Self::Closed {
                outcome: Outcome::Cancelled { reason, .. },
                ..
            } => reason.as_deref(),
            Self::Planned | Self::Sent | Self::Open { .. } | Self::Closed { .. } => None,
        }
    }
}
