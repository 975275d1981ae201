//! What was asked for and answered.

use crate::ports::Ports;
use crate::recorder::Records;
use openalgo_core::monitor::{NewOrderLog, OrderLog};
use openalgo_core::port::{OrderLogQuery, StoreError};
use std::sync::Arc;

/// Keeps requests and their answers for thirty days.
#[derive(Debug, Clone)]
pub struct LogService {
    ports: Arc<Ports>,
    records: Records,
}

impl LogService {
    pub(crate) fn new(ports: Arc<Ports>, records: Records) -> Self {
        Self { ports, records }
    }

    /// Hands a request and its answer over, to be kept a moment later; waits for nothing.
    ///
    /// Frontends call it, as only they know what was said. They leave keys, tokens and passwords
    /// out of both.
    pub fn record(&self, log: NewOrderLog) {
        self.records.drop_in(log);
    }

    /// The newest requests of those that are asked for. What was recorded within the last moment
    /// may not be among them yet.
    pub async fn list(&self, query: &OrderLogQuery) -> Result<Vec<OrderLog>, StoreError> {
        self.ports.order_logs.list(query).await
    }
}
