//! Positions.

#![cfg_attr(
    any(test, feature = "testing"),
    expect(clippy::ref_option_ref, reason = "the mock is written by a macro")
)]

use super::StoreError;
use crate::id::{BrokerName, UserId};
use crate::market::Timestamp;
use crate::portfolio::Position;
use async_trait::async_trait;
use std::fmt;

/// Keeps positions, one per user, broker, exchange, symbol and product.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait PositionRepository: fmt::Debug + Send + Sync {
    /// Keeps a position in place of the one with the same key. Its user must exist.
    async fn upsert(&self, position: &Position) -> Result<(), StoreError>;

    /// The open positions of a user at a broker, or at all of them; those kept first come first.
    /// A flat position is not open.
    async fn list<'a>(
        &self,
        user: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<Vec<Position>, StoreError>;

    /// The positions of a trading day that began at `since`, of a user at a broker: the open ones,
    /// and the flat ones in which something was made or lost since then. Those kept first come
    /// first.
    async fn of_day(
        &self,
        user: UserId,
        broker: &BrokerName,
        since: Timestamp,
    ) -> Result<Vec<Position>, StoreError>;
}
