//! Placing an order that risk refuses and that only takes risk away.
//!
//! Nobody is kept in a position by a limit. An order says by itself whether it reduces one only
//! when it is compared with what is held, and that is read only for those that would be refused: an
//! ordinary order costs no reading.

use super::computed::{ComputedClaims, Order};
use super::place::Way;
use super::request::Held;
use super::{OrderService, PlaceOrderError, Placed};
use crate::limits::LimitError;
use crate::standing::{Standing, StandingError};
use openalgo_core::order::NewOrder;
use openalgo_core::rule::governor::Urgency;
use std::ops::ControlFlow;

/// Why an order did not go through as one that reduces.
enum NotReducing {
    /// It cannot be told what is held.
    Unknown(StandingError),
    /// It was not placed.
    Place(PlaceOrderError),
}

impl From<StandingError> for NotReducing {
    fn from(error: StandingError) -> Self {
        Self::Unknown(error)
    }
}

impl From<PlaceOrderError> for NotReducing {
    fn from(error: PlaceOrderError) -> Self {
        Self::Place(error)
    }
}

impl PlaceOrderError {
    /// Whether an order may be placed all the same if it only takes risk away.
    pub(super) fn spares_exits(&self) -> bool {
        if let Self::Limit(error) = self {
            return !matches!(error, LimitError::Value(_));
        }
        matches!(self, Self::NoPrice { .. } | Self::Halted(_))
    }
}

impl OrderService {
    /// Places an order that risk has refused, if it only makes a position smaller.
    pub(super) async fn place_reducing(
        &self,
        way: &Way,
        (order, id): (NewOrder, Held),
        refusal: PlaceOrderError,
    ) -> Result<Placed, PlaceOrderError> {
        if !refusal.spares_exits() {
            return Err(refusal);
        }
        let key = way.position(&order);
        let asked = Order {
            side: order.side,
            quantity: order.quantity,
            urgency: Urgency::Exit,
        };
        let compute = |standing: &Standing| -> Result<_, NotReducing> {
            let most = standing
                .reducible(asked.side)
                .map_err(StandingError::from)?;
            Ok(if asked.quantity <= most {
                ControlFlow::Continue(asked)
            } else {
                ControlFlow::Break(())
            })
        };
        let placed = async {
            let position = self.intake.standings.claim(&key).await?;
            let claims = ComputedClaims { id, position };
            self.place_computed(way, (order, &claims), compute).await
        };
        match placed.await {
            Ok(ControlFlow::Continue(placed)) => Ok(placed),
            Ok(ControlFlow::Break(())) => Err(refusal),
            Err(NotReducing::Place(error)) => Err(error),
            Err(NotReducing::Unknown(error)) => {
                tracing::warn!(%error, "whether a refused order reduces a position is not known");
                Err(refusal)
            }
        }
    }
}
