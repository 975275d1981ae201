//! What a broker at the other end of a network tells besides the outcome of orders.
//!
//! An adapter owns the connections behind these roles: reconnecting, subscribing again and
//! bounding what waits for a slow reader are its business.

use super::{BoxError, StatusReport};
use crate::portfolio::{BrokerFunds, Holding, Position};
use async_trait::async_trait;
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// Why a broker did not answer a question. Nothing has changed there, so asking again is safe.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BrokerReadError {
    /// The login at the broker is over: log in, then try again.
    #[error("the login at the broker has expired")]
    SessionExpired,
    /// Too many questions: wait, then try again.
    #[error("the broker answers no more questions right now")]
    RateLimited {
        /// How long to wait, where the broker says so.
        retry_after: Option<Duration>,
    },
    /// The broker was not reached, or its answer was not understood.
    #[error("the broker did not answer")]
    Failed(#[source] BoxError),
}

/// Reads what the user who is logged in owns at the broker.
#[async_trait]
pub trait PortfolioReader: fmt::Debug + Send + Sync {
    /// The positions of the day, closed ones included.
    async fn positions(&self) -> Result<Vec<Position>, BrokerReadError>;

    /// The shares in the demat account.
    async fn holdings(&self) -> Result<Vec<Holding>, BrokerReadError>;

    /// The money.
    async fn funds(&self) -> Result<BrokerFunds, BrokerReadError>;
}

/// Streams what the broker says about orders without being asked.
#[async_trait]
pub trait OrderUpdates: fmt::Debug + Send + Sync {
    /// Opens a stream of reports from now on. What happened before, or while a connection was
    /// lost, is in the order book only.
    async fn reports(&self) -> Result<Box<dyn ReportStream>, BrokerReadError>;
}

/// Reports on orders as they come. Dropping it closes the stream.
///
/// What waits for a slow reader is bounded: the latest report on an order replaces those that
/// were not taken yet, as each tells all that is filled so far.
#[async_trait]
pub trait ReportStream: fmt::Debug + Send {
    /// The next report; `None` when the stream is over for good. A call that is abandoned loses
    /// no report.
    async fn next(&mut self) -> Option<StatusReport>;
}
