//! The suite of [`SettingRepository`](crate::port::SettingRepository).

use super::Repositories;
use crate::account::SettingKey;
use crate::port::Clock;
use chrono::Duration;

/// Runs the suite of the settings; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! setting_contract {
    ($run:path) => {
        $crate::contract_cases! { settings on $run:
            every_setting_has_a_valid_value,
            a_new_store_trades_on_paper,
            a_change_is_dated_and_read_back,
            a_change_leaves_other_settings_alone,
            settings_are_listed_by_key,
        }
    };
}

/// Every setting exists from the start, with a value it can have and a text for people.
pub async fn every_setting_has_a_valid_value(store: &Repositories) {
    for key in SettingKey::ALL {
        let setting = store.settings.get(*key).await.unwrap();
        assert_eq!(setting.key, *key);
        assert_eq!(key.check(&setting.value), Ok(()));
        assert!(setting.description.is_some(), "{key} has no description");
    }
}

/// Nobody's first order reaches a live broker by accident.
pub async fn a_new_store_trades_on_paper(store: &Repositories) {
    let analyzer = store.settings.get(SettingKey::Analyzer).await.unwrap();
    assert_eq!(analyzer.value, "true");
}

/// Setting a value answers with the setting as it is kept, and it stays.
pub async fn a_change_is_dated_and_read_back(store: &Repositories) {
    let before = store.settings.get(SettingKey::Theme).await.unwrap();
    store.clock.advance(Duration::seconds(5));
    let changed = store
        .settings
        .set(SettingKey::Theme, "light")
        .await
        .unwrap();
    assert_eq!(changed.value, "light");
    assert_eq!(changed.updated_at, store.clock.now());
    assert_eq!(changed.description, before.description);
    let read = store.settings.get(SettingKey::Theme).await.unwrap();
    assert_eq!(read, changed);
}

/// One setting changes, and only one.
pub async fn a_change_leaves_other_settings_alone(store: &Repositories) {
    let before = store.settings.list().await.unwrap();
    store.clock.advance(Duration::seconds(5));
    let changed = store
        .settings
        .set(SettingKey::DefaultProduct, "CNC")
        .await
        .unwrap();
    let after = store.settings.list().await.unwrap();
    let expected: Vec<_> = before
        .into_iter()
        .map(|setting| {
            if setting.key == changed.key {
                changed.clone()
            } else {
                setting
            }
        })
        .collect();
    assert_eq!(after, expected);
}

/// The list holds each setting once, in the order of the keys' words.
pub async fn settings_are_listed_by_key(store: &Repositories) {
    let listed = store.settings.list().await.unwrap();
    let mut words: Vec<_> = SettingKey::ALL.iter().map(|key| key.as_str()).collect();
    words.sort_unstable();
    let listed: Vec<_> = listed.iter().map(|setting| setting.key.as_str()).collect();
    assert_eq!(listed, words);
}
