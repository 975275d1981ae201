//! Several orders in one request: baskets, and orders that are split.

use super::place::Way;
use super::request::Asked;
use super::{BasketError, OrderService, PlaceOrderError, Placed, SplitOrderError};
use futures_util::stream::{self, StreamExt};
use openalgo_core::id::{ClientOrderId, TextError, UserId};
use openalgo_core::market::LotError;
use openalgo_core::order::{NewOrder, OrderRequest, RequestKind, Side, TradingMode};
use openalgo_core::rule::order_check::OrderRefusal;
use openalgo_core::rule::split::{largest_order, split};
use openalgo_core::value::Quantity;

/// Legs that are on their way to a broker at a time; the governor spaces them out.
const AT_ONCE: usize = 10;

/// Several orders with their numbers in the request.
pub(super) type Numbered = Vec<(usize, NewOrder)>;

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
    /// placed and places what was not; another basket is a conflict. Without one, legs keep the ids
    /// that they have, and each is an order by itself.
    pub async fn basket(
        &self,
        user: UserId,
        orders: Vec<NewOrder>,
        id: Option<ClientOrderId>,
    ) -> Result<Vec<Leg>, BasketError> {
        let way = self.way(user).await?;
        let (request, legs) = way.basket(orders, id.as_ref())?;
        let asked = self.asked(&way, request).await?;
        Ok(self.basket_on(&way, legs, &asked).await)
    }

    /// Places the legs of a basket whose way is decided.
    pub(super) async fn basket_on(&self, way: &Way, legs: Numbered, asked: &Asked) -> Vec<Leg> {
        let is_buy = |leg: &(usize, NewOrder)| leg.1.side == Side::Buy;
        let (buys, sells): (Vec<_>, Vec<_>) = legs.into_iter().partition(is_buy);
        let mut legs = self.place_legs(way, buys, asked).await;
        legs.extend(self.place_legs(way, sells, asked).await);
        legs.sort_by_key(|leg| leg.number);
        legs
    }

    /// Places one large order as several: full parts, and the rest as the last. What becomes of
    /// each is told by itself.
    ///
    /// With a client order id the first part is the order `ID-1` and so on. The same order again,
    /// to be split the same way, gives back what was placed and places what was not; another order
    /// or size is a conflict, also where the exchange takes another size by then.
    pub async fn split(
        &self,
        user: UserId,
        order: NewOrder,
        size: SplitSize,
    ) -> Result<Vec<Leg>, SplitOrderError> {
        let way = self.way(user).await?;
        let (request, parts) = self.parts(&way, &order, size).await?;
        let asked = self.asked(&way, request).await?;
        if asked.first().is_none()
            && let Some(error) = self.broken_lot(&order, &parts).await
        {
            return Ok(refused(parts, error));
        }
        Ok(self.place_legs(&way, parts, &asked).await)
    }

    /// What refuses all parts of an order before the first one is placed: the order, or a part of
    /// it, is no whole number of lots.
    pub(super) async fn broken_lot(&self, order: &NewOrder, parts: &Numbered) -> Option<LotError> {
        // Where there is no such instrument, each part says so.
        let instrument = self.market.instrument(&order.instrument).await.ok()?;
        let sizes = parts.first().map(|(_, part)| part.quantity);
        let mut sizes = sizes.into_iter().chain([order.quantity]);
        sizes.find_map(|size| instrument.check_lot(size).err())
    }

    /// The parts that an order is split into, with their numbers.
    pub(super) async fn parts(
        &self,
        way: &Way,
        order: &NewOrder,
        size: SplitSize,
    ) -> Result<(Option<OrderRequest>, Numbered), SplitOrderError> {
        let size = match size {
            SplitSize::Units(size) => size,
            SplitSize::Freeze => {
                let instrument = self.market.instrument(&order.instrument).await?;
                largest_order(&instrument).unwrap_or(order.quantity.max(Quantity::ONE))
            }
        };
        let id = order.client_order_id.as_ref();
        let request = way.request((RequestKind::Split, id), &(order, size))?;
        let parts = split(order.quantity, size)?;
        let parts = parts.into_iter().map(|quantity| NewOrder {
            quantity,
            ..order.clone()
        });
        Ok((request, numbered(parts.collect(), id)?))
    }

    /// Places orders in their order, and tells what became of them in the same.
    pub(super) async fn place_legs(&self, way: &Way, legs: Numbered, asked: &Asked) -> Vec<Leg> {
        let placing = legs.into_iter().map(|(number, order)| async move {
            Leg {
                number,
                outcome: self.place_leg(way, order.clone(), asked).await,
                order,
            }
        });
        let at_once = match way.route.mode {
            TradingMode::Live => AT_ONCE,
            // Nothing is waited for there, so their numbers may as well be in their order.
            TradingMode::Paper => 1,
        };
        stream::iter(placing).buffered(at_once).collect().await
    }

    /// Places one order of a request, unless it was placed before.
    pub(super) async fn place_leg(
        &self,
        way: &Way,
        order: NewOrder,
        asked: &Asked,
    ) -> Result<Placed, PlaceOrderError> {
        if asked.held.request.is_none() {
            return self.place_holding(way, order, &asked.held.claims).await;
        }
        way.check_id_of(&order)?;
        match asked.part(order.client_order_id.as_ref()) {
            Some(placed) => Ok(placed),
            None => self.place_new(way, (order, asked.held.clone())).await,
        }
    }
}

impl Way {
    /// A basket as a request, and its legs with their numbers.
    pub(super) fn basket(
        &self,
        orders: Vec<NewOrder>,
        id: Option<&ClientOrderId>,
    ) -> Result<(Option<OrderRequest>, Numbered), BasketError> {
        let request = self.request((RequestKind::Basket, id), &orders)?;
        Ok((request, numbered(orders, id)?))
    }
}

/// Parts of which none is placed.
fn refused(parts: Numbered, error: LotError) -> Vec<Leg> {
    let legs = parts.into_iter().map(|(number, order)| Leg {
        number,
        order,
        outcome: Err(OrderRefusal::from(error).into()),
    });
    legs.collect()
}

/// Gives each order its number, and its own id where the request has one.
fn numbered(orders: Vec<NewOrder>, id: Option<&ClientOrderId>) -> Result<Numbered, TextError> {
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
