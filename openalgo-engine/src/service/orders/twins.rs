//! Orders without an id of their sender, of which the same was sent before and nobody knows what
//! became of it.
//!
//! A program whose answer was lost may ask again. With an id it gets the first order; without one
//! nothing tells a repetition from one more of the same, so none is sent until the first is settled.
//! On paper no answer is lost.

use super::place::Way;
use super::{OrderService, PlaceOrderError};
use crate::claims::{OrderClaim, OrderName};
use openalgo_core::order::{NewOrder, Order, TradingMode};
use openalgo_core::port::StoreError;
use std::collections::BTreeSet;

/// What there is of the same orders.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// Keep the same orders waiting until these are decided.
    pub(super) claims: Vec<OrderClaim>,
    /// Orders of the day whose outcome nobody knows.
    lost: Vec<Order>,
}

impl Twins {
    /// Refuses an order that is the same as one of them.
    pub(super) fn check(&self, order: &NewOrder) -> Result<(), PlaceOrderError> {
        match self.lost.iter().find(|lost| lost.intent.order == *order) {
            Some(lost) => Err(PlaceOrderError::TwinUnconfirmed {
                order: lost.public_id(),
            }),
            None => Ok(()),
        }
    }
}

impl OrderService {
    /// Waits until nobody places the same as those of these orders that have no id, and looks for
    /// the same among those of the day whose outcome nobody knows.
    pub(super) async fn twins<'a>(
        &self,
        way: &Way,
        orders: impl IntoIterator<Item = &'a NewOrder>,
    ) -> Result<Twins, StoreError> {
        let mut names = BTreeSet::new();
        if way.route.mode == TradingMode::Live {
            let without_id = orders.into_iter().filter(|it| it.client_order_id.is_none());
            for order in without_id {
                names.insert(OrderName::Body(way.user, way.body(order)?));
            }
        }
        if names.is_empty() {
            return Ok(Twins::default());
        }
        let mut claims = Vec::new();
        // Whoever waits for more than one takes them in the same order as everybody else.
        for name in names {
            claims.extend(self.claims.claim(name).await);
        }
        let today = self.settings.day_of(self.ports.clock.now())?;
        let mut lost = self.ports.orders.unresolved().await?;
        lost.retain(|order| {
            let intent = &order.intent;
            (intent.user, &intent.broker) == (way.user, &way.route.broker)
                && intent.trading_day == today
        });
        Ok(Twins { claims, lost })
    }
}
