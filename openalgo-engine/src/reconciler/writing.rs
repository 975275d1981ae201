//! Writes down what became of orders, and tells whoever wants to know.

use super::Tools;
use crate::event::Event;
use openalgo_core::id::OrderId;
use openalgo_core::order::{Order, OrderEvent, OrderEventKind, OrderStatus};
use openalgo_core::port::{BookOrder, StatusReport, StoreError};

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
