//! Closing positions.

use super::computed::{ComputedClaims, Order};
use super::place::Way;
use super::request::Asked;
use super::{ClosePositionError, OrderService, Placed};
use crate::account::Slot;
use crate::standing::{Standing, StandingError, UnderWay};
use futures_util::future::join_all;
use openalgo_core::id::{ClientOrderId, IntentId, TextError, UserId, short_hash};
use openalgo_core::market::InstrumentKey;
use openalgo_core::order::{NewOrder, OrderSource, Product, RequestKind, Side};
use openalgo_core::port::BookOrder;
use openalgo_core::portfolio::PositionKey;
use openalgo_core::rule::governor::Urgency;
use openalgo_core::value::Quantity;
use std::convert::Infallible;
use std::ops::ControlFlow;

/// Who closes a position, whichever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitOrigin {
    /// Name of the strategy that asks, if any.
    pub strategy: Option<String>,
    /// Where the request came from.
    pub source: OrderSource,
    /// The sender's own id: what was closed with it is not closed again. Closing one position and
    /// closing all are different requests.
    pub client_order_id: Option<ClientOrderId>,
}

impl ExitOrigin {
    /// The embedding program, without an id.
    pub fn api() -> Self {
        Self {
            strategy: None,
            source: OrderSource::Api,
            client_order_id: None,
        }
    }
}

/// What became of one of the positions that were to be closed.
#[derive(Debug)]
pub struct Closing {
    /// What was held.
    pub instrument: InstrumentKey,
    /// Under which product.
    pub product: Product,
    /// The order that closes it, or why there is none.
    pub outcome: Result<Placed, ClosePositionError>,
}

impl OrderService {
    /// Closes a position at the market, in its own product, in the account that orders go to now.
    ///
    /// The order only makes the position smaller, whatever becomes of others that are under way.
    /// Resting orders that would take it across zero later are cancelled first; what the broker
    /// does not cancel is left for them to take off. Orders that were not placed here stay
    /// ([`OrderService::others_resting`]). It passes a halt.
    pub async fn close(
        &self,
        user: UserId,
        (instrument, product): (InstrumentKey, Product),
        origin: ExitOrigin,
    ) -> Result<Placed, ClosePositionError> {
        let way = self.way(user).await?;
        self.close_on(&way, (instrument, product), origin).await
    }

    /// Closes every open position of the account that orders go to now. What becomes of each is
    /// told by itself; none of them keeps the others from it.
    ///
    /// With a client order id, each position has an id of its own, made of that and what is held;
    /// what was closed with it before is told again.
    pub async fn close_all(
        &self,
        user: UserId,
        origin: ExitOrigin,
    ) -> Result<Vec<Closing>, ClosePositionError> {
        let way = self.way(user).await?;
        self.close_all_on(&way, origin).await
    }

    /// Orders that rest at the broker that orders go to now and were not placed here. They are nobody's
    /// to cancel here, and may open a position again that was closed.
    pub async fn others_resting(&self, user: UserId) -> Result<Vec<BookOrder>, ClosePositionError> {
        let way = self.way(user).await?;
        let standings = &self.intake.standings;
        Ok(standings.others_resting(user, &way.route.broker).await?)
    }

    /// Closes every open position of an account that is decided.
    pub(super) async fn close_all_on(
        &self,
        way: &Way,
        origin: ExitOrigin,
    ) -> Result<Vec<Closing>, ClosePositionError> {
        let user = way.user;
        let id = origin.client_order_id.as_ref();
        let body = (&origin.strategy, origin.source);
        let request = way.request((RequestKind::CloseAll, id), &body)?;
        let asked = self.asked(way, request).await?;
        let open = self.intake.standings.open(user, &way.route.broker).await?;
        let closings = open.iter().cloned().map(|slot| {
            let (origin, asked) = (&origin, &asked);
            async move {
                let outcome = match origin.of(&slot) {
                    Ok(origin) => self.close_asked(way, (slot.clone(), origin), asked).await,
                    Err(too_long) => Err(too_long.into()),
                };
                let (instrument, product) = slot;
                Closing {
                    instrument,
                    product,
                    outcome,
                }
            }
        });
        let mut closings = join_all(closings).await;
        // What was closed with the id before is not held any more, and is answered all the same.
        let closed = asked.replays().map(|placed| {
            let order = &placed.order.intent.order;
            Closing {
                instrument: order.instrument.clone(),
                product: order.product,
                outcome: Ok(placed),
            }
        });
        let is_open = |it: &Closing| open.contains(&(it.instrument.clone(), it.product));
        closings.extend(closed.filter(|it| !is_open(it)));
        Ok(closings)
    }

    pub(super) async fn close_on(
        &self,
        way: &Way,
        slot: Slot,
        origin: ExitOrigin,
    ) -> Result<Placed, ClosePositionError> {
        let id = origin.client_order_id.as_ref();
        let body = (&slot, &origin.strategy, origin.source);
        let request = way.request((RequestKind::Close, id), &body)?;
        let asked = self.asked(way, request).await?;
        self.close_asked(way, (slot, origin), &asked).await
    }

    /// Closes a position that a request is for, unless that came of it before.
    async fn close_asked(
        &self,
        way: &Way,
        (slot, origin): (Slot, ExitOrigin),
        asked: &Asked,
    ) -> Result<Placed, ClosePositionError> {
        if let Some(placed) = asked.part(origin.client_order_id.as_ref()) {
            return Ok(placed);
        }
        let (instrument, product) = slot;
        let order = NewOrder {
            product,
            strategy: origin.strategy,
            source: origin.source,
            client_order_id: origin.client_order_id,
            // Side and quantity follow from what is held.
            ..NewOrder::market(instrument, Side::Sell, Quantity::ZERO)
        };
        let key = way.position(&order);
        let position = self.intake.standings.claim(&key).await?;
        let would_cross = |standing: &Standing, order: &UnderWay| {
            Some(order.side) == standing.exit_side() && order.broker_order_id.is_some()
        };
        self.clear_the_way(way, &key, would_cross).await?;
        let id = asked.held.clone();
        let claims = ComputedClaims { id, position };
        let exit =
            |standing: &Standing| exit_of(standing).map(ControlFlow::<Infallible, Order>::Continue);
        match self.place_computed(way, (order, &claims), exit).await? {
            ControlFlow::Continue(placed) => Ok(placed),
            ControlFlow::Break(never) => match never {},
        }
    }

    /// Cancels the orders that are in the way of closing a position, and waits a while for their
    /// end. Says whether there were any.
    pub(super) async fn clear_the_way(
        &self,
        way: &Way,
        key: &PositionKey,
        is_in_the_way: impl Fn(&Standing, &UnderWay) -> bool,
    ) -> Result<bool, StandingError> {
        let standing = self.intake.standings.read(key).await?;
        let in_the_way = standing.under_way.iter();
        let in_the_way = in_the_way
            .filter(|order| is_in_the_way(&standing, order))
            .map(|order| order.intent);
        let in_the_way: Vec<IntentId> = in_the_way.collect();
        if in_the_way.is_empty() {
            return Ok(false);
        }
        for intent in &in_the_way {
            let cancelled = self.cancel(way.user, &intent.local_order_id()).await;
            // It may be filled by now; whatever it is, what is left of it is counted.
            if cancelled.is_err() {
                tracing::warn!(order = %intent, "an order in the way of an exit stays");
            }
        }
        let account = (way.user, &way.route.broker);
        let standings = &self.intake.standings;
        standings.wait_for_end(account, &in_the_way).await?;
        Ok(true)
    }
}

/// The order that closes as much of a position as surely does not take it across zero.
fn exit_of(standing: &Standing) -> Result<Order, ClosePositionError> {
    let Some(side) = standing.exit_side() else {
        let symbol = standing.key.instrument.symbol.clone();
        return Err(ClosePositionError::NothingHeld(symbol));
    };
    let quantity = standing.reducible(side)?;
    if quantity.is_zero() {
        let under_way = standing.under_way.iter();
        let same = under_way.filter(|order| order.side == side);
        return Err(ClosePositionError::InTheWay(
            same.map(UnderWay::public_id).collect(),
        ));
    }
    Ok(Order {
        side,
        quantity,
        urgency: Urgency::Exit,
    })
}

impl ExitOrigin {
    /// The origin of the exit from one position of many.
    fn of(&self, (instrument, product): &Slot) -> Result<Self, TextError> {
        let name = format!("{}:{}:{product}", instrument.exchange, instrument.symbol);
        let id = self.client_order_id.as_ref();
        // Where two fall together, the second gets a conflict and nothing worse.
        let id = id.map(|id| id.derive(&short_hash(&name))).transpose()?;
        Ok(Self {
            client_order_id: id,
            ..self.clone()
        })
    }
}
