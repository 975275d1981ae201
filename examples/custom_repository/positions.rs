//! Positions.

use super::{Memory, Tables};
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::port::{PositionRepository, StoreError};
use openalgo::core::portfolio::Position;
use openalgo::core::value::Money;

impl Tables {
    /// Keeps a position in place of the one with the same key.
    pub(super) fn keep_position(&mut self, position: &Position) -> Result<(), StoreError> {
        self.require_user(position.key.user)?;
        match self.positions.iter_mut().find(|it| it.key == position.key) {
            Some(present) => present.clone_from(position),
            None => self.positions.push(position.clone()),
        }
        Ok(())
    }
}

#[async_trait]
impl PositionRepository for Memory {
    async fn upsert(&self, position: &Position) -> Result<(), StoreError> {
        self.write(|tables, _| tables.keep_position(position))
    }

    async fn list<'a>(
        &self,
        user: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<Vec<Position>, StoreError> {
        let is_open = |it: &&Position| {
            let is_here = broker.is_none_or(|broker| it.key.broker == *broker);
            it.key.user == user && is_here && !it.quantity.is_flat()
        };
        Ok(self.read(|tables| tables.positions.iter().filter(is_open).cloned().collect()))
    }

    async fn of_day(
        &self,
        user: UserId,
        broker: &BrokerName,
        since: Timestamp,
    ) -> Result<Vec<Position>, StoreError> {
        let is_of_day = |it: &&Position| {
            let was_closed = it.today_realized_pnl != Money::ZERO && it.updated_at >= since;
            let is_theirs = it.key.user == user && it.key.broker == *broker;
            is_theirs && (!it.quantity.is_flat() || was_closed)
        };
        Ok(self.read(|tables| tables.positions.iter().filter(is_of_day).cloned().collect()))
    }
}
