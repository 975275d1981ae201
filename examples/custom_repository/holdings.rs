//! Delivered shares.

use super::{Memory, Tables};
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, UserId};
use openalgo::core::port::{HoldingRepository, StoreError};
use openalgo::core::portfolio::{Holding, HoldingKey};

/// The exchange does not count: a share is the same wherever it was bought.
fn is_same(one: &HoldingKey, other: &HoldingKey) -> bool {
    one.user == other.user
        && one.broker == other.broker
        && one.instrument.symbol == other.instrument.symbol
}

impl Tables {
    /// Keeps a holding in place of the one with the same key.
    pub(super) fn keep_holding(&mut self, holding: &Holding) -> Result<(), StoreError> {
        self.require_user(holding.key.user)?;
        let mut present = self.holdings.iter_mut();
        match present.find(|it| is_same(&it.key, &holding.key)) {
            Some(present) => present.clone_from(holding),
            None => self.holdings.push(holding.clone()),
        }
        Ok(())
    }

    /// What a user holds; what was sold as a whole is none.
    pub(super) fn holdings_of(&self, user: UserId, broker: Option<&BrokerName>) -> Vec<Holding> {
        let is_held = |it: &&Holding| {
            let is_here = broker.is_none_or(|broker| it.key.broker == *broker);
            let is_empty = it.quantity.is_zero() && it.t1_quantity.is_zero();
            it.key.user == user && is_here && !is_empty
        };
        self.holdings.iter().filter(is_held).cloned().collect()
    }
}

#[async_trait]
impl HoldingRepository for Memory {
    async fn upsert(&self, holding: &Holding) -> Result<(), StoreError> {
        self.write(|tables, _| tables.keep_holding(holding))
    }

    async fn list<'a>(
        &self,
        user: UserId,
        broker: Option<&'a BrokerName>,
    ) -> Result<Vec<Holding>, StoreError> {
        Ok(self.read(|tables| tables.holdings_of(user, broker)))
    }
}
