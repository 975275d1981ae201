//! Settings of the installation.

use super::StoreError;
use crate::account::{Setting, SettingKey};
use async_trait::async_trait;
use std::fmt;

/// Keeps settings.
#[async_trait]
pub trait SettingRepository: fmt::Debug + Send + Sync {
    /// One setting. Every setting has a row, so an absent one is an error.
    async fn get(&self, key: SettingKey) -> Result<Setting, StoreError>;

    /// All settings, by key.
    async fn list(&self) -> Result<Vec<Setting>, StoreError>;

    /// Changes a setting; the value has been checked.
    async fn set(&self, key: SettingKey, value: &str) -> Result<Setting, StoreError>;
}
