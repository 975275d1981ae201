//! Which values settings, passwords and names can have.

use openalgo_core::account::{PasswordRule, SettingKey, check_password};
use openalgo_core::id::{ClientOrderId, Email, Username};
use openalgo_core::market::Exchange;
use secrecy::SecretString;

#[test]
fn every_setting_refuses_nonsense_and_says_what_it_takes() {
    for key in SettingKey::ALL {
        let error = key.check("nonsense").unwrap_err().to_string();
        assert!(error.starts_with(&format!("'nonsense' is no value for the setting {key}: ")));
    }
}

#[test]
fn the_defaults_of_the_design_are_allowed() {
    let defaults = [
        (SettingKey::Theme, "dark"),
        (SettingKey::SessionExpiryTime, "03:00"),
        (SettingKey::SmartOrderDelay, "0.5"),
        (SettingKey::DefaultProduct, "MIS"),
        (SettingKey::DefaultExchange, "NSE"),
        (SettingKey::ShowNotifications, "true"),
        (SettingKey::SoundAlerts, "true"),
        (SettingKey::Analyzer, "true"),
        (SettingKey::PriceSource, "simulated"),
        (SettingKey::SimulationSeed, "1"),
        (SettingKey::StartingCapital, "10000000.00"),
        (SettingKey::ResetDay, "Never"),
        (SettingKey::ResetTime, "00:00"),
        (SettingKey::NseBseSquareOffTime, "15:15"),
        (SettingKey::CdsBcdSquareOffTime, "16:45"),
        (SettingKey::McxSquareOffTime, "23:30"),
        (SettingKey::NcdexSquareOffTime, "17:00"),
        (SettingKey::EquityMisLeverage, "5"),
        (SettingKey::EquityCncLeverage, "1"),
        (SettingKey::FuturesLeverage, "10"),
        (SettingKey::OptionBuyLeverage, "1"),
        (SettingKey::OptionSellLeverage, "1"),
        (SettingKey::ExpirySettlementTiming, "expiry_day_close"),
        (SettingKey::OptionExpirySettlement, "ltp"),
        (SettingKey::GttOcoMarginMode, "max"),
        (SettingKey::PaperCharges, "zerodha"),
        (SettingKey::PaperSlippageTicks, "2"),
        (SettingKey::ApprovalExpiry, "session"),
    ];
    assert_eq!(defaults.len(), SettingKey::ALL.len());
    for (key, value) in defaults {
        assert_eq!(key.check(value), Ok(()));
    }
}

#[test]
fn what_the_sandbox_refuses_is_refused_in_its_words() {
    let said = |key: SettingKey, value: &str| key.check(value).unwrap_err().rule;
    let cases = [
        (
            SettingKey::StartingCapital,
            "123",
            "Starting capital must be one of: ₹1L, ₹5L, ₹10L, ₹25L, ₹50L, or ₹1Cr",
        ),
        (
            SettingKey::FuturesLeverage,
            "0",
            "Leverage must be at least 1x",
        ),
        (
            SettingKey::EquityMisLeverage,
            "51",
            "Leverage cannot exceed 50x",
        ),
        (
            SettingKey::McxSquareOffTime,
            "3:15",
            "Time must be in HH:MM format",
        ),
        (
            SettingKey::ResetDay,
            "monday",
            "Reset day must be one of: Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, \
             Sunday, Never",
        ),
    ];
    for (key, value, rule) in cases {
        assert_eq!(said(key, value), rule, "{key}");
    }
    assert_eq!(SettingKey::OptionSellLeverage.check("50"), Ok(()));
    assert_eq!(SettingKey::ResetDay.check("Sunday"), Ok(()));
}

#[test]
fn a_password_is_refused_for_the_first_rule_it_breaks() {
    let check = |text: &str| check_password(&SecretString::from(text));
    assert_eq!(check("Aa1!"), Err(PasswordRule::Length));
    assert_eq!(check("aaaaaa1!"), Err(PasswordRule::Uppercase));
    assert_eq!(check("AAAAAA1!"), Err(PasswordRule::Lowercase));
    assert_eq!(check("AAAAaaa!"), Err(PasswordRule::Digit));
    assert_eq!(check("AAAAaaa1"), Err(PasswordRule::Special));
    assert_eq!(check("AAAaaa1!"), Ok(()));
}

/// What was stored under an id of a part is found under it for ever.
#[test]
fn the_id_of_a_part_is_never_longer_than_an_id_may_be() {
    let derived = |id: &str, part: &str| {
        let id = ClientOrderId::try_new(id).unwrap();
        id.derive(part).unwrap().to_string()
    };
    assert_eq!(derived("alert", "12"), "alert-12");
    let fits = "x".repeat(62);
    assert_eq!(derived(&fits, "1"), format!("{fits}-1"));
    let beginning = "x".repeat(45);
    for (length, hash) in [(63, "1b3bad5c467302bf"), (64, "b96a5acbb56db825")] {
        let id = "x".repeat(length);
        assert_eq!(derived(&id, "1"), format!("{beginning}-{hash}-1"));
    }
    let (one, other) = (format!("{fits}ab"), format!("{fits}ba"));
    assert_ne!(derived(&one, "1"), derived(&other, "1"));
}

#[test]
fn names_and_addresses_follow_their_rules() {
    assert!(Username::try_new("owner").is_ok());
    assert!(Username::try_new("a b").is_err());
    assert!(Email::try_new("a@b").is_ok());
    assert!(Email::try_new("ab").is_err());
    assert!(Email::try_new("a@b@c").is_err());
    assert!(ClientOrderId::try_new("morning-1").is_ok());
    assert!(ClientOrderId::try_new("two words").is_err());
}

#[test]
fn an_unknown_word_lists_the_known_ones() {
    let error = "NYSE".parse::<Exchange>().unwrap_err().to_string();
    assert!(error.starts_with("unknown exchange 'NYSE'; it must be one of NSE, NFO, CDS"));
}
