//! Settings of the installation.

use super::{Memory, not_found};
use async_trait::async_trait;
use openalgo::core::account::{Setting, SettingKey};
use openalgo::core::market::Timestamp;
use openalgo::core::port::{SettingRepository, StoreError};
use std::collections::BTreeMap;

/// Settings by their words, the order in which they are listed.
pub(super) type Settings = BTreeMap<&'static str, Setting>;

/// What the settings are until somebody changes them.
pub(super) fn initial_settings(at: Timestamp) -> Settings {
    let setting = |key: &SettingKey| {
        let (value, description) = initial(*key);
        let setting = Setting {
            key: *key,
            value: value.to_owned(),
            description: Some(description.to_owned()),
            updated_at: at,
        };
        (key.as_str(), setting)
    };
    SettingKey::ALL.iter().map(setting).collect()
}

fn initial(key: SettingKey) -> (&'static str, &'static str) {
    match key {
        SettingKey::Theme => ("dark", "UI theme: light, dark, system"),
        SettingKey::SessionExpiryTime => ("03:00", "Daily session expiry time IST"),
        SettingKey::SmartOrderDelay => ("0.5", "Delay between multi-leg orders"),
        SettingKey::DefaultProduct => ("MIS", "Default product type"),
        SettingKey::DefaultExchange => ("NSE", "Default exchange"),
        SettingKey::ShowNotifications => ("true", "Show desktop notifications"),
        SettingKey::SoundAlerts => ("true", "Play sound on order execution"),
        SettingKey::Analyzer => ("true", "Send every order to the paper broker"),
        SettingKey::PriceSource => ("simulated", "Where prices come from"),
        SettingKey::SimulationSeed => ("1", "Seed of the built-in simulated exchange"),
        SettingKey::StartingCapital => ("10000000.00", "Capital of a new paper account in rupees"),
        SettingKey::ApprovalExpiry => (
            "session",
            "How long an order waits for approval: session, or minutes",
        ),
    }
}

#[async_trait]
impl SettingRepository for Memory {
    async fn get(&self, key: SettingKey) -> Result<Setting, StoreError> {
        let setting = self.read(|tables| tables.settings.get(key.as_str()).cloned());
        setting.ok_or_else(|| not_found("setting", &key))
    }

    async fn list(&self) -> Result<Vec<Setting>, StoreError> {
        Ok(self.read(|tables| tables.settings.values().cloned().collect()))
    }

    async fn set(&self, key: SettingKey, value: &str) -> Result<Setting, StoreError> {
        self.write(|tables, now| {
            let setting = tables.settings.get_mut(key.as_str());
            let setting = setting.ok_or_else(|| not_found("setting", &key))?;
            value.clone_into(&mut setting.value);
            setting.updated_at = now;
            Ok(setting.clone())
        })
    }
}
