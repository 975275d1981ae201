//! Smart orders: to a net position, from whatever there is.

use super::computed::{ComputedClaims, Order};
use super::place::Way;
use super::request::{Asked, Held};
use super::{OrderService, PlaceOrderError, Placed, SmartOrderError};
use crate::looks::Looks;
use crate::standing::{Standing, UnderWay};
use openalgo_core::id::UserId;
use openalgo_core::order::{NewOrder, OrderKind, RequestKind, Side};
use openalgo_core::rule::governor::Urgency;
use openalgo_core::rule::smart_order::{self, Step, Target};
use openalgo_core::value::{NetQuantity, Quantity};
use std::ops::ControlFlow;

/// An order that leads to a net position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmartOrder {
    /// The order. Its side and quantity matter only when nothing is held or under way and nothing
    /// should be; a quantity of zero is then no order.
    pub order: NewOrder,
    /// The net position that there should be.
    pub position: NetQuantity,
}

/// What a smart order came to.
#[derive(Debug, Clone)]
pub enum SmartOutcome {
    /// An order.
    Placed(Box<Placed>),
    /// None, for the reason that clients know as [`Step::message`].
    NoOrder(Step),
}

impl OrderService {
    /// Places the order that leads to a net position, if one is needed.
    ///
    /// At the target zero it closes: what rests for the position is cancelled, and what is held is
    /// closed, by an order that only makes it smaller and passes limits and a halt as
    /// [`OrderService::close`] does. On the way to any other target orders under way count as if
    /// they were filled. Smart orders and exits for one position come one after the other, so that
    /// an alert that comes twice is carried out once.
    ///
    /// With a client order id, an order that was placed is given back to the same request, and
    /// another target is a conflict; that nothing had to be done is not remembered.
    pub async fn smart(
        &self,
        user: UserId,
        smart: SmartOrder,
    ) -> Result<SmartOutcome, SmartOrderError> {
        let way = self.way(user).await?;
        self.smart_on(&way, smart).await
    }

    /// Carries out a smart order whose way is decided.
    pub(super) async fn smart_on(
        &self,
        way: &Way,
        smart: SmartOrder,
    ) -> Result<SmartOutcome, SmartOrderError> {
        let asked = self.asked_smart(way, &smart).await?;
        match asked.first() {
            Some(placed) => Ok(placed.into()),
            None => self.smart_new(way, (smart, asked.held)).await,
        }
    }

    /// Waits until nobody else works on a smart order, and looks for what came of it before.
    pub(super) async fn asked_smart(
        &self,
        way: &Way,
        smart: &SmartOrder,
    ) -> Result<Asked, PlaceOrderError> {
        let id = smart.order.client_order_id.as_ref();
        let body = (&smart.order, smart.position);
        let request = way.request((RequestKind::Smart, id), &body)?;
        self.asked(way, request).await
    }

    /// Carries out a smart order of which nothing is known by its client order id.
    pub(super) async fn smart_new(
        &self,
        way: &Way,
        (smart, id): (SmartOrder, Held),
    ) -> Result<SmartOutcome, SmartOrderError> {
        let SmartOrder {
            mut order,
            position,
        } = smart;
        // A mistyped symbol must not pass for a position that is flat.
        let instrument = self.market.instrument(&order.instrument).await;
        instrument.map_err(PlaceOrderError::from)?;
        let key = way.position(&order);
        let claims = ComputedClaims {
            id,
            position: self.intake.standings.claim(&key).await?,
        };
        if position.is_flat()
            && self
                .clear_the_way(way, &key, Standing::is_in_the_way)
                .await?
        {
            // What rested was the trade: no fresh one takes its place.
            order.quantity = Quantity::ZERO;
        }
        self.lead_to(way, (&order, position), &claims).await
    }

    async fn lead_to(
        &self,
        way: &Way,
        (order, position): (&NewOrder, NetQuantity),
        claims: &ComputedClaims,
    ) -> Result<SmartOutcome, SmartOrderError> {
        let target = Target {
            position,
            side: order.side,
            quantity: order.quantity,
        };
        let mut unsettled = None;
        let mut looks = Looks::begin();
        while looks.again().await {
            let compute = |standing: &Standing| step_of(target, standing);
            let attempt = self.place_computed(way, (order.clone(), claims), compute);
            match attempt.await {
                Err(SmartOrderError::Unsettled(order)) => unsettled = Some(order),
                Err(error) => return Err(error),
                Ok(ControlFlow::Continue(placed)) => return Ok(placed.into()),
                Ok(ControlFlow::Break(step)) => return Ok(SmartOutcome::NoOrder(step)),
            }
        }
        Err(SmartOrderError::Unsettled(unsettled.unwrap_or_default()))
    }
}

impl From<Placed> for SmartOutcome {
    fn from(placed: Placed) -> Self {
        Self::Placed(Box::new(placed))
    }
}

pub(super) fn step_of(
    target: Target,
    standing: &Standing,
) -> Result<ControlFlow<Step, Order>, SmartOrderError> {
    if let Some(order) = standing.unsettled() {
        return Err(SmartOrderError::Unsettled(order.public_id()));
    }
    let there_is = smart_order::Standing {
        held: standing.held,
        underway: standing.net_under_way()?,
    };
    match smart_order::step(target, there_is)? {
        Step::Order { side, .. } if target.position.is_flat() && !standing.held.is_flat() => {
            exit(standing, side)
        }
        Step::Order { side, quantity } => {
            let urgency = if quantity <= standing.reducible(side)? {
                Urgency::Exit
            } else {
                Urgency::Entry
            };
            Ok(ControlFlow::Continue(Order {
                side,
                quantity,
                urgency,
            }))
        }
        none @ (Step::NothingToExit | Step::Matched) => Ok(ControlFlow::Break(none)),
    }
}

/// What closes a position beside the orders that could not be cancelled.
fn exit(standing: &Standing, side: Side) -> Result<ControlFlow<Step, Order>, SmartOrderError> {
    let quantity = standing.reducible(side)?;
    if !quantity.is_zero() {
        let urgency = Urgency::Exit;
        return Ok(ControlFlow::Continue(Order {
            side,
            quantity,
            urgency,
        }));
    }
    let exits = standing.under_way.iter().filter(|it| it.side == side);
    let resting = exits.filter(|order| order.kind != OrderKind::Market);
    let resting: Vec<_> = resting.map(UnderWay::public_id).collect();
    if resting.is_empty() {
        return Ok(ControlFlow::Break(Step::Matched));
    }
    Err(SmartOrderError::InTheWay(resting))
}
