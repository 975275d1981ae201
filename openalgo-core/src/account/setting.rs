//! Settings of the installation.

use crate::market::{Exchange, SessionBoundary, TimeOfDay, Timestamp};
use crate::order::Product;
use crate::paper::{ExpiryTiming, OcoMargin, OptionSettlement, ResetDay};
use crate::rule::charges::ChargesOf;
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
        /// Capital of every paper account, in rupees.
        StartingCapital = "starting_capital",
        /// Day on which every paper account starts anew.
        ResetDay = "reset_day",
        /// Time of day in India at which it does.
        ResetTime = "reset_time",
        /// When intraday positions on NSE, BSE, NFO and BFO are closed on paper.
        NseBseSquareOffTime = "nse_bse_square_off_time",
        /// The same on CDS and BCD.
        CdsBcdSquareOffTime = "cds_bcd_square_off_time",
        /// The same on MCX.
        McxSquareOffTime = "mcx_square_off_time",
        /// The same on NCDEX.
        NcdexSquareOffTime = "ncdex_square_off_time",
        /// Leverage of intraday shares on paper.
        EquityMisLeverage = "equity_mis_leverage",
        /// Leverage of delivered shares on paper.
        EquityCncLeverage = "equity_cnc_leverage",
        /// Leverage of futures on paper.
        FuturesLeverage = "futures_leverage",
        /// Leverage of options bought on paper.
        OptionBuyLeverage = "option_buy_leverage",
        /// Leverage of options sold on paper.
        OptionSellLeverage = "option_sell_leverage",
        /// When a contract that has expired is settled on paper.
        ExpirySettlementTiming = "expiry_settlement_timing",
        /// At what price an option that has expired is settled on paper.
        OptionExpirySettlement = "option_expiry_settlement",
        /// What an order that waits for one of two prices reserves on paper.
        GttOcoMarginMode = "gtt_oco_margin_mode",
        /// Whose charges trades on paper bear.
        PaperCharges = "paper_charges",
        /// By how many ticks trades at the market are worse on paper.
        PaperSlippageTicks = "paper_slippage_ticks",
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
#[error("'{value}' is no value for the setting {key}: {rule}")]
pub struct SettingError {
    /// Which setting.
    pub key: SettingKey,
    /// The value as given.
    pub value: Box<str>,
    /// What it must be, as a sentence; those of the sandbox are the ones that its users know.
    pub rule: &'static str,
}

/// The starting capitals that a paper account may have (`docs/paper-exchange.md`).
const CAPITALS: [i64; 6] = [
    100_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

impl SettingKey {
    /// Checks that `value` is one that this setting can have.
    pub fn check(self, value: &str) -> Result<(), SettingError> {
        if self.accepts(value) {
            return Ok(());
        }
        Err(SettingError {
            key: self,
            value: value.into(),
            rule: self.rule(value),
        })
    }

    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Theme => matches!(value, "light" | "dark" | "system"),
            Self::SessionExpiryTime => value.parse::<SessionBoundary>().is_ok(),
            Self::SmartOrderDelay => is_delay(value),
            Self::DefaultProduct => value.parse::<Product>().is_ok(),
            Self::DefaultExchange => value.parse::<Exchange>().is_ok(),
            Self::ShowNotifications | Self::SoundAlerts | Self::Analyzer => {
                matches!(value, "true" | "false")
            }
            Self::PriceSource => value == "simulated",
            Self::SimulationSeed => value.parse::<u64>().is_ok(),
            Self::ApprovalExpiry => value.parse::<ApprovalExpiry>().is_ok(),
            Self::StartingCapital => is_capital(value),
            Self::ResetDay => value.parse::<ResetDay>().is_ok(),
            Self::ResetTime
            | Self::NseBseSquareOffTime
            | Self::CdsBcdSquareOffTime
            | Self::McxSquareOffTime
            | Self::NcdexSquareOffTime => value.parse::<TimeOfDay>().is_ok(),
            Self::EquityMisLeverage
            | Self::EquityCncLeverage
            | Self::FuturesLeverage
            | Self::OptionBuyLeverage
            | Self::OptionSellLeverage => matches!(value.parse(), Ok(1_u8..=50)),
            Self::ExpirySettlementTiming => value.parse::<ExpiryTiming>().is_ok(),
            Self::OptionExpirySettlement => value.parse::<OptionSettlement>().is_ok(),
            Self::GttOcoMarginMode => value.parse::<OcoMargin>().is_ok(),
            Self::PaperCharges => value.parse::<ChargesOf>().is_ok(),
            Self::PaperSlippageTicks => matches!(value.parse(), Ok(0_u8..=100)),
        }
    }

    /// The rule that `value` breaks. What people know from the sandbox is said in its words.
    fn rule(self, value: &str) -> &'static str {
        match self {
            Self::Theme => "it must be light, dark or system",
            Self::SessionExpiryTime => "it must be a time in India such as 03:00",
            Self::SmartOrderDelay => "it must be seconds from 0 to 60, such as 0.5",
            Self::DefaultProduct => "it must be CNC, NRML or MIS",
            Self::DefaultExchange => "it must be an exchange code such as NSE",
            Self::ShowNotifications | Self::SoundAlerts | Self::Analyzer => {
                "it must be true or false"
            }
            Self::PriceSource => {
                "it must be simulated: recorded prices are asked for with --market-data, and no \
                 broker is a source of prices yet"
            }
            Self::SimulationSeed => "it must be a whole number such as 1",
            Self::ApprovalExpiry => "it must be session, or minutes from 1 to 1440",
            Self::StartingCapital => {
                "Starting capital must be one of: ₹1L, ₹5L, ₹10L, ₹25L, ₹50L, or ₹1Cr"
            }
            Self::ResetDay => {
                "Reset day must be one of: Monday, Tuesday, Wednesday, Thursday, Friday, \
                 Saturday, Sunday, Never"
            }
            Self::ResetTime
            | Self::NseBseSquareOffTime
            | Self::CdsBcdSquareOffTime
            | Self::McxSquareOffTime
            | Self::NcdexSquareOffTime => "Time must be in HH:MM format",
            Self::EquityMisLeverage
            | Self::EquityCncLeverage
            | Self::FuturesLeverage
            | Self::OptionBuyLeverage
            | Self::OptionSellLeverage => rule_of_leverage(value),
            Self::ExpirySettlementTiming => "it must be expiry_day_close or next_day",
            Self::OptionExpirySettlement => "it must be ltp or zero",
            Self::GttOcoMarginMode => "it must be max or sum",
            Self::PaperCharges => "it must be none or zerodha",
            Self::PaperSlippageTicks => "it must be a whole number from 0 to 100",
        }
    }
}

fn rule_of_leverage(value: &str) -> &'static str {
    match value.parse::<i64>() {
        Ok(..1) => "Leverage must be at least 1x",
        Ok(_) => "Leverage cannot exceed 50x",
        Err(_no_number) => "it must be a whole number from 1 to 50",
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
