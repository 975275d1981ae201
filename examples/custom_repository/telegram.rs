//! Telegram bots.

use super::Memory;
use async_trait::async_trait;
use openalgo::core::account::TelegramConfig;
use openalgo::core::id::UserId;
use openalgo::core::port::{StoreError, TelegramRepository};

#[async_trait]
impl TelegramRepository for Memory {
    async fn upsert(&self, config: &TelegramConfig) -> Result<(), StoreError> {
        self.write(|tables, _| {
            tables.require_user(config.user)?;
            tables.telegram.insert(config.user, config.clone());
            Ok(())
        })
    }

    async fn find(&self, user: UserId) -> Result<Option<TelegramConfig>, StoreError> {
        Ok(self.read(|tables| tables.telegram.get(&user).cloned()))
    }
}
