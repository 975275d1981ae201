//! Gives an order at a broker other terms.
//!
//! The journal knows of it before the broker does, and of the answer before whoever asked. When the
//! answer is lost, the line of the order in the broker's book tells which terms hold; the
//! modification is never sent again.

use super::{DEADLINE, WireDesk};
use crate::account::AccountError;
use crate::account::actor::Outcome;
use crate::account::handle::ModifyRequest;
use crate::asking::ask;
use crate::governor::Place;
use crate::laps::Phase;
use crate::looks::Looks;
use openalgo_core::market::Timestamp;
use openalgo_core::order::{NewOrder, Order, OrderEvent, OrderEventKind};
use openalgo_core::port::{BrokerSession, ModifyError, OrderGateway, StoreError};
use openalgo_core::rule::governor::Urgency;
use std::sync::Arc;

impl WireDesk {
    pub(super) async fn modify(&self, request: ModifyRequest) -> Outcome {
        let intent = &request.order.intent;
        let segment = self.segment(intent.user, intent.order.instrument.exchange);
        request.laps.enter(Phase::Queue);
        let place = self
            .tools
            .governor
            .place(segment, request.urgency())
            .await?;
        request.laps.enter(Phase::Own);
        // It was let into the account before: whoever has halted trading since means it, too.
        if request.judged_by.heeds_halt() {
            self.tools.switches.pass_now(intent.user)?;
        }
        if request.urgency() == Urgency::Entry {
            self.check_answers()?;
        }
        self.tools.brokers.live(&self.login)?;
        let sent = OrderEventKind::ModificationSent {
            quantity: request.asked.quantity,
            kind: request.asked.kind,
        };
        let begun = self.record(&request, sent).await?;
        let session = self.session_after(begun, request.judged_by.heeds_halt());
        request.laps.enter(Phase::Broker);
        let answer = match &session {
            Ok(session) => send(&*session.orders, &request, place).await,
            Err(over) => Err(ModifyError::NotSent(over.clone().into())),
        };
        request.laps.enter(Phase::Own);
        match answer {
            Ok(()) => {
                let asked = &request.asked;
                let holds = |order: &Order| order.modified(asked.quantity, asked.kind);
                Ok(vec![self.keep(&request, holds).await?])
            }
            Err(error @ ModifyError::OutcomeUnknown(_)) => {
                let has_book = session.is_ok_and(|session| session.order_book.is_some());
                match self.look_for_terms(&request, has_book).await {
                    Some(order) => Ok(vec![order]),
                    None => Err(AccountError::Modify(Arc::new(error))),
                }
            }
            Err(error) => Err(self.failed(&request, error, session.ok()).await?),
        }
    }

    /// Tells the journal that the order keeps its terms; gives what is to be said about that.
    async fn failed(
        &self,
        request: &ModifyRequest,
        error: ModifyError,
        session: Option<Arc<BrokerSession>>,
    ) -> Result<AccountError, AccountError> {
        let reason = error.to_string();
        let failed = |_: &Order| OrderEventKind::ModificationFailed { reason };
        self.keep(request, failed).await?;
        Ok(match (error, session) {
            (ModifyError::SessionExpired, Some(session)) => {
                self.tools.brokers.refuse(&self.login, &session).into()
            }
            (error, _) => AccountError::Modify(Arc::new(error)),
        })
    }

    /// Tells the journal that new terms are about to leave; gives when that was begun.
    async fn record(
        &self,
        request: &ModifyRequest,
        sent: OrderEventKind,
    ) -> Result<Timestamp, AccountError> {
        let event = OrderEvent {
            at: self.tools.clock.now(),
            kind: sent,
        };
        let order = request.order.id;
        match self.tools.orders.append(order, &event).await {
            Ok(_order) => Ok(event.at),
            Err(StoreError::Transition(_)) => Err(AccountError::ChangeUnderWay),
            Err(error) => Err(AccountError::NotStored(Arc::new(error))),
        }
    }

    /// Tells the journal what became of them. The book may have told it already, and an order that
    /// is over by now has no terms to change.
    async fn keep(
        &self,
        request: &ModifyRequest,
        kind: impl FnOnce(&Order) -> OrderEventKind,
    ) -> Result<Order, AccountError> {
        let order = match self.read_again(&request.order).await {
            Some(order) if order.change.is_none() => return Ok(order),
            Some(order) => order,
            None => request.order.clone(),
        };
        let event = OrderEvent {
            at: self.tools.clock.now(),
            kind: kind(&order),
        };
        match self.tools.orders.append(order.id, &event).await {
            Ok(order) => Ok(order),
            Err(error) => {
                let answer = (order.id, event);
                self.tools.reconciler.take_over(&self.login, answer).await;
                Err(AccountError::OutcomeNotStored(Arc::new(error)))
            }
        }
    }

    /// Looks into the book for a few seconds for an order that has the terms that were asked for.
    async fn look_for_terms(&self, request: &ModifyRequest, has_book: bool) -> Option<Order> {
        if !has_book {
            return None;
        }
        let mut looks = Looks::begin_later();
        while self.look_into_book(&mut looks, &request.laps).await {
            let order = self.read_again(&request.order).await;
            if let Some(order) = order.filter(|order| has_terms(order, &request.asked)) {
                return Some(order);
            }
        }
        None
    }

    async fn read_again(&self, order: &Order) -> Option<Order> {
        let id = order.intent.id.local_order_id();
        match self.tools.orders.find(order.intent.user, &id).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "an order could not be read again");
                None
            }
        }
    }
}

/// The broker's answer. One that does not come in time, or an adapter that fails in a way it must
/// not, tells nothing about the order.
async fn send(
    gateway: &dyn OrderGateway,
    request: &ModifyRequest,
    place: Place,
) -> Result<(), ModifyError> {
    let modified = gateway.modify(&request.broker_order_id, &request.asked);
    let answer = ask(DEADLINE, place.leave_with(modified)).await;
    answer.unwrap_or_else(|none| Err(ModifyError::OutcomeUnknown(none.into())))
}

fn has_terms(order: &Order, asked: &NewOrder) -> bool {
    let now = &order.intent.order;
    (now.quantity, now.kind) == (asked.quantity, asked.kind)
}
