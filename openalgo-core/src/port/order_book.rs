//! The orders that a broker has, in its own words.

use super::{BrokerReadError, StatusReport};
use crate::id::{BrokerName, BrokerOrderId, OrderTag, UserId};
use crate::market::{InstrumentKey, Timestamp};
use crate::order::{OrderKind, OrderStatus, Product, Side};
use crate::value::{Price, Quantity};
use async_trait::async_trait;
use std::fmt;

/// A line of a broker's order book, whoever placed the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookOrder {
    /// The broker's id of it.
    pub broker_order_id: BrokerOrderId,
    /// Our mark on it, where the broker carries marks and we placed it.
    pub tag: Option<OrderTag>,
    /// What is traded.
    pub instrument: InstrumentKey,
    /// Which way.
    pub side: Side,
    /// Units ordered.
    pub quantity: Quantity,
    /// How long the position is meant to be kept.
    pub product: Product,
    /// What decides its price.
    pub kind: OrderKind,
    /// Where it stands.
    pub status: OrderStatus,
    /// Units filled so far.
    pub filled: Quantity,
    /// Their average price; zero when nothing is filled.
    pub average: Price,
    /// What the broker says about it, such as why it was rejected.
    pub message: Option<String>,
    /// When the broker took it, by its own clock.
    pub placed_at: Timestamp,
}

impl BookOrder {
    /// What this line says about one of our orders, seen at `at`.
    pub fn report(&self, user: UserId, broker: &BrokerName, at: Timestamp) -> StatusReport {
        StatusReport {
            user,
            broker: broker.clone(),
            broker_order_id: self.broker_order_id.clone(),
            status: self.status,
            filled: self.filled,
            average: self.average,
            at,
        }
    }
}

/// The orders of the present trading day at a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBook {
    /// Its lines.
    pub orders: Vec<BookOrder>,
    /// Whether these are all: a page that could not be read, or a line that could not be
    /// understood, makes it `false`, and then what is absent proves nothing.
    pub complete: bool,
}

/// Reads the order book of the user who is logged in.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait OrderBookReader: fmt::Debug + Send + Sync {
    /// All orders of the present trading day, finished ones included.
    async fn orders(&self) -> Result<OrderBook, BrokerReadError>;

    /// Whether every order carries our mark, so that a line without it was not placed by us.
    fn carries_tags(&self) -> bool;
}
