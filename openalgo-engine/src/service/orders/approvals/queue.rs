//! Putting orders before a person.

use super::keyed::Queued;
use crate::claims::OrderClaim;
use crate::service::PlaceOrderError;
use crate::service::orders::place::Way;
use crate::waiting::{EnterError, WaitingRoom};
use openalgo_core::order::{NewOrder, OrderRequest};
use openalgo_core::port::StoreError;
use openalgo_core::strategy::{BasketPlace, NewPendingOrder, PendingOrder};
use openalgo_core::value::{NetQuantity, Price};

/// What a client asks for.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) order: NewOrder,
    /// The target of a smart order.
    pub(super) position: Option<NetQuantity>,
    /// The request that it comes from, where that says more than the order.
    pub(super) request: Option<OrderRequest>,
}

impl Wish {
    pub(super) fn plain(order: &NewOrder) -> Self {
        Self {
            order: order.clone(),
            position: None,
            request: None,
        }
    }

    /// The answer to the same wish again; the same words in another mode are another wish.
    pub(super) fn again(&self, way: &Way, known: PendingOrder) -> Result<Queued, PlaceOrderError> {
        let asked = &known.asked;
        let is_same = asked.mode == way.route.mode
            && asked.order == self.order
            && asked.position_size == self.position;
        match self.order.client_order_id.clone() {
            Some(id) if !is_same => Err(PlaceOrderError::Conflict {
                id,
                order: format!("pending order {}", known.id),
            }),
            _ => Ok(Queued {
                pending: known,
                replayed: true,
            }),
        }
    }

    /// The row that is put before a person.
    pub(super) fn row(
        self,
        way: &Way,
        basket: Option<BasketPlace>,
        last_price: Option<Price>,
    ) -> NewPendingOrder {
        NewPendingOrder {
            user: way.user,
            broker: way.route.broker.clone(),
            mode: way.route.mode,
            order: self.order,
            position_size: self.position,
            gtt: None,
            basket,
            request: self.request,
            last_price,
            expires_at: None,
        }
    }
}

impl WaitingRoom {
    /// Queues orders, even if whoever asked for them goes away meanwhile; their client order ids
    /// are claimed until that is durable.
    pub(super) async fn queue(
        &self,
        mut rows: Vec<NewPendingOrder>,
        claims: Vec<OrderClaim>,
    ) -> Result<Vec<Queued>, EnterError> {
        let lapses_at = self.lapses_at()?;
        for row in &mut rows {
            row.expires_at = Some(lapses_at);
        }
        let room = self.clone();
        let enter = async move {
            let queued = room.enter(&rows).await;
            drop(claims);
            queued
        };
        let queued = self.errands().run(enter).await;
        let queued = queued.ok_or(StoreError::Closed)??;
        let queued = queued.into_iter().map(|pending| Queued {
            pending,
            replayed: false,
        });
        Ok(queued.collect())
    }
}
