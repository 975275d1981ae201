//! Settings of the installation.

use crate::market::{Exchange, SessionBoundary, Timestamp};
use crate::order::Product;
use crate::strategy::ApprovalExpiry;
use crate::wire::wire_enum;
use rust_decimal::Decimal;
use thiserror::Error;

wire_enum! {
    /// The settings there are; the words are the keys in the database.
    pub enum SettingKey as "setting" {
        /// UI theme: light, dark or system.
        Theme = "theme",
        /// Time of day in India at which sessions end.
        SessionExpiryTime = "session_expiry_time",
        /// Seconds between multi-leg orders.
        SmartOrderDelay = "smart_order_delay",
        /// Product of an order that names none.
        DefaultProduct = "default_product",
        /// Exchange of a symbol that names none.
        DefaultExchange = "default_exchange",
        /// Whether desktop notifications are shown.
        ShowNotifications = "show_notifications",
        /// Whether a sound plays when an order is filled.
        SoundAlerts = "sound_alerts",
        /// Whether every order goes to the paper broker.
        Analyzer = "analyzer",
        /// Where prices come from.
        PriceSource = "price_source",
        /// Seed of the built-in simulated exchange.
        SimulationSeed = "simulation_seed",
        /// Capital that a new paper account starts with, in rupees.
        StartingCapital = "starting_capital",
        /// For how long an order waits for approval.
        ApprovalExpiry = "approval_expiry",
    }
}

/// A setting with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which setting.
    pub key: SettingKey,
    /// Its value.
    pub value: String,
    /// What it does, for people.
    pub description: Option<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A value that a setting cannot have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{value}' is no value for the setting {key}: it must be {rule}")]
pub struct SettingError {
    /// Which setting.
    pub key: SettingKey,
    /// The value as given.
    pub value: Box<str>,
    /// What it must be.
    pub rule: &'static str,
}

/// The starting capitals that a paper account may have (`docs/paper-exchange.md`).
const CAPITALS: [i64; 6] = [
    100_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

impl SettingKey {
    /// Checks that `value` is one that this setting can have.
    pub fn check(self, value: &str) -> Result<(), SettingError> {
        let (accepted, rule) = match self {
            Self::Theme => (
                matches!(value, "light" | "dark" | "system"),
                "light, dark or system",
            ),
            Self::SessionExpiryTime => (
                value.parse::<SessionBoundary>().is_ok(),
                "a time in India such as 03:00",
            ),
            Self::SmartOrderDelay => (is_delay(value), "seconds from 0 to 60, such as 0.5"),
            Self::DefaultProduct => (value.parse::<Product>().is_ok(), "CNC, NRML or MIS"),
            Self::DefaultExchange => (
                value.parse::<Exchange>().is_ok(),
                "an exchange code such as NSE",
            ),
            Self::ShowNotifications | Self::SoundAlerts | Self::Analyzer => {
                (matches!(value, "true" | "false"), "true or false")
            }
            Self::PriceSource => (value == "simulated", "simulated"),
            Self::SimulationSeed => (value.parse::<u64>().is_ok(), "a whole number such as 1"),
            Self::StartingCapital => (
                is_capital(value),
                "100000, 500000, 1000000, 2500000, 5000000 or 10000000",
            ),
            Self::ApprovalExpiry => (
                value.parse::<ApprovalExpiry>().is_ok(),
                "session, or minutes from 1 to 1440",
            ),
        };
        if accepted {
            Ok(())
        } else {
            Err(SettingError {
                key: self,
                value: value.into(),
                rule,
            })
        }
    }
}

fn is_delay(value: &str) -> bool {
    let most = Decimal::from(60);
    value
        .parse()
        .is_ok_and(|seconds: Decimal| (Decimal::ZERO..=most).contains(&seconds))
}

fn is_capital(value: &str) -> bool {
    let capital = value.parse::<Decimal>();
    capital.is_ok_and(|capital| {
        CAPITALS
            .iter()
            .any(|allowed| Decimal::from(*allowed) == capital)
    })
}
