//! Placing an order that is computed from what is held.
//!
//! One such order at a time for each position. Plain orders wait for nobody: when the account has
//! taken one since the position was read, the computed order is refused and computed again.

use super::place::Way;
use super::request::Held;
use super::{OrderService, PlaceOrderError, Placed};
use crate::account::{AccountError, Computed};
use crate::claims::PositionClaim;
use crate::standing::{Standing, StandingError};
use openalgo_core::order::{NewOrder, Side};
use openalgo_core::rule::governor::Urgency;
use openalgo_core::value::Quantity;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How often an order is computed anew when others come in between.
pub(super) const TRIES: u32 = 16;

/// What follows from what is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) side: Side,
    pub(super) quantity: Quantity,
    pub(super) urgency: Urgency,
}

/// The claims on the client order id and on the position.
pub(super) struct ComputedClaims {
    pub(super) id: Held,
    pub(super) position: PositionClaim,
}

impl OrderService {
    /// Places what `compute` makes of the position of `order`, or gives what it says instead.
    pub(super) async fn place_computed<N, E>(
        &self,
        way: &Way,
        (mut order, claims): (NewOrder, &ComputedClaims),
        compute: impl Fn(&Standing) -> Result<ControlFlow<N, Order>, E>,
    ) -> Result<ControlFlow<N, Placed>, E>
    where
        E: From<StandingError> + From<PlaceOrderError>,
    {
        let key = way.position(&order);
        for _ in 0..TRIES {
            let standing = self.intake.standings.read(&key).await?;
            let computed = match compute(&standing)? {
                ControlFlow::Continue(computed) => computed,
                ControlFlow::Break(nothing) => return Ok(ControlFlow::Break(nothing)),
            };
            (order.side, order.quantity) = (computed.side, computed.quantity);
            let basis = Computed {
                turn: standing.turn,
                urgency: computed.urgency,
                claim: Arc::clone(&claims.position),
            };
            let claims = (claims.id.clone(), Some(basis));
            match self.place_once(way, order.clone(), claims).await {
                Err(PlaceOrderError::Account(AccountError::Overtaken)) => {}
                placed => return Ok(ControlFlow::Continue(placed?)),
            }
        }
        Err(PlaceOrderError::Account(AccountError::Overtaken).into())
    }
}
