//! Writes down what became of orders, and tells whoever wants to know.

use super::Tools;
use crate::brokers::Login;
use crate::event::Event;
use openalgo_core::id::OrderId;
use openalgo_core::order::{Order, OrderEvent, OrderEventKind, OrderStatus, TradingMode};
use openalgo_core::port::{BookOrder, StatusReport, StoreError};

/// Why an order is over that was open when its day ended.
const ITS_DAY_IS_OVER: &str = "its day is over; look at the broker for what was filled of it";

impl Tools {
    /// An event that happens now.
    pub(super) fn now(&self, kind: OrderEventKind) -> OrderEvent {
        let at = self.ports.clock.now();
        OrderEvent { at, kind }
    }

    /// Takes a line of the book for an order, with everything that has happened to it there.
    pub(super) async fn take_up(&self, order: &Order, row: &BookOrder) -> Result<(), StoreError> {
        let accepted = self.now(OrderEventKind::Accepted {
            broker_order_id: row.broker_order_id.clone(),
            awaits_trigger: row.status == OrderStatus::TriggerPending,
        });
        let order = self.append(order.id, accepted).await?;
        self.report(&order, &self.report_of(&order, row)).await
    }

    /// What a line of the book says about an order.
    pub(super) fn report_of(&self, order: &Order, row: &BookOrder) -> StatusReport {
        let intent = &order.intent;
        row.report(intent.user, &intent.broker, self.ports.clock.now())
    }

    /// Takes an order further.
    pub(super) async fn append(
        &self,
        order: OrderId,
        event: OrderEvent,
    ) -> Result<Order, StoreError> {
        let order = self.ports.orders.append(order, &event).await?;
        self.publish(order.clone());
        Ok(order)
    }

    /// The same, unless somebody has taken it further since it was read.
    pub(super) async fn take_further(
        &self,
        order: OrderId,
        event: OrderEvent,
    ) -> Result<(), StoreError> {
        match self.append(order, event).await {
            Ok(_) | Err(StoreError::Transition(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The live orders of an account that are of earlier days, and open as far as is known.
    pub(super) async fn left_open(&self, (user, broker): &Login) -> Result<Vec<Order>, StoreError> {
        let today = self.settings.day_of(self.ports.clock.now())?;
        let mut orders = self.ports.orders.left_open(*user, broker, today).await?;
        orders.retain(|order| order.intent.mode == TradingMode::Live);
        Ok(orders)
    }

    /// Ends an order of an earlier day. How much of it was filled since it was last seen, nobody
    /// tells any more.
    pub(super) async fn end_left_open(&self, order: &Order) -> Result<(), StoreError> {
        let reason = Some(ITS_DAY_IS_OVER.to_owned());
        let over = self.now(OrderEventKind::Cancelled { reason });
        self.take_further(order.id, over).await
    }

    /// Writes down what the broker says about an order, unless that is known. An answer about the
    /// same order that waits to be stored is older, and comes first.
    pub(super) async fn report(
        &self,
        order: &Order,
        report: &StatusReport,
    ) -> Result<(), StoreError> {
        let known = self.store_answers_of(order.id).await?;
        let order = known.as_ref().unwrap_or(order);
        match report.event_for(order) {
            Ok(Some(_news)) => {
                match self.ports.orders.update_status(report).await {
                    Ok(order) => self.publish(order),
                    // Somebody has taken it further since it was read.
                    Err(StoreError::Transition(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(None) => {}
            // An older state of the order, or one that makes no sense: what is known stays.
            Err(error) => {
                let order = order.intent.id;
                tracing::warn!(%order, %error, "the broker contradicts what is known of an order");
            }
        }
        Ok(())
    }

    fn publish(&self, order: Order) {
        self.events.publish(Event::OrderChanged(Box::new(order)));
    }
}
