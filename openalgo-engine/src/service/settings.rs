//! Settings, read from memory and changed in the store.
//!
//! One process owns the data, so what this service has read stays true until it changes it.

use crate::errands::Errands;
use openalgo_core::account::{Setting, SettingError, SettingKey};
use openalgo_core::market::{SessionBoundary, Timestamp, TradingDay};
use openalgo_core::port::{SettingRepository, StoreError};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;
use tokio::sync::Semaphore;

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
    /// The runtime is stopping.
    #[error("the engine is stopping")]
    Stopped,
}

/// Reads and changes settings.
#[derive(Debug, Clone)]
pub struct SettingService {
    repository: Arc<dyn SettingRepository>,
    values: Arc<RwLock<BTreeMap<SettingKey, String>>>,
    changes: Arc<AtomicU64>,
    turn: Arc<Semaphore>,
    errands: Errands,
}

impl SettingService {
    pub(crate) async fn open(
        repository: Arc<dyn SettingRepository>,
        errands: Errands,
    ) -> Result<Self, StoreError> {
        let settings = repository.list().await?;
        let values = settings
            .into_iter()
            .map(|setting| (setting.key, setting.value))
            .collect();
        Ok(Self {
            repository,
            values: Arc::new(RwLock::new(values)),
            changes: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
            errands,
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
    ///
    /// Once begun, the change is carried through even if the caller goes away: what orders are
    /// routed by must never differ from what is stored.
    pub async fn set(&self, key: SettingKey, value: &str) -> Result<Setting, ChangeSettingError> {
        key.check(value)?;
        let (service, value) = (self.clone(), value.to_owned());
        let change = async move { service.change(key, &value).await };
        let changed = self.errands.run(change).await;
        changed.ok_or(ChangeSettingError::Stopped)?
    }

    async fn change(&self, key: SettingKey, value: &str) -> Result<Setting, ChangeSettingError> {
        // One change at a time, so that memory sees them in the order in which the disk did.
        let _turn = self
            .turn
            .acquire()
            .await
            .map_err(|_closed| ChangeSettingError::Stopped)?;
        let setting = self.repository.set(key, value).await?;
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.insert(key, setting.value.clone());
        self.changes.fetch_add(1, Ordering::Release);
        Ok(setting)
    }

    /// How often a setting was changed: while it stays so, every value does.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
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

    /// A setting as what it means.
    pub(crate) fn parsed<T>(&self, key: SettingKey) -> Result<T, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        self.value(key)?
            .parse()
            .map_err(|error: T::Err| StoreError::Corrupt {
                table: "settings",
                column: "value",
                row: 0,
                reason: format!("{key}: {error}"),
            })
    }

    /// The trading day that an instant belongs to.
    pub(crate) fn day_of(&self, at: Timestamp) -> Result<TradingDay, StoreError> {
        Ok(self
            .parsed::<SessionBoundary>(SettingKey::SessionExpiryTime)?
            .day_of(at))
    }
}
