//! An order as it is asked for.

use super::{OrderKind, OrderSource, Product, Side};
use crate::id::ClientOrderId;
use crate::market::InstrumentKey;
use crate::value::Quantity;
use serde::{Deserialize, Serialize};

/// A request to trade. Nothing in it has been checked against an instrument yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrder {
    /// What to trade.
    pub instrument: InstrumentKey,
    /// Which way.
    pub side: Side,
    /// How many units (not lots).
    pub quantity: Quantity,
    /// How long the position is meant to be kept.
    pub product: Product,
    /// What decides the price.
    pub kind: OrderKind,
    /// Name of the strategy that asks, if any.
    #[serde(default)]
    pub strategy: Option<String>,
    /// Where the request came from.
    pub source: OrderSource,
    /// The sender's own id: the same id and order again is the same order. Of one that came from a
    /// request with an id ([`OrderRequest`](super::OrderRequest)), its part in that.
    #[serde(default)]
    pub client_order_id: Option<ClientOrderId>,
}

impl NewOrder {
    /// A market order placed by the embedding program.
    pub fn market(instrument: InstrumentKey, side: Side, quantity: Quantity) -> Self {
        Self {
            instrument,
            side,
            quantity,
            product: Product::Mis,
            kind: OrderKind::Market,
            strategy: None,
            source: OrderSource::Api,
            client_order_id: None,
        }
    }
}
