//! A feed whose prices somebody else tells: tests, and a benchmark.

use async_trait::async_trait;
use openalgo::core::market::{InstrumentKey, Tick};
use openalgo::core::port::{BrokerReadError, MarketFeed, Subscription, TickStream};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// A feed of the prices that are sent to it.
#[derive(Debug, Clone)]
pub(crate) struct Told(Arc<Mutex<mpsc::Receiver<Tick>>>);

impl Told {
    pub(crate) fn new(prices: mpsc::Receiver<Tick>) -> Self {
        Self(Arc::new(Mutex::new(prices)))
    }
}

#[async_trait]
impl MarketFeed for Told {
    async fn open(&self) -> Result<Box<dyn TickStream>, BrokerReadError> {
        Ok(Box::new(self.clone()))
    }

    async fn subscribe(&self, _wanted: &[Subscription]) -> Result<(), BrokerReadError> {
        Ok(())
    }

    async fn unsubscribe(&self, _instruments: &[InstrumentKey]) -> Result<(), BrokerReadError> {
        Ok(())
    }
}

#[async_trait]
impl TickStream for Told {
    async fn next(&mut self) -> Option<Tick> {
        self.0.lock().await.recv().await
    }
}
