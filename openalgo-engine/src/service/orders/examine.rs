//! Whether an order would be placed now, without placing it: before it is put before a person, and
//! again when that person lets it go.

use super::place::Way;
use super::smart::step_of;
use super::{OrderService, PlaceOrderError, SmartOrder, SmartOrderError};
use crate::limits::LimitError;
use openalgo_core::market::InstrumentKey;
use openalgo_core::order::NewOrder;
use openalgo_core::rule::governor::Urgency;
use openalgo_core::rule::order_check::check_order;
use openalgo_core::rule::smart_order::{Step, Target};
use openalgo_core::value::Price;
use std::ops::ControlFlow;

impl OrderService {
    /// What the order of a client must satisfy before a person is asked: everything that it must
    /// satisfy to be placed, save what only the broker can tell. Gives the last price, if it is known.
    pub(super) async fn examine_new(
        &self,
        way: &Way,
        order: &NewOrder,
    ) -> Result<Option<Price>, PlaceOrderError> {
        match self.examine(way, order).await {
            // Nobody need be logged in at a broker until the order goes there.
            Err(PlaceOrderError::Limit(LimitError::ProfitUnknown { .. })) => {
                Ok(self.last(&order.instrument).await)
            }
            examined => examined,
        }
    }

    /// The same for a smart order, of which nobody knows yet what it will come to.
    pub(super) async fn examine_new_smart(
        &self,
        smart: &SmartOrder,
    ) -> Result<Option<Price>, PlaceOrderError> {
        let instrument = self.market.instrument(&smart.order.instrument).await?;
        let mut order = smart.order.clone();
        if order.quantity.is_zero() {
            order.quantity = instrument.lot_size;
        }
        check_order(&order, &instrument)?;
        Ok(Some(self.market.quote(&order.instrument).await?.ltp))
    }

    /// Whether an order would be placed now.
    pub(super) async fn examine(
        &self,
        way: &Way,
        order: &NewOrder,
    ) -> Result<Option<Price>, PlaceOrderError> {
        let examined = async {
            let (_account, request) = self.prepare(way, order.clone(), false).await?;
            let guards = &self.intake.guards;
            guards.would_admit(&request.intent, &request.stake)?;
            Ok(request.quote.map(|quote| quote.ltp))
        };
        let refusal: PlaceOrderError = match examined.await {
            Ok(last) => return Ok(last),
            Err(refusal) => refusal,
        };
        if refusal.spares_exits() && self.reduces(way, order).await {
            return Ok(self.last(&order.instrument).await);
        }
        Err(refusal)
    }

    /// What a smart order would come to now, if that would be placed.
    pub(super) async fn examine_smart(
        &self,
        way: &Way,
        smart: &SmartOrder,
    ) -> Result<Step, SmartOrderError> {
        let order = &smart.order;
        let instrument = self.market.instrument(&order.instrument).await;
        let instrument = instrument.map_err(PlaceOrderError::from)?;
        let mut standing = self.intake.standings.read(&way.position(order)).await?;
        if smart.position.is_flat() {
            // What rests is cancelled first, as far as it can be.
            let before = standing.clone();
            standing.under_way.retain(|it| !before.is_in_the_way(it));
        }
        let target = Target {
            position: smart.position,
            side: order.side,
            quantity: order.quantity,
        };
        let computed = match step_of(target, &standing)? {
            ControlFlow::Continue(computed) => computed,
            ControlFlow::Break(step) => return Ok(step),
        };
        let order = NewOrder {
            side: computed.side,
            quantity: computed.quantity,
            ..order.clone()
        };
        match computed.urgency {
            Urgency::Entry => drop(self.examine(way, &order).await?),
            Urgency::Exit => {
                check_order(&order, &instrument).map_err(PlaceOrderError::from)?;
            }
        }
        Ok(Step::Order {
            side: order.side,
            quantity: order.quantity,
        })
    }

    /// The last price, if it is known.
    async fn last(&self, key: &InstrumentKey) -> Option<Price> {
        let quote = self.market.quote(key).await.ok()?;
        Some(quote.ltp)
    }

    /// Whether an order surely only makes a position smaller.
    async fn reduces(&self, way: &Way, order: &NewOrder) -> bool {
        let standing = match self.intake.standings.read(&way.position(order)).await {
            Ok(standing) => standing,
            Err(error) => {
                tracing::warn!(%error, "whether an order reduces a position is not known");
                return false;
            }
        };
        let most = standing.reducible(order.side);
        most.is_ok_and(|most| order.quantity <= most)
    }
}
