//! Prices that come without being asked for one by one.

use super::BrokerReadError;
use crate::market::{Depth, FeedMode, InstrumentKey, Tick};
use crate::port::MarketError;
use async_trait::async_trait;
use std::fmt;

/// What is wanted of an instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Which instrument.
    pub instrument: InstrumentKey,
    /// How much is to be told of it.
    pub mode: FeedMode,
}

/// Streams prices of the instruments that are subscribed to.
///
/// It keeps no list that matters: whoever reads the stream knows what is wanted, and asks for all
/// of it again after it has opened a new one.
#[async_trait]
pub trait MarketFeed: fmt::Debug + Send + Sync {
    /// Opens a stream of what is subscribed to, now or later. There is one at a time: opening
    /// another one ends the one before.
    async fn open(&self) -> Result<Box<dyn TickStream>, BrokerReadError>;

    /// Asks for prices of instruments. One that is subscribed to already gets the mode that is
    /// asked for now.
    async fn subscribe(&self, wanted: &[Subscription]) -> Result<(), BrokerReadError>;

    /// Asks for no more prices of instruments; those that are not subscribed to are no error.
    async fn unsubscribe(&self, instruments: &[InstrumentKey]) -> Result<(), BrokerReadError>;
}

/// Prices as they come. Dropping it closes the stream.
///
/// What waits for a slow reader is bounded: the latest price of an instrument replaces those that
/// were not taken yet.
#[async_trait]
pub trait TickStream: fmt::Debug + Send {
    /// The next price; `None` when the stream has ended, and a new one must be opened. A call that
    /// is abandoned loses no price.
    async fn next(&mut self) -> Option<Tick>;
}

/// Tells the order book of an instrument.
#[async_trait]
pub trait DepthSource: fmt::Debug + Send + Sync {
    /// The best bids and offers of an instrument right now.
    async fn depth(&self, instrument: &InstrumentKey) -> Result<Depth, MarketError>;
}
