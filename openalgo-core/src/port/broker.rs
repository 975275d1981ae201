//! A session at a broker: a struct of roles, so that a missing one is visible.

use super::{
    HistorySource, MarketFeed, OrderBookReader, OrderGateway, OrderUpdates, PortfolioReader,
    QuoteSource,
};
use crate::id::BrokerName;
use std::sync::Arc;

/// What a broker offers to the user who is logged in; `None` is "not offered by this broker". The
/// paper exchange is none: it is in this process, and nothing on a wire could be lost
/// ([`super::PaperExchange`]).
#[derive(Debug, Clone)]
pub struct BrokerSession {
    /// The broker.
    pub broker: BrokerName,
    /// Takes orders: the intent is durable before it is sent, the outcome before it is told.
    pub orders: Arc<dyn OrderGateway>,
    /// Tells which orders the broker has; without it, an order whose outcome is unknown is for
    /// the user to settle.
    pub order_book: Option<Arc<dyn OrderBookReader>>,
    /// Tells prices.
    pub quotes: Option<Arc<dyn QuoteSource>>,
    /// Tells past prices.
    pub history: Option<Arc<dyn HistorySource>>,
    /// Tells what the user owns there.
    pub portfolio: Option<Arc<dyn PortfolioReader>>,
    /// Streams prices.
    pub feed: Option<Arc<dyn MarketFeed>>,
    /// Streams what happens to orders.
    pub order_updates: Option<Arc<dyn OrderUpdates>>,
}

impl BrokerSession {
    /// A session at a broker that takes orders and offers nothing else.
    pub fn new(broker: BrokerName, orders: Arc<dyn OrderGateway>) -> Self {
        Self {
            broker,
            orders,
            order_book: None,
            quotes: None,
            history: None,
            portfolio: None,
            feed: None,
            order_updates: None,
        }
    }
}
