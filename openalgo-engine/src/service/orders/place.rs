//! Placing an order.

use super::{OrderService, PlaceOrderError};
use crate::account::PlaceRequest;
use crate::claims::Claim;
use openalgo_core::id::UserId;
use openalgo_core::monitor::REMEMBERED;
use openalgo_core::order::{NewOrder, Order, OrderIntent};
use openalgo_core::rule::order_check::check_order;

/// An order that was placed, or that had been placed before.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The order as it stands.
    pub order: Order,
    /// Whether this is the answer to an earlier request with the same client order id.
    pub replayed: bool,
}

impl OrderService {
    /// Places an order: check, route, then intent, submission and outcome in the account.
    ///
    /// Returns when what became of the order is durable. With a client order id, the same order
    /// again gives the first one back.
    pub async fn place(&self, user: UserId, order: NewOrder) -> Result<Placed, PlaceOrderError> {
        let Some(id) = order.client_order_id.clone() else {
            return self.place_once(user, order, None).await;
        };
        let claim = self.claims.claim(user, &id).await;
        let since = self.ports.clock.now().plus(-REMEMBERED);
        match self
            .ports
            .orders
            .find_by_client_id(user, &id, since)
            .await?
        {
            Some(known) if known.intent.order == order && self.same_mode(&known).await? => {
                Ok(Placed {
                    order: known,
                    replayed: true,
                })
            }
            Some(other) => Err(PlaceOrderError::Conflict {
                id,
                order: other.public_id(),
            }),
            None => self.place_once(user, order, claim).await,
        }
    }

    /// Whether an order would go out in the same mode now; the same words in another mode are
    /// another order.
    async fn same_mode(&self, known: &Order) -> Result<bool, PlaceOrderError> {
        let user = self.ports.users.get(known.intent.user).await?;
        Ok(self.router.route(&user)?.mode == known.intent.mode)
    }

    async fn place_once(
        &self,
        user: UserId,
        order: NewOrder,
        claim: Option<Claim>,
    ) -> Result<Placed, PlaceOrderError> {
        self.intake.switches.pass(user).await?;
        let instrument = self.market.instrument(&order.instrument).await?;
        check_order(&order, &instrument)?;
        let user = self.ports.users.get(user).await?;
        let route = self.router.route(&user)?;
        let account = self.intake.accounts.account(user.id, &route.broker)?;
        self.catch_up(&account, &route.broker).await?;
        let quote = self.market.quote(&order.instrument).await?;
        let at = self.ports.clock.now();
        let intent = OrderIntent {
            id: self.ports.ids.make_intent_id()?,
            user: user.id,
            broker: route.broker,
            mode: route.mode,
            trading_day: self.settings.day_of(at)?,
            order,
            token: instrument.token.clone(),
            at,
        };
        let request = PlaceRequest {
            intent,
            instrument,
            quote,
            claim,
        };
        Ok(Placed {
            order: account.place(request).await?,
            replayed: false,
        })
    }
}
