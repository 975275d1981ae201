//! A broker on the way to which orders overtake one another.

use crate::exchange::Exchange;
use async_trait::async_trait;
use openalgo::core::id::BrokerOrderId;
use openalgo::core::order::{JournaledIntent, NewOrder};
use openalgo::core::port::{Acknowledgement, CancelError, ModifyError, OrderGateway, SubmitError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The exchange at the end of ways of different lengths.
#[derive(Debug)]
pub(super) struct Unhurried {
    exchange: Arc<Exchange>,
    sent: AtomicU32,
}

impl Unhurried {
    pub(super) fn new(exchange: Arc<Exchange>) -> Self {
        Self {
            exchange,
            sent: AtomicU32::new(0),
        }
    }
}

/// Lets others go first.
async fn dawdle(times: u32) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl OrderGateway for Unhurried {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        dawdle(number * 7 % 5).await;
        let answer = self.exchange.submit(intent).await;
        dawdle(number * 3 % 4).await;
        answer
    }

    async fn modify(&self, order: &BrokerOrderId, asked: &NewOrder) -> Result<(), ModifyError> {
        self.exchange.modify(order, asked).await
    }

    async fn cancel(&self, order: &BrokerOrderId) -> Result<(), CancelError> {
        self.exchange.cancel(order).await
    }
}
