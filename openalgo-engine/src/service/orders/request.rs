//! Requests with an id of their sender that are for more than one order as it is.
//!
//! What makes two of them the same is user, kind and id. Each order that comes of one carries kind,
//! id and a hash of the whole body, mode and broker included, in the commit of its intent. So whatever
//! ends the program in between, the same request again goes on with what is missing, and another
//! body is a conflict however little has come of the first. What was refused left no order, and is
//! not remembered.

use super::place::Way;
use super::{OrderService, PlaceOrderError, Placed};
use crate::claims::{OrderClaim, OrderName};
use openalgo_core::id::ClientOrderId;
use openalgo_core::monitor::{BodyHash, REMEMBERED};
use openalgo_core::order::{Order, OrderRequest, RequestKey, RequestKind};
use openalgo_core::port::StoreError;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What an order takes along from the request that it comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    /// Keep everybody else from what it is known by until the order is durable.
    pub(super) claims: Vec<OrderClaim>,
    /// The request, where that says more than the order.
    pub(super) request: Option<OrderRequest>,
}

/// A request that nobody else works on, and what came of it before.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) held: Held,
    earlier: Vec<Order>,
}

impl Asked {
    /// The only order of it, if that was placed before.
    pub(super) fn first(&self) -> Option<Placed> {
        self.earlier.last().cloned().map(replayed)
    }

    /// All orders that were placed before, the oldest first.
    pub(super) fn replays(&self) -> impl Iterator<Item = Placed> {
        self.earlier.iter().cloned().map(replayed)
    }

    /// The order that was placed before as its part of this id.
    pub(super) fn part(&self, id: Option<&ClientOrderId>) -> Option<Placed> {
        let is_it = |order: &&Order| order.intent.order.client_order_id.as_ref() == id;
        let newest_first = self.earlier.iter().rev();
        newest_first.into_iter().find(is_it).cloned().map(replayed)
    }
}

fn replayed(order: Order) -> Placed {
    let replayed = true;
    Placed { order, replayed }
}

impl Way {
    /// A request that came this way, if it has an id of its sender.
    pub(super) fn request(
        &self,
        (kind, id): (RequestKind, Option<&ClientOrderId>),
        body: &impl Serialize,
    ) -> Result<Option<OrderRequest>, PlaceOrderError> {
        let Some(id) = id else {
            return Ok(None);
        };
        self.check_id(id)?;
        Ok(Some(OrderRequest {
            kind,
            id: id.clone(),
            body: self.body(body)?,
        }))
    }

    /// What stands for the body of a request that came this way: for mode, broker and what is asked.
    pub(super) fn body(&self, asked: &impl Serialize) -> Result<BodyHash, StoreError> {
        let body = serde_json::to_vec(&(self.route.mode, &self.route.broker, asked));
        let body = body.map_err(|error| StoreError::Failed {
            operation: "read the request",
            source: error.into(),
        })?;
        Ok(BodyHash::new(Sha256::digest(&body).into()))
    }

    /// What a request is known by.
    pub(super) fn key(&self, request: &OrderRequest) -> RequestKey {
        RequestKey {
            user: self.user,
            kind: request.kind,
            id: request.id.clone(),
        }
    }
}

impl OrderService {
    /// Waits until nobody else works on a request, and looks for what came of it before. Another
    /// body under its key is a conflict.
    pub(super) async fn asked(
        &self,
        way: &Way,
        request: Option<OrderRequest>,
    ) -> Result<Asked, PlaceOrderError> {
        let Some(request) = request else {
            return Ok(Asked {
                held: Held::default(),
                earlier: Vec::new(),
            });
        };
        let key = way.key(&request);
        let id = OrderName::Id(way.user, Some(key.kind), key.id.clone());
        let claim = self.claims.claim(id).await;
        let since = self.ports.clock.now().plus(-REMEMBERED);
        let earlier = self.ports.orders.find_by_request(&key, since).await?;
        let is_same = |order: &Order| order.intent.request.as_ref() == Some(&request);
        if let Some(other) = earlier.iter().find(|order| !is_same(order)) {
            return Err(PlaceOrderError::Conflict {
                id: key.id,
                order: other.public_id(),
            });
        }
        let request = Some(request);
        Ok(Asked {
            held: Held {
                claims: claim.into_iter().collect(),
                request,
            },
            earlier,
        })
    }
}
