//! Several orders in one request: baskets, and orders that are split.

use super::place::Way;
use super::{BasketError, OrderService, PlaceOrderError, Placed, SplitOrderError};
use futures_util::stream::{self, StreamExt};
use openalgo_core::id::{ClientOrderId, TextError, UserId};
use openalgo_core::order::{NewOrder, Side};
use openalgo_core::rule::split::{largest_order, split};
use openalgo_core::value::Quantity;

/// Legs that are on their way at a time; at a broker the governor spaces them out.
const AT_ONCE: usize = 10;

/// What became of one of several orders.
#[derive(Debug)]
pub struct Leg {
    /// Its number in the request; the first is 1.
    pub number: usize,
    /// The order.
    pub order: NewOrder,
    /// What became of it.
    pub outcome: Result<Placed, PlaceOrderError>,
}

/// How large the parts are that an order is split into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitSize {
    /// So many units.
    Units(Quantity),
    /// As large as the exchange takes them in one order; an instrument of which it freezes no
    /// quantity is not split.
    Freeze,
}

impl OrderService {
    /// Places several orders: those that buy first, and those that sell when the outcome of these
    /// is known, so that a hedge is there before what it covers. What becomes of each is told by
    /// itself, in the order of the request; none keeps the others from it.
    ///
    /// All of them go the way that is decided here, whatever is switched meanwhile. With an id the
    /// first leg is the order `ID-1` and so on, so that the same basket again gives back what was
    /// placed and places what was not. Without one, legs keep the ids that they have.
    pub async fn basket(
        &self,
        user: UserId,
        orders: Vec<NewOrder>,
        id: Option<ClientOrderId>,
    ) -> Result<Vec<Leg>, BasketError> {
        let way = self.way(user).await?;
        let legs = numbered(orders, id.as_ref())?;
        Ok(self.basket_on(&way, legs).await)
    }

    /// Places the legs of a basket whose way is decided.
    pub(super) async fn basket_on(&self, way: &Way, legs: Vec<(usize, NewOrder)>) -> Vec<Leg> {
        let is_buy = |leg: &(usize, NewOrder)| leg.1.side == Side::Buy;
        let (buys, sells): (Vec<_>, Vec<_>) = legs.into_iter().partition(is_buy);
        let mut legs = self.place_legs(way, buys).await;
        legs.extend(self.place_legs(way, sells).await);
        legs.sort_by_key(|leg| leg.number);
        legs
    }

    /// Places one large order as several: full parts, and the rest as the last. What becomes of
    /// each is told by itself.
    ///
    /// With a client order id the first part is the order `ID-1` and so on.
    pub async fn split(
        &self,
        user: UserId,
        order: NewOrder,
        size: SplitSize,
    ) -> Result<Vec<Leg>, SplitOrderError> {
        let way = self.way(user).await?;
        let parts = self.parts(order, size).await?;
        Ok(self.place_legs(&way, parts).await)
    }

    /// The parts that an order is split into, with their numbers.
    pub(super) async fn parts(
        &self,
        order: NewOrder,
        size: SplitSize,
    ) -> Result<Vec<(usize, NewOrder)>, SplitOrderError> {
        let size = match size {
            SplitSize::Units(size) => size,
            SplitSize::Freeze => {
                let instrument = self.market.instrument(&order.instrument).await?;
                largest_order(&instrument).unwrap_or(order.quantity.max(Quantity::ONE))
            }
        };
        let parts = split(order.quantity, size)?;
        let parts = parts.into_iter().map(|quantity| NewOrder {
            quantity,
            ..order.clone()
        });
        Ok(numbered(parts.collect(), order.client_order_id.as_ref())?)
    }

    /// Places orders in their order, and tells what became of them in the same.
    pub(super) async fn place_legs(&self, way: &Way, legs: Vec<(usize, NewOrder)>) -> Vec<Leg> {
        let placing = legs.into_iter().map(|(number, order)| async move {
            Leg {
                number,
                outcome: self.place_on(way, order.clone()).await,
                order,
            }
        });
        stream::iter(placing).buffered(AT_ONCE).collect().await
    }
}

/// Gives each order its number, and its own id where the request has one.
pub(super) fn numbered(
    orders: Vec<NewOrder>,
    id: Option<&ClientOrderId>,
) -> Result<Vec<(usize, NewOrder)>, TextError> {
    let numbered = (1..).zip(orders).map(|(number, order)| {
        let own = id.map(|id| id.derive(&number.to_string())).transpose()?;
        let client_order_id = own.or_else(|| order.client_order_id.clone());
        let order = NewOrder {
            client_order_id,
            ..order
        };
        Ok((number, order))
    });
    numbered.collect()
}
