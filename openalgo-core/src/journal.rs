//! The journal: no order leaves this process before its intent is on disk.

mod archive;

pub use archive::{
    BadEntry, ChainKey, ChainLink, ChainReport, Flaw, JournalExtent, JournalReport, JournalScope,
    StoredEntry,
};

use crate::order::{JournaledIntent, Order, OrderEvent, OrderIntent};
use crate::port::{OrderRepository, StoreError};
use std::sync::Arc;

/// The only maker of [`JournaledIntent`]s.
#[derive(Debug, Clone)]
pub struct Journal {
    orders: Arc<dyn OrderRepository>,
}

impl Journal {
    /// A journal kept in `orders`.
    pub fn new(orders: Arc<dyn OrderRepository>) -> Self {
        Self { orders }
    }

    /// Makes an intent durable and marks it as on its way. Only now may a broker see it.
    pub async fn record(&self, intent: OrderIntent) -> Result<JournaledIntent, StoreError> {
        let order = self.orders.insert(&intent).await?;
        Ok(JournaledIntent::new(intent, order.id))
    }

    /// Makes an order durable that was cancelled before it left: no broker ever sees it.
    pub async fn record_cancelled(
        &self,
        intent: &OrderIntent,
        reason: &str,
    ) -> Result<Order, StoreError> {
        self.orders.insert_cancelled(intent, reason).await
    }

    /// Makes durable what became of an intent.
    pub async fn append(
        &self,
        intent: &JournaledIntent,
        event: &OrderEvent,
    ) -> Result<Order, StoreError> {
        self.orders.append(intent.order_id(), event).await
    }
}
