//! What a broker's order book may change about an order: it adds to what is known and never takes
//! from it.

use super::{Executed, OrderState, Outcome, TransitionError};
use crate::id::BrokerOrderId;
use crate::order::OrderStatus;
use crate::value::Quantity;

/// A line of a broker's order book.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    /// The status there.
    pub(super) status: OrderStatus,
    /// What is filled there.
    pub(super) executed: Executed,
}

impl Report {
    /// The state of an order for `ordered` units that was open so far; a report that contradicts
    /// what is known is refused.
    pub(super) fn applied_to(
        self,
        (broker_order_id, known, awaits_trigger): (BrokerOrderId, Executed, bool),
        ordered: Quantity,
    ) -> Result<OrderState, TransitionError> {
        let Self { status, executed } = self;
        let (filled, none_filled) = (executed.quantity, executed.quantity.is_zero());
        if filled > ordered {
            return Err(TransitionError::Overfilled { filled, ordered });
        }
        if filled < known.quantity {
            return Err(TransitionError::Unfilled {
                known: known.quantity,
                reported: filled,
            });
        }
        let open = |awaits_trigger| OrderState::Open {
            broker_order_id: broker_order_id.clone(),
            executed,
            awaits_trigger,
        };
        let outcome = match status {
            // Only a status that says so, or a fill, tells that the trigger was met.
            OrderStatus::Pending => return Ok(open(awaits_trigger && none_filled)),
            OrderStatus::Open => return Ok(open(false)),
            OrderStatus::TriggerPending if awaits_trigger && none_filled => return Ok(open(true)),
            OrderStatus::TriggerPending => return Err(TransitionError::Untriggered),
            OrderStatus::Complete if filled < ordered => {
                return Err(TransitionError::Incomplete { filled, ordered });
            }
            OrderStatus::Complete => Outcome::Complete(executed),
            OrderStatus::Cancelled => Outcome::Cancelled {
                executed,
                reason: None,
            },
            OrderStatus::Rejected => Outcome::Rejected {
                executed,
                reason: "rejected by the broker".into(),
            },
        };
        Ok(OrderState::Closed {
            broker_order_id: Some(broker_order_id),
            outcome,
        })
    }
}
