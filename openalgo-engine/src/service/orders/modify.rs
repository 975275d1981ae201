//! Modifying an order.

use super::{ModifyOrderError, OrderService};
use crate::account::ModifyRequest;
use openalgo_core::id::UserId;
use openalgo_core::order::Order;
use openalgo_core::rule::modification::{Modification, modified};
use openalgo_core::rule::order_check::check_order;

impl OrderService {
    /// Gives an order that is not over another quantity or price, by the id that people know it
    /// by; it goes the way that the order went. Returns the order with its new terms.
    ///
    /// A modification that changes nothing is not sent. When the broker's answer is lost, its
    /// order book tells whether the order has its new terms; nothing is sent again.
    pub async fn modify(
        &self,
        user: UserId,
        id: &str,
        change: Modification,
    ) -> Result<Order, ModifyOrderError> {
        self.intake.guards.switches.pass(user).await?;
        let not_found = || ModifyOrderError::NotFound(id.to_owned());
        let known = self.find(user, id).await?.ok_or_else(not_found)?;
        let broker = known.intent.broker;
        let account = self.intake.accounts.account(user, &broker)?;
        self.catch_up(&account, &broker).await?;
        let order = self.find(user, id).await?.ok_or_else(not_found)?;
        if order.status().is_final() {
            return Err(ModifyOrderError::Final(order.status()));
        }
        let Some(broker_order_id) = order.state.broker_order_id().cloned() else {
            return Err(ModifyOrderError::Unconfirmed(order.public_id()));
        };
        let asked = modified(&order, change)?;
        if asked == order.intent.order {
            return Ok(order);
        }
        let instrument = self.market.instrument(&asked.instrument).await?;
        check_order(&asked, &instrument)?;
        let quote = self.market.quote(&asked.instrument).await?;
        let request = ModifyRequest {
            order,
            broker_order_id,
            asked,
            instrument,
            quote,
            at: self.ports.clock.now(),
        };
        Ok(account.modify(request).await?)
    }
}
