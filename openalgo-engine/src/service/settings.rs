//! Settings, read from memory and changed in the store.
//!
//! One process owns the data, so what this service has read stays true until it changes it.

use openalgo_core::account::{Setting, SettingError, SettingKey};
use openalgo_core::market::SessionBoundary;
use openalgo_core::port::{SettingRepository, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

/// Why a setting was not changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChangeSettingError {
    /// The setting cannot have that value.
    #[error(transparent)]
    Value(#[from] SettingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads and changes settings.
#[derive(Debug, Clone)]
pub struct SettingService {
    repository: Arc<dyn SettingRepository>,
    values: Arc<RwLock<BTreeMap<SettingKey, String>>>,
}

impl SettingService {
    pub(crate) async fn open(repository: Arc<dyn SettingRepository>) -> Result<Self, StoreError> {
        let settings = repository.list().await?;
        let values = settings
            .into_iter()
            .map(|setting| (setting.key, setting.value))
            .collect();
        Ok(Self {
            repository,
            values: Arc::new(RwLock::new(values)),
        })
    }

    /// All settings.
    pub async fn list(&self) -> Result<Vec<Setting>, StoreError> {
        self.repository.list().await
    }

    /// One setting.
    pub async fn get(&self, key: SettingKey) -> Result<Setting, StoreError> {
        self.repository.get(key).await
    }

    /// Changes a setting, if it can have that value.
    pub async fn set(&self, key: SettingKey, value: &str) -> Result<Setting, ChangeSettingError> {
        key.check(value)?;
        let setting = self.repository.set(key, value).await?;
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.insert(key, setting.value.clone());
        Ok(setting)
    }

    /// The value of a setting. A setting without a row is an error, never a default.
    pub(crate) fn value(&self, key: SettingKey) -> Result<String, StoreError> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        let value = values.get(&key).cloned();
        value.ok_or_else(|| StoreError::NotFound {
            what: "setting",
            id: key.to_string(),
        })
    }

    /// When a trading day ends and the next begins.
    pub(crate) fn session_boundary(&self) -> SessionBoundary {
        let value = self.value(SettingKey::SessionExpiryTime);
        value
            .ok()
            .and_then(|value| value.parse().ok())
            .unwrap_or_default()
    }
}
