//! How an order gets from one state to the next.

use super::report::Report;
use super::{Executed, OrderState, Outcome};
use crate::id::BrokerOrderId;
use crate::order::{OrderEvent, OrderEventKind};
use crate::value::{Quantity, ValueError};
use std::cmp::Ordering;
use thiserror::Error;

/// An event that cannot happen to an order in its state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TransitionError {
    /// The event does not fit the state.
    #[error("an order that is {state} cannot be {event}")]
    Impossible {
        /// The word of the state.
        state: &'static str,
        /// The word of the event.
        event: &'static str,
    },
    /// More was filled than was ordered.
    #[error("{filled} units are filled of an order for {ordered}")]
    Overfilled {
        /// Units filled with this event.
        filled: Quantity,
        /// Units ordered.
        ordered: Quantity,
    },
    /// A report shows less filled than is known; it is stale or wrong.
    #[error("{reported} units are reported as filled, but {known} are known to be")]
    Unfilled {
        /// Units known to be filled.
        known: Quantity,
        /// Units filled according to the report.
        reported: Quantity,
    },
    /// A report calls an order complete of which a part was not filled.
    #[error("an order for {ordered} units is reported as complete with {filled} filled")]
    Incomplete {
        /// Units filled according to the report.
        filled: Quantity,
        /// Units ordered.
        ordered: Quantity,
    },
    /// A report lets an order wait for its trigger that works already or is partly filled.
    #[error("an order whose trigger was met is reported as waiting for it")]
    Untriggered,
    /// A journal that does not begin with the intent.
    #[error("an order's journal must begin with its intent")]
    NoIntent,
    /// A sum left the range of its type.
    #[error(transparent)]
    Value(#[from] ValueError),
}

impl OrderState {
    /// The state after `event`, for an order of `ordered` units.
    pub fn after(self, event: &OrderEvent, ordered: Quantity) -> Result<Self, TransitionError> {
        match &event.kind {
            OrderEventKind::Sent if self == Self::Planned => Ok(Self::Sent),
            OrderEventKind::OutcomeUnknown { reason }
                if matches!(self, Self::Planned | Self::Sent) =>
            {
                Ok(Self::Unconfirmed {
                    since: event.at,
                    reason: reason.clone(),
                })
            }
            OrderEventKind::Accepted {
                broker_order_id,
                awaits_trigger,
            } => self.accepted(event, broker_order_id, *awaits_trigger),
            OrderEventKind::Rejected {
                broker_order_id,
                reason,
            } => self.rejected(event, broker_order_id.as_ref(), reason),
            OrderEventKind::ModificationSent { .. } | OrderEventKind::ModificationFailed { .. }
                if matches!(self, Self::Open { .. }) =>
            {
                Ok(self)
            }
            OrderEventKind::Cancelled { reason } if self == Self::Planned => {
                Ok(Self::withdrawn(reason.clone()))
            }
            OrderEventKind::Planned { .. }
            | OrderEventKind::Sent
            | OrderEventKind::OutcomeUnknown { .. }
            | OrderEventKind::ModificationSent { .. }
            | OrderEventKind::ModificationFailed { .. } => Err(self.refuses(event)),
            OrderEventKind::Triggered
            | OrderEventKind::Filled { .. }
            | OrderEventKind::Modified { .. }
            | OrderEventKind::Cancelled { .. }
            | OrderEventKind::Reported { .. } => self.after_working(event, ordered),
        }
    }

    /// An order that was cancelled here, where it is known that the broker never saw it.
    fn withdrawn(reason: Option<String>) -> Self {
        Self::Closed {
            broker_order_id: None,
            outcome: Outcome::Cancelled {
                executed: Executed::default(),
                reason,
            },
        }
    }

    fn refuses(&self, event: &OrderEvent) -> TransitionError {
        let state = match self {
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Open {
                awaits_trigger: true,
                ..
            } => "waiting for its trigger",
            Self::Open { .. } => "open",
            Self::Closed { .. } => "closed",
        };
        TransitionError::Impossible {
            state,
            event: event.kind.as_str(),
        }
    }

    fn accepted(
        self,
        event: &OrderEvent,
        broker_order_id: &BrokerOrderId,
        awaits_trigger: bool,
    ) -> Result<Self, TransitionError> {
        match self {
            Self::Planned | Self::Sent | Self::Unconfirmed { .. } => Ok(Self::Open {
                broker_order_id: broker_order_id.clone(),
                executed: Executed::default(),
                awaits_trigger,
            }),
            // It counted as one that never arrived, and was only late.
            Self::Closed {
                broker_order_id: None,
                outcome: Outcome::Rejected { executed, .. },
            } if executed.quantity.is_zero() => Ok(Self::Open {
                broker_order_id: broker_order_id.clone(),
                executed,
                awaits_trigger,
            }),
            Self::Open { .. } | Self::Closed { .. } => Err(self.refuses(event)),
        }
    }

    fn rejected(
        self,
        event: &OrderEvent,
        broker_order_id: Option<&BrokerOrderId>,
        reason: &str,
    ) -> Result<Self, TransitionError> {
        let (known, executed) = match self {
            Self::Planned | Self::Sent | Self::Unconfirmed { .. } => (None, Executed::default()),
            Self::Open {
                broker_order_id,
                executed,
                ..
            } => (Some(broker_order_id), executed),
            Self::Closed { .. } => return Err(self.refuses(event)),
        };
        Ok(Self::Closed {
            broker_order_id: known.or_else(|| broker_order_id.cloned()),
            outcome: Outcome::Rejected {
                executed,
                reason: reason.to_owned(),
            },
        })
    }

    /// The state after an event that only an order at the broker can have.
    fn after_working(self, event: &OrderEvent, ordered: Quantity) -> Result<Self, TransitionError> {
        let refusal = self.refuses(event);
        let Self::Open {
            broker_order_id,
            executed,
            awaits_trigger,
        } = self
        else {
            return Err(refusal);
        };
        match &event.kind {
            OrderEventKind::Triggered if awaits_trigger => Ok(Self::Open {
                broker_order_id,
                executed,
                awaits_trigger: false,
            }),
            OrderEventKind::Filled { fill } if !awaits_trigger => {
                Self::filled(broker_order_id, executed.plus(*fill)?, ordered)
            }
            OrderEventKind::Modified { awaits_trigger, .. } if !ordered.is_zero() => {
                Self::modified((broker_order_id, executed, *awaits_trigger), ordered)
            }
            OrderEventKind::Cancelled { reason } => Ok(Self::Closed {
                broker_order_id: Some(broker_order_id),
                outcome: Outcome::Cancelled {
                    executed,
                    reason: reason.clone(),
                },
            }),
            OrderEventKind::Reported {
                status,
                filled,
                average,
            } => Report {
                status: *status,
                executed: executed.reported(*filled, *average)?,
            }
            .applied_to((broker_order_id, executed, awaits_trigger), ordered),
            OrderEventKind::Planned { .. }
            | OrderEventKind::Sent
            | OrderEventKind::Accepted { .. }
            | OrderEventKind::Triggered
            | OrderEventKind::Filled { .. }
            | OrderEventKind::ModificationSent { .. }
            | OrderEventKind::ModificationFailed { .. }
            | OrderEventKind::Modified { .. }
            | OrderEventKind::Rejected { .. }
            | OrderEventKind::OutcomeUnknown { .. } => Err(refusal),
        }
    }

    /// The state of an order that is for `ordered` units now. What is filled stays filled, so it
    /// cannot be for less than that.
    fn modified(
        (broker_order_id, executed, awaits_trigger): (BrokerOrderId, Executed, bool),
        ordered: Quantity,
    ) -> Result<Self, TransitionError> {
        if executed.quantity.is_zero() {
            return Ok(Self::Open {
                broker_order_id,
                executed,
                awaits_trigger,
            });
        }
        Self::filled(broker_order_id, executed, ordered)
    }

    fn filled(
        broker_order_id: BrokerOrderId,
        executed: Executed,
        ordered: Quantity,
    ) -> Result<Self, TransitionError> {
        let filled = executed.quantity;
        match filled.cmp(&ordered) {
            Ordering::Greater => Err(TransitionError::Overfilled { filled, ordered }),
            Ordering::Less => Ok(Self::Open {
                broker_order_id,
                executed,
                awaits_trigger: false,
            }),
            Ordering::Equal => Ok(Self::Closed {
                broker_order_id: Some(broker_order_id),
                outcome: Outcome::Complete(executed),
            }),
        }
    }
}
