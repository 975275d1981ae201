//! An order that was decided on, before anybody outside knows of it.

use super::{NewOrder, OrderEventKind, OrderKind, OrderRequest, TradingMode};
use crate::id::{BrokerName, InstrumentToken, IntentId, OrderId, OrderTag, UserId};
use crate::market::{Timestamp, TradingDay};
use crate::portfolio::PositionKey;
use crate::value::Price;
use serde::{Deserialize, Serialize};

/// What will be traded, for whom, where and in which mode. Written before it takes effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderIntent {
    /// Our id of it.
    pub id: IntentId,
    /// Whose order.
    pub user: UserId,
    /// The broker it goes to.
    pub broker: BrokerName,
    /// Real money or paper; carried with the order and its exits.
    pub mode: TradingMode,
    /// The session it belongs to.
    pub trading_day: TradingDay,
    /// The order itself, with the quantity and price that hold by now.
    pub order: NewOrder,
    /// The broker's number for the instrument, where one is known.
    #[serde(default)]
    pub token: Option<InstrumentToken>,
    /// The request that it came from, where that says more than the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<OrderRequest>,
    /// The last price when it was decided, of an order at the market: what it was expected to be
    /// filled at. `None` where no price could be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ltp: Option<Price>,
    /// When it was decided.
    pub at: Timestamp,
}

impl OrderIntent {
    /// The position that its fills change.
    pub fn position(&self) -> PositionKey {
        PositionKey {
            user: self.user,
            broker: self.broker.clone(),
            instrument: self.order.instrument.clone(),
            product: self.order.product,
        }
    }

    /// Takes over what an event changes about what was asked for. The first entry of the journal
    /// keeps what it was at the beginning.
    pub fn amend(&mut self, event: &OrderEventKind) {
        if let OrderEventKind::Modified { quantity, kind, .. } = event {
            self.order.quantity = *quantity;
            self.order.kind = *kind;
            self.ltp = self.ltp.filter(|_| *kind == OrderKind::Market);
        }
    }
}

/// An intent that the journal has made durable: the only thing a broker's `submit` accepts.
///
/// Only [`crate::journal::Journal`] can make one, so no code path reaches a broker with an order
/// that a crash could make us forget.
#[derive(Debug)]
pub struct JournaledIntent {
    intent: OrderIntent,
    order: OrderId,
}

impl JournaledIntent {
    pub(crate) fn new(intent: OrderIntent, order: OrderId) -> Self {
        Self { intent, order }
    }

    /// The intent as journaled.
    pub fn intent(&self) -> &OrderIntent {
        &self.intent
    }

    /// The mark that the order carries at a broker which carries one.
    pub fn tag(&self) -> OrderTag {
        self.intent.id.tag()
    }

    /// The order row it was journaled as.
    pub fn order_id(&self) -> OrderId {
        self.order
    }
}
