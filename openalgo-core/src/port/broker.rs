//! A session at a broker: a struct of roles, so that a missing one is visible.

use super::{
    HistorySource, MarketFeed, OrderBookReader, OrderGateway, OrderUpdates, PaperExchange,
    PortfolioReader, QuoteSource,
};
use crate::id::BrokerName;
use std::sync::Arc;

/// How a broker takes orders.
#[derive(Debug, Clone)]
pub enum OrderRole {
    /// Over a network: the intent is durable before it is sent, the outcome before it is told.
    Gateway(Arc<dyn OrderGateway>),
    /// In this process: a pure machine decides, and intent, fill, position and money are
    /// committed together. There is nothing on a wire that could be lost in between.
    Paper(Arc<dyn PaperExchange>),
}

/// What a broker offers to the user who is logged in; `None` is "not offered by this broker".
#[derive(Debug, Clone)]
pub struct BrokerSession {
    /// The broker.
    pub broker: BrokerName,
    /// Takes orders.
    pub orders: OrderRole,
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
    pub fn new(broker: BrokerName, orders: OrderRole) -> Self {
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
