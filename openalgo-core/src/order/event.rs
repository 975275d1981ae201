//! The things that can happen to an order; its journal is a list of them.

use super::{Fill, OrderIntent, OrderKind, OrderStatus};
use crate::id::BrokerOrderId;
use crate::market::Timestamp;
use crate::value::{Price, Quantity};
use serde::{Deserialize, Serialize};

/// One entry of an order's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: OrderEventKind,
}

/// What happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum OrderEventKind {
    /// The order was decided on; nothing has left this process.
    Planned {
        /// The whole decision.
        intent: Box<OrderIntent>,
    },
    /// The order is on its way to the broker.
    Sent,
    /// The broker took the order and it works at the exchange.
    Accepted {
        /// The broker's id of it.
        broker_order_id: BrokerOrderId,
        /// Whether it waits for its trigger.
        awaits_trigger: bool,
    },
    /// A stop order's trigger was met; it can be filled now.
    Triggered,
    /// A part or all of the order was executed.
    Filled {
        /// How many units at which price.
        #[serde(flatten)]
        fill: Fill,
    },
    /// Other terms for the order are on their way to the broker; whether they hold is not known.
    ModificationSent {
        /// Units asked for, those that are filled among them.
        quantity: Quantity,
        /// What is to decide its price.
        kind: OrderKind,
    },
    /// The terms that were sent do not hold; the order works on with those that it had.
    ModificationFailed {
        /// Why, as given or observed.
        reason: String,
    },
    /// The order works on with other terms.
    Modified {
        /// Units ordered from now on, those that are filled among them.
        quantity: Quantity,
        /// What decides its price from now on.
        kind: OrderKind,
        /// Whether it waits for its trigger.
        awaits_trigger: bool,
    },
    /// The order was cancelled; what was filled stays filled.
    Cancelled {
        /// Why, where somebody said so.
        reason: Option<String>,
    },
    /// The order was refused.
    Rejected {
        /// The id under which the broker keeps the refused order, if it does.
        broker_order_id: Option<BrokerOrderId>,
        /// The reason as given.
        reason: String,
    },
    /// The broker's answer was lost: the order may or may not exist there.
    OutcomeUnknown {
        /// What was observed, such as `timed out`.
        reason: String,
    },
    /// The broker's order book shows the order so.
    Reported {
        /// Its status there.
        status: OrderStatus,
        /// Units filled so far.
        filled: Quantity,
        /// Average price of what was filled.
        average: Price,
    },
}

impl OrderEvent {
    /// The first entry of a journal.
    pub fn planned(intent: &OrderIntent) -> Self {
        Self {
            at: intent.at,
            kind: OrderEventKind::Planned {
                intent: Box::new(intent.clone()),
            },
        }
    }
}

impl OrderEventKind {
    /// The word that names this kind in the journal.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Planned { .. } => "planned",
            Self::Sent => "sent",
            Self::Accepted { .. } => "accepted",
            Self::Triggered => "triggered",
            Self::Filled { .. } => "filled",
            Self::ModificationSent { .. } => "modification_sent",
            Self::ModificationFailed { .. } => "modification_failed",
            Self::Modified { .. } => "modified",
            Self::Cancelled { .. } => "cancelled",
            Self::Rejected { .. } => "rejected",
            Self::OutcomeUnknown { .. } => "outcome_unknown",
            Self::Reported { .. } => "reported",
        }
    }
}
