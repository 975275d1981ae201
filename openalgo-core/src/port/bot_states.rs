//! What bots keep.

use super::StoreError;
use crate::strategy::{BotChanges, BotKey, BotState};
use async_trait::async_trait;
use std::fmt;

/// Keeps what bots need to go on where they were.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait BotStateRepository: fmt::Debug + Send + Sync {
    /// All that a bot keeps; nothing of one that never kept anything.
    async fn read(&self, bot: &BotKey) -> Result<BotState, StoreError>;

    /// Changes what a bot keeps, all of it or nothing. What is not named stays; taking away what is
    /// not there changes nothing. Keeping something needs the user.
    async fn save(&self, bot: &BotKey, changes: &BotChanges) -> Result<(), StoreError>;

    /// Takes all that a bot keeps away; how much that was.
    async fn forget(&self, bot: &BotKey) -> Result<u64, StoreError>;
}
