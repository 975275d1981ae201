//! Positions.

use super::StoreError;
use crate::id::{BrokerName, UserId};
use crate::portfolio::Position;
use async_trait::async_trait;
use std::fmt;

/// Keeps positions, one per user, broker, exchange, symbol and product.
#[async_trait]
pub trait PositionRepository: fmt::Debug + Send + Sync {
    /// Keeps a position in place of the one with the same key. Its user must exist.
    async fn upsert(&self, position: &Position) -> Result<(), StoreError>;

    /// The open positions of a user at a broker, or at all of them; those kept first come first.
    /// A flat position is not open.
    async fn list(
        &self,
        user: UserId,
        broker: Option<&BrokerName>,
    ) -> Result<Vec<Position>, StoreError>;
}
