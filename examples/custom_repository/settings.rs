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

#[expect(clippy::too_many_lines, reason = "one line for each setting")]
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
        SettingKey::StartingCapital => ("10000000.00", "Capital of every paper account in rupees"),
        SettingKey::ResetDay => (
            "Never",
            "Weekday on which paper accounts start anew, or Never",
        ),
        SettingKey::ResetTime => ("00:00", "Time IST at which they do"),
        SettingKey::NseBseSquareOffTime => (
            "15:15",
            "Square-off of MIS on paper, NSE, BSE, NFO and BFO, IST",
        ),
        SettingKey::CdsBcdSquareOffTime => {
            ("16:45", "Square-off of MIS on paper, CDS and BCD, IST")
        }
        SettingKey::McxSquareOffTime => ("23:30", "Square-off of MIS on paper, MCX, IST"),
        SettingKey::NcdexSquareOffTime => ("17:00", "Square-off of MIS on paper, NCDEX, IST"),
        SettingKey::EquityMisLeverage => ("5", "Leverage of intraday shares on paper"),
        SettingKey::EquityCncLeverage => ("1", "Leverage of delivered shares on paper"),
        SettingKey::FuturesLeverage => ("10", "Leverage of futures on paper"),
        SettingKey::OptionBuyLeverage => ("1", "Leverage of options bought on paper"),
        SettingKey::OptionSellLeverage => ("1", "Leverage of options sold on paper"),
        SettingKey::ExpirySettlementTiming => (
            "expiry_day_close",
            "When expired contracts settle on paper: expiry_day_close or next_day",
        ),
        SettingKey::OptionExpirySettlement => (
            "ltp",
            "Price at which expired options settle on paper: ltp or zero",
        ),
        SettingKey::GttOcoMarginMode => (
            "max",
            "What an OCO GTT reserves on paper: max or sum of its legs",
        ),
        SettingKey::PaperCharges => (
            "none",
            "Whose charges trades on paper bear: none or zerodha",
        ),
        SettingKey::PaperSlippageTicks => (
            "0",
            "Ticks by which trades at the market are worse on paper",
        ),
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
