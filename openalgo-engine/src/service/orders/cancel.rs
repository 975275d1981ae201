//! Cancelling an order.

use super::{CancelOrderError, OrderService};
use crate::account::CancelRequest;
use openalgo_core::id::UserId;
use openalgo_core::order::Order;

impl OrderService {
    /// Cancels an order by the id that people know it by.
    pub async fn cancel(&self, user: UserId, id: &str) -> Result<Order, CancelOrderError> {
        let known = || async {
            let order = self.find(user, id).await?;
            order.ok_or_else(|| CancelOrderError::NotFound(id.to_owned()))
        };
        // The order goes back the way it came, whatever the mode is now.
        let broker = known().await?.intent.broker;
        let account = self.intake.accounts.account(user, &broker)?;
        self.catch_up(&account, &broker).await?;
        let order = known().await?;
        if order.status().is_final() {
            return Err(CancelOrderError::Final(order.status()));
        }
        let Some(broker_order_id) = order.state.broker_order_id().cloned() else {
            return Err(CancelOrderError::Unconfirmed(order.public_id()));
        };
        let at = self.ports.clock.now();
        Ok(account
            .cancel(CancelRequest {
                user,
                exchange: order.intent.order.instrument.exchange,
                broker_order_id,
                at,
            })
            .await?)
    }
}
