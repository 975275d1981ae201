//! What came of something that a person has let go: an order, or one that waits for a price.

use super::{ApprovalService, own_id, request_of};
use crate::service::gtts::kept_id;
use openalgo_core::id::{TextError, TriggerId};
use openalgo_core::monitor::REMEMBERED;
use openalgo_core::order::{Gtt, Order};
use openalgo_core::port::StoreError;
use openalgo_core::rule::smart_order::Step;
use openalgo_core::strategy::{PendingGtt, PendingOrder};
use std::fmt;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum CameOf {
    /// An order.
    Order(Box<Order>),
    /// One that waits for a price, or did.
    Gtt(Box<Gtt>),
    /// Nothing: a smart order whose position stood at its target.
    Nothing(Step),
}

impl CameOf {
    /// The order, if it is one.
    pub fn order(&self) -> Option<&Order> {
        match self {
            Self::Order(order) => Some(order),
            Self::Gtt(_) | Self::Nothing(_) => None,
        }
    }

    /// The one that waits for a price, if it is one.
    pub fn gtt(&self) -> Option<&Gtt> {
        match self {
            Self::Order(_) | Self::Nothing(_) => None,
            Self::Gtt(gtt) => Some(gtt),
        }
    }
}

impl fmt::Display for CameOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(order) => write!(f, "order {}", order.public_id()),
            Self::Gtt(gtt) => write!(f, "GTT {}", gtt.trigger_id),
            Self::Nothing(step) => f.write_str(step.message().unwrap_or("no order")),
        }
    }
}

impl ApprovalService {
    /// What came of something that was let go, if anything did. It is found by its id, under which
    /// there is one at most.
    pub(super) async fn came_of(
        &self,
        pending: &PendingOrder,
    ) -> Result<Option<CameOf>, StoreError> {
        let Some(gtt) = &pending.asked.gtt else {
            let order = self.placed(pending).await?;
            return Ok(order.map(|order| CameOf::Order(Box::new(order))));
        };
        let Ok(id) = trigger_id(pending, gtt) else {
            return Ok(None);
        };
        let gtt = self.gtts.find(pending.asked.user, &id).await?;
        Ok(gtt.map(|gtt| CameOf::Gtt(Box::new(gtt))))
    }

    /// The order that came of one that waited.
    pub(super) async fn placed(&self, pending: &PendingOrder) -> Result<Option<Order>, StoreError> {
        let Ok(id) = own_id(pending) else {
            return Ok(None);
        };
        let since = pending.created_at.plus(-REMEMBERED);
        let orders = &self.orders.ports.orders;
        let Some(key) = request_of(pending, &id) else {
            let user = pending.asked.user;
            return orders.find_by_client_id(user, &id, since).await;
        };
        let placed = orders.find_by_request(&key, since).await?;
        let is_it = |order: &Order| order.intent.order.client_order_id.as_ref() == Some(&id);
        Ok(placed.into_iter().rev().find(is_it))
    }
}

/// The trigger id of what comes of it: its sender's, or one made of its number.
pub(super) fn trigger_id(pending: &PendingOrder, gtt: &PendingGtt) -> Result<TriggerId, TextError> {
    match &gtt.trigger_id {
        Some(id) => Ok(id.clone()),
        None => kept_id(pending.id),
    }
}
