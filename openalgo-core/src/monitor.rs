//! What is recorded about requests, apart from the orders themselves.

mod audit;
mod idempotency;
mod reason;

pub use audit::{AuditAction, AuditEntry, Author, Surface};
pub use idempotency::{BodyHash, BodyHashError, REMEMBERED};
pub use reason::{Reason, ReasonError};

use crate::id::{BrokerName, UserId};
use crate::market::Timestamp;
use crate::wire::wire_enum;
use std::time::Duration;

/// One request of a client and the answer it got, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrderLog {
    /// Who asked, if that was established.
    pub user: Option<UserId>,
    /// What was called.
    pub endpoint: String,
    /// How it was called.
    pub method: String,
    /// The request as JSON, secrets left out.
    pub request: Option<String>,
    /// The answer as JSON.
    pub response: Option<String>,
    /// Status of the answer.
    pub status_code: Option<u16>,
    /// How long the answer took.
    pub latency: Option<Duration>,
    /// Address of the caller.
    pub ip_address: Option<String>,
    /// What the caller says it is.
    pub user_agent: Option<String>,
}

/// A request as it is kept, for 30 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLog {
    /// The request and its answer.
    pub entry: NewOrderLog,
    /// Wall time at which it was kept.
    pub created_at: Timestamp,
}

wire_enum! {
    /// What was measured.
    pub enum Operation as "operation" {
        /// Placing an order.
        Place = "place",
        /// Changing an order.
        Modify = "modify",
        /// Cancelling an order.
        Cancel = "cancel",
    }
}

/// Where the time of an order went, each part measured by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LatencySplit {
    /// Waiting for the account and for the order's turn at the broker.
    pub queue: Duration,
    /// Deciding, and making it durable.
    pub own: Duration,
    /// Waiting for the broker.
    pub broker: Duration,
}

impl LatencySplit {
    /// All of it.
    pub fn total(&self) -> Duration {
        self.queue
            .saturating_add(self.own)
            .saturating_add(self.broker)
    }
}

/// How long an order took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatencyMetric {
    /// Whose order.
    pub user: Option<UserId>,
    /// Which broker.
    pub broker: BrokerName,
    /// Which order.
    pub order_id: Option<String>,
    /// What was done.
    pub operation: Operation,
    /// How long it took.
    pub latency: Duration,
    /// Where that time went; `None` for what was measured as a whole.
    pub split: Option<LatencySplit>,
    /// When.
    pub created_at: Timestamp,
}
