//! Telegram bots.

use super::StoreError;
use crate::account::TelegramConfig;
use crate::id::UserId;
use async_trait::async_trait;
use std::fmt;

/// Keeps one bot per user; its token is sealed.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait TelegramRepository: fmt::Debug + Send + Sync {
    /// Keeps a configuration in place of the user's present one.
    async fn upsert(&self, config: &TelegramConfig) -> Result<(), StoreError>;

    /// A user's configuration.
    async fn find(&self, user: UserId) -> Result<Option<TelegramConfig>, StoreError>;
}
