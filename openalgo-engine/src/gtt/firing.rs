//! Placing the order of a leg, and telling what became of it.

use crate::account::AccountError;
use crate::limits::LimitError;
use crate::market::LookupError;
use crate::service::{OrderService, PlaceOrderError};
use chrono::Duration;
use openalgo_core::market::Timestamp;
use openalgo_core::order::{Gtt, Order, TriggerSide};
use openalgo_core::paper::PaperRefusal;
use openalgo_core::port::StoreError;
use openalgo_core::rule::gtt::{came_to_nothing, order_of};

/// How long nothing is tried after a try that came to nothing.
pub(super) const PAUSE: Duration = Duration::seconds(15);

/// How far clocks may be set back between placing one and looking for its order; its ids are
/// not used again.
const CLOCK_SET_BACK: Duration = Duration::days(-1);

/// What became of the order of a leg.
#[derive(Debug)]
pub(super) enum Outcome {
    /// There is an order.
    Placed(Box<Order>),
    /// There is none, or one that was refused: this one cannot be placed as it is.
    Refused(String),
    /// There is none, for a reason that may pass by itself.
    NotNow(String),
    /// The journal must tell, and cannot be read now.
    Unknown(StoreError),
}

impl Outcome {
    /// An order that is there. One that came to nothing may be placed again.
    pub(super) fn of(order: Order) -> Self {
        if came_to_nothing(&order) {
            let reason = order.state.message().unwrap_or("the order was rejected");
            Self::Refused(reason.to_owned())
        } else {
            Self::Placed(Box::new(order))
        }
    }
}

/// Places the order of a leg that was claimed, where and in the mode that it was asked for.
pub(super) async fn fire(orders: OrderService, gtt: Gtt, side: TriggerSide) -> Outcome {
    let leg = gtt.legs.as_slice().iter().find(|leg| leg.side == side);
    let order = match leg.map(|leg| order_of(&gtt, leg)) {
        Some(Ok(order)) => order,
        Some(Err(error)) => return Outcome::Refused(error.to_string()),
        None => return Outcome::Refused("the leg is not there any more".into()),
    };
    let error = match orders.place_waited(&gtt, order).await {
        Ok(placed) => return Outcome::of(placed.order),
        Err(error) => error,
    };
    // An order under its id that is none of its own is no order of it.
    if matches!(error, PlaceOrderError::Conflict { .. }) {
        return Outcome::Refused(error.to_string());
    }
    match known(&orders, &gtt, side).await {
        Ok(Some(order)) => Outcome::of(order),
        Ok(None) if is_final(&error) => Outcome::Refused(error.to_string()),
        Ok(None) => Outcome::NotNow(error.to_string()),
        Err(error) => Outcome::Unknown(error),
    }
}

/// The order of a leg, if the journal has it.
pub(super) async fn known(
    orders: &OrderService,
    gtt: &Gtt,
    side: TriggerSide,
) -> Result<Option<Order>, StoreError> {
    let leg = gtt.legs.as_slice().iter().find(|leg| leg.side == side);
    let order = leg.and_then(|leg| order_of(gtt, leg).ok());
    match order.and_then(|order| order.client_order_id) {
        Some(id) => {
            let since = gtt.created_at.plus(CLOCK_SET_BACK);
            orders.find_by_client_id(gtt.user, &id, since).await
        }
        None => Ok(None),
    }
}

/// Whether an order that met this would meet it again: what is wrong is the order itself, or what
/// it costs. Everything else is the state of things around it.
fn is_final(error: &PlaceOrderError) -> bool {
    match error {
        PlaceOrderError::Refused(_)
        | PlaceOrderError::Conflict { .. }
        | PlaceOrderError::KeptId(_)
        | PlaceOrderError::Lookup(LookupError::UnknownSymbol { .. })
        | PlaceOrderError::Limit(LimitError::Refused { .. } | LimitError::Value(_)) => true,
        PlaceOrderError::Account(AccountError::Paper(refusal)) => {
            !matches!(refusal, PaperRefusal::NoPrice { .. })
        }
        PlaceOrderError::Lookup(LookupError::Market(_))
        | PlaceOrderError::Limit(
            LimitError::Unreadable(_)
            | LimitError::ProfitUnknown { .. }
            | LimitError::WorthUnknown { .. }
            | LimitError::Unknown,
        )
        | PlaceOrderError::NoPrice { .. }
        | PlaceOrderError::Halted(_)
        | PlaceOrderError::Route(_)
        | PlaceOrderError::Rerouted { .. }
        | PlaceOrderError::CatchUp(_)
        | PlaceOrderError::TwinUnconfirmed { .. }
        | PlaceOrderError::Account(_)
        | PlaceOrderError::TooManyWait { .. }
        | PlaceOrderError::Id(_)
        | PlaceOrderError::Store(_) => false,
    }
}

/// When a leg may be tried again.
pub(super) fn after_a_pause(now: Timestamp) -> Timestamp {
    now.plus(PAUSE)
}
