//! Settings of the installation.

use super::StoreError;
use crate::account::{Setting, SettingKey};
use async_trait::async_trait;
use std::fmt;

/// Keeps settings. A new store has all of them, with their initial values: orders go to paper.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait SettingRepository: fmt::Debug + Send + Sync {
    /// One setting. Every setting has a row, so an absent one is an error.
    async fn get(&self, key: SettingKey) -> Result<Setting, StoreError>;

    /// All settings, in the order of their keys' words.
    async fn list(&self) -> Result<Vec<Setting>, StoreError>;

    /// Changes a setting, dates it, and gives it as it is kept. The caller has checked the value.
    async fn set(&self, key: SettingKey, value: &str) -> Result<Setting, StoreError>;
}
