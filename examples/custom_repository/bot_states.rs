//! What bots keep.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::port::{BotStateRepository, StoreError};
use openalgo::core::strategy::{BotChanges, BotKey, BotState};

#[async_trait]
impl BotStateRepository for Memory {
    async fn read(&self, bot: &BotKey) -> Result<BotState, StoreError> {
        Ok(self.read(|tables| tables.bot_states.get(bot).cloned().unwrap_or_default()))
    }

    async fn save(&self, bot: &BotKey, changes: &BotChanges) -> Result<(), StoreError> {
        self.write(|tables, _| {
            if changes.values().any(Option::is_some) {
                tables.require_user(bot.user)?;
            }
            let kept = tables.bot_states.entry(bot.clone()).or_default();
            for (key, change) in changes {
                match change {
                    Some(value) => kept.insert(key.clone(), value.clone()),
                    None => kept.remove(key),
                };
            }
            Ok(())
        })
    }

    async fn forget(&self, bot: &BotKey) -> Result<u64, StoreError> {
        self.write(|tables, _| {
            let gone = tables.bot_states.remove(bot).unwrap_or_default();
            Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
        })
    }
}
