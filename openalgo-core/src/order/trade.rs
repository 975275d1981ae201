//! Executions, as they stand in the trade book.

use super::{Product, Side};
use crate::id::{BrokerName, BrokerTradeId, OrderId, TradeId, UserId};
use crate::market::{InstrumentKey, Timestamp};
use crate::value::{Money, Price, Quantity, ValueError};
use serde::{Deserialize, Serialize};

/// Units of an order that found a counterparty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The broker's id of the execution.
    pub broker_trade_id: Option<BrokerTradeId>,
    /// What was traded.
    pub instrument: InstrumentKey,
    /// Which way.
    pub side: Side,
    /// How many units.
    pub quantity: Quantity,
    /// At which price.
    pub price: Price,
    /// Product of the order.
    pub product: Product,
    /// When it was executed.
    pub at: Timestamp,
}

impl Execution {
    /// Quantity times price.
    pub fn value(&self) -> Result<Money, ValueError> {
        self.price.times(self.quantity)
    }
}

/// An execution to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrade {
    /// Whose trade.
    pub user: UserId,
    /// The broker that executed it.
    pub broker: BrokerName,
    /// The order it belongs to; `None` for a trade made outside this program.
    pub order: Option<OrderId>,
    /// What happened.
    pub execution: Execution,
}

/// One execution in the trade history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// Its number in our history.
    pub id: TradeId,
    /// Whose trade.
    pub user: UserId,
    /// The broker that executed it.
    pub broker: BrokerName,
    /// The order it belongs to; `None` for a trade made outside this program.
    pub order: Option<OrderId>,
    /// What happened.
    pub execution: Execution,
}
