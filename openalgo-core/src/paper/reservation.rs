//! What is reserved for orders that wait for a price.

use crate::id::TriggerId;
use crate::market::Timestamp;
use crate::order::{Gtt, NewOrder};
use crate::rule::gtt::order_of;
use crate::value::{Money, Price};
use crate::wire::wire_enum;

wire_enum! {
    /// What an order that waits for one of two prices reserves.
    pub enum OcoMargin as "OCO margin" {
        /// What the dearer of its legs needs, as only one of them is placed.
        Max = "max",
        /// What both need together.
        Sum = "sum",
    }
}

/// What is reserved for an order that waits for a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Which one.
    pub gtt: TriggerId,
    /// How much.
    pub margin: Money,
}

/// The orders that one that waits for a price may place, each with the price that it is expected
/// to trade at: its limit, or else its trigger.
#[derive(Debug, Clone)]
pub struct GttOrders {
    /// Which one.
    pub gtt: TriggerId,
    /// The order of each leg.
    pub legs: Vec<(NewOrder, Price)>,
    /// When that is asked for.
    pub at: Timestamp,
}

impl GttOrders {
    /// Those of one as it stands. A leg whose order could have no id is left out: it is never
    /// placed.
    pub fn of(gtt: &Gtt, at: Timestamp) -> Self {
        let legs = gtt.legs.as_slice().iter();
        let order = |leg| order_of(gtt, leg).ok();
        Self {
            gtt: gtt.trigger_id.clone(),
            legs: legs
                .filter_map(|leg| Some((order(leg)?, leg.limit.unwrap_or(leg.trigger))))
                .collect(),
            at,
        }
    }
}
