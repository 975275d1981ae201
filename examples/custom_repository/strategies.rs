//! Webhook strategies and the symbols they may trade.

use super::{Memory, Tables, duplicate, not_found};
use async_trait::async_trait;
use openalgo::core::id::{StrategyId, UserId};
use openalgo::core::market::Timestamp;
use openalgo::core::port::{StoreError, StrategyRepository};
use openalgo::core::strategy::{NewStrategy, Strategy, StrategyPlan, StrategySymbol, WebhookId};
use std::collections::BTreeSet;

impl Tables {
    fn add_strategy(&mut self, new: &NewStrategy, now: Timestamp) -> Result<Strategy, StoreError> {
        let id = StrategyId::new(self.next_number("strategies"));
        self.require_free_name(id, (new.user, &new.plan))?;
        let mut known = self.strategies.iter();
        if known.any(|it| it.webhook_id == new.webhook_id) {
            // The id itself is not for everybody's eyes.
            return Err(duplicate("webhook id of strategy", &new.plan.name));
        }
        self.require_user(new.user)?;
        require_distinct(&new.symbols)?;
        let strategy = Strategy {
            id,
            user: new.user,
            webhook_id: new.webhook_id.clone(),
            plan: new.plan.clone(),
            is_active: new.is_active,
            symbols: new.symbols.clone(),
            created_at: now,
            updated_at: now,
        };
        self.strategies.push(strategy.clone());
        Ok(strategy)
    }

    /// Refuses the name of another strategy of the same user.
    fn require_free_name(
        &self,
        id: StrategyId,
        (user, plan): (UserId, &StrategyPlan),
    ) -> Result<(), StoreError> {
        let others = self.strategies.iter().filter(|it| it.id != id);
        if others
            .filter(|it| it.user == user)
            .any(|it| it.plan.name == plan.name)
        {
            Err(duplicate("strategy", &plan.name))
        } else {
            Ok(())
        }
    }

    fn strategy(&self, id: StrategyId) -> Result<&Strategy, StoreError> {
        let found = self.strategies.iter().find(|it| it.id == id);
        found.ok_or_else(|| not_found("strategy", &id))
    }
}

/// Refuses symbols of which one is there twice.
fn require_distinct(symbols: &[StrategySymbol]) -> Result<(), StoreError> {
    let mut seen = BTreeSet::new();
    for StrategySymbol { instrument, .. } in symbols {
        let name = format!("{}:{}", instrument.exchange, instrument.symbol);
        if !seen.insert(name.clone()) {
            return Err(duplicate("symbol of the strategy", &name));
        }
    }
    Ok(())
}

impl Memory {
    fn change_strategy(
        &self,
        id: StrategyId,
        change: impl FnOnce(&mut Strategy),
    ) -> Result<(), StoreError> {
        self.write(|tables, now| {
            let found = tables.strategies.iter_mut().find(|it| it.id == id);
            let strategy = found.ok_or_else(|| not_found("strategy", &id))?;
            change(strategy);
            strategy.updated_at = now;
            Ok(())
        })
    }
}

#[async_trait]
impl StrategyRepository for Memory {
    async fn insert(&self, strategy: &NewStrategy) -> Result<Strategy, StoreError> {
        self.write(|tables, now| tables.add_strategy(strategy, now))
    }

    async fn get(&self, id: StrategyId) -> Result<Strategy, StoreError> {
        self.read(|tables| tables.strategy(id).cloned())
    }

    async fn find_by_webhook(&self, id: &WebhookId) -> Result<Option<Strategy>, StoreError> {
        let is_it = |strategy: &&Strategy| strategy.webhook_id == *id;
        Ok(self.read(|tables| tables.strategies.iter().find(is_it).cloned()))
    }

    async fn list(&self, user: UserId) -> Result<Vec<Strategy>, StoreError> {
        let is_asked = |strategy: &&Strategy| strategy.user == user;
        let mut listed: Vec<_> =
            self.read(|tables| tables.strategies.iter().filter(is_asked).cloned().collect());
        listed.sort_by(|one, other| one.plan.name.cmp(&other.plan.name));
        Ok(listed)
    }

    async fn set_plan(&self, id: StrategyId, plan: &StrategyPlan) -> Result<(), StoreError> {
        self.read(|tables| tables.require_free_name(id, (tables.strategy(id)?.user, plan)))?;
        self.change_strategy(id, |strategy| strategy.plan = plan.clone())
    }

    async fn set_active(&self, id: StrategyId, active: bool) -> Result<(), StoreError> {
        self.change_strategy(id, |strategy| strategy.is_active = active)
    }

    async fn set_symbols(
        &self,
        id: StrategyId,
        symbols: &[StrategySymbol],
    ) -> Result<(), StoreError> {
        self.read(|tables| tables.strategy(id).map(drop))?;
        require_distinct(symbols)?;
        self.change_strategy(id, |strategy| strategy.symbols = symbols.to_vec())
    }

    async fn delete(&self, id: StrategyId) -> Result<(), StoreError> {
        self.write(|tables, _| {
            tables.strategy(id)?;
            tables.strategies.retain(|it| it.id != id);
            Ok(())
        })
    }
}
