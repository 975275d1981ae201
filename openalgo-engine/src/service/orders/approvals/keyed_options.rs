//! Orders for options with an API key.

use super::KeyedError;
use super::keyed::{KeyedLeg, KeyedOrderService, asked};
use super::legs::Together;
use crate::service::orders::options::placed_before;
use crate::service::{OptionsOrder, OptionsOrderError, OptionsPlaced};
use openalgo_core::id::{ClientOrderId, UserId};

impl KeyedOrderService {
    /// Places orders for options as [`crate::service::OrderService::options`], or puts each before
    /// a person: the option is chosen now, and its price judged again when it is approved.
    pub async fn options(
        &self,
        user: UserId,
        order: OptionsOrder,
    ) -> Result<OptionsPlaced<KeyedLeg>, KeyedError<OptionsOrderError>> {
        let way = self.way(user).await?;
        self.orders.check_prices(&way).map_err(asked)?;
        let request = way.options(&order).map_err(asked)?;
        let known = self.known(&way, request).await;
        let known = known.map_err(|error| asked(error.into()))?;
        let before = |id: &ClientOrderId| {
            placed_before(&known.asked, id).or_else(|| {
                let queued = known.waiting_part(id)?;
                Some(queued.pending.asked.order.instrument.clone())
            })
        };
        let mut found = self.orders.option_orders(&order, before).await;
        let orders = std::mem::take(&mut found.orders);
        let legs = self.legs(&way, orders, (known, Together::BuysFirst)).await;
        let legs = legs.map_err(KeyedError::Store)?.into_iter();
        Ok(found.tell(legs.map(|leg| (leg.number, leg)).collect()))
    }
}
