//! An order while it is being decided on.

use super::number::trade_id;
use openalgo_core::id::BrokerOrderId;
use openalgo_core::market::Timestamp;
use openalgo_core::order::{
    Execution, Fill, OrderEvent, OrderEventKind, OrderIntent, OrderState, TransitionError,
};
use openalgo_core::paper::{OrderChange, WorkingOrder};
use openalgo_core::value::{Money, Price};

/// An order while it is being decided on.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) id: BrokerOrderId,
    pub(super) working: WorkingOrder,
    pub(super) is_new: bool,
    events: Vec<OrderEvent>,
    trades: Vec<Execution>,
}

impl Decision {
    /// A new order.
    pub(super) fn new(id: BrokerOrderId, intent: OrderIntent) -> Self {
        let updated_at = intent.at;
        let working = WorkingOrder {
            intent,
            state: OrderState::Planned,
            updated_at,
            margin: Money::ZERO,
        };
        Self {
            id,
            working,
            is_new: true,
            events: Vec::new(),
            trades: Vec::new(),
        }
    }

    /// An order that rests in the account.
    pub(super) fn of_resting(id: BrokerOrderId, working: WorkingOrder) -> Self {
        Self {
            id,
            working,
            is_new: false,
            events: Vec::new(),
            trades: Vec::new(),
        }
    }

    /// Lets something happen to the order; an event that does not fit its state is an error.
    pub(super) fn record(
        &mut self,
        at: Timestamp,
        kind: OrderEventKind,
    ) -> Result<(), TransitionError> {
        self.working.intent.amend(&kind);
        let event = OrderEvent { at, kind };
        let ordered = self.working.intent.order.quantity;
        self.working.state = self.working.state.clone().after(&event, ordered)?;
        self.working.updated_at = at;
        self.events.push(event);
        Ok(())
    }

    /// Notes that the order has traded as a whole.
    pub(super) fn execute(&mut self, price: Price, at: Timestamp) -> Result<(), TransitionError> {
        let order = self.working.intent.order.clone();
        let quantity = order.quantity;
        let fill = Fill { quantity, price };
        self.record(at, OrderEventKind::Filled { fill })?;
        self.trades.push(Execution {
            broker_trade_id: trade_id(&self.id, at),
            instrument: order.instrument,
            side: order.side,
            quantity,
            price,
            product: order.product,
            at,
        });
        Ok(())
    }

    pub(super) fn into_change(self) -> (BrokerOrderId, WorkingOrder, OrderChange) {
        let intent = &self.working.intent;
        let change = OrderChange {
            intent: intent.id,
            placed: self.is_new.then(|| intent.clone()),
            events: self.events,
            trades: self.trades,
            margin: self.working.margin,
        };
        (self.id, self.working, change)
    }
}
