//! What a person says about an order that no book can tell of: several at the broker look like it,
//! or the broker shows no book, or not that of the day.

use super::Tools;
use super::keeper::Known;
use openalgo_core::id::BrokerOrderId;
use openalgo_core::order::{Order, OrderEventKind, OrderState, OrderStatus};
use openalgo_core::port::StoreError;
use thiserror::Error;

/// What became of an order, as a person found out at the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It is this one.
    Is(BrokerOrderId),
    /// The broker never had it.
    NeverArrived,
}

/// Why an order was not settled. Nothing has changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettleError {
    /// The user has no order of that id.
    #[error("Order {0} not found")]
    NotFound(String),
    /// What became of it is known.
    #[error("order {id} is {status}, so there is nothing to settle")]
    Known {
        /// The order.
        id: String,
        /// Where it stands.
        status: OrderStatus,
    },
    /// The broker may still answer.
    #[error("order {0} is on its way; wait for the broker's answer before you settle it")]
    UnderWay(String),
    /// Another order of ours is that one.
    #[error("the broker's order {0} belongs to another order of yours")]
    Taken(BrokerOrderId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine is stopping.
    #[error("the engine is stopping")]
    Stopped,
}

impl Known {
    /// Writes down what a person says. The next pass brings the order up to date.
    pub(super) async fn settle(
        &self,
        tools: &Tools,
        order: &Order,
        settlement: Settlement,
    ) -> Result<Order, SettleError> {
        let id = order.intent.id.local_order_id();
        let found = tools.ports.orders.find(order.intent.user, &id).await?;
        let order = found.ok_or_else(|| SettleError::NotFound(id.clone()))?;
        match &order.state {
            OrderState::Planned | OrderState::Sent if self.is_awaited(order.intent.id) => {
                return Err(SettleError::UnderWay(id));
            }
            OrderState::Unconfirmed { .. } | OrderState::Planned | OrderState::Sent => {}
            OrderState::Open { .. } | OrderState::Closed { .. } => {
                let (id, status) = (order.public_id(), order.status());
                return Err(SettleError::Known { id, status });
            }
        }
        let kind = match &settlement {
            Settlement::Is(broker_order_id) => OrderEventKind::Accepted {
                broker_order_id: broker_order_id.clone(),
                awaits_trigger: false,
            },
            Settlement::NeverArrived => OrderEventKind::Rejected {
                broker_order_id: None,
                reason: "settled by hand: the broker never had it".into(),
            },
        };
        let settled = tools.append(order.id, tools.now(kind)).await;
        let settled = settled.map_err(|error| match (error, settlement) {
            (StoreError::Duplicate { .. }, Settlement::Is(id)) => SettleError::Taken(id),
            (error, _) => error.into(),
        })?;
        self.is_decided(settled.id);
        Ok(settled)
    }
}
