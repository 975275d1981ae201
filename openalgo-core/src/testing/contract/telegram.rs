//! The suite of [`TelegramRepository`](crate::port::TelegramRepository).

use super::Repositories;
use super::given::{is_missing, nobody, user};
use crate::account::TelegramConfig;
use crate::id::UserId;
use secrecy::{ExposeSecret, SecretString};

/// Runs the suite of Telegram bots; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! telegram_contract {
    ($run:path) => {
        $crate::contract_cases! { telegram on $run:
            a_bot_is_found_as_kept,
            a_bot_replaces_the_present_one,
            a_bot_needs_a_user,
        }
    };
}

fn config(user: UserId, flags: [bool; 4]) -> TelegramConfig {
    let [
        is_active,
        send_order_updates,
        send_position_updates,
        send_daily_summary,
    ] = flags;
    TelegramConfig {
        user,
        chat_id: Some("-100".into()),
        bot_token: Some(SecretString::from("123:token")),
        is_active,
        send_order_updates,
        send_position_updates,
        send_daily_summary,
    }
}

fn flags(config: &TelegramConfig) -> [bool; 4] {
    [
        config.is_active,
        config.send_order_updates,
        config.send_position_updates,
        config.send_daily_summary,
    ]
}

/// Each flag comes back in its own place, and one user's bot is nobody else's.
pub async fn a_bot_is_found_as_kept(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    for single in 0..4 {
        let mut expected = [false; 4];
        expected
            .iter_mut()
            .skip(single)
            .take(1)
            .for_each(|it| *it = true);
        store
            .telegram
            .upsert(&config(owner, expected))
            .await
            .unwrap();
        let found = store.telegram.find(owner).await.unwrap().unwrap();
        assert_eq!(flags(&found), expected);
        assert_eq!(found.user, owner);
        assert_eq!(found.chat_id.as_deref(), Some("-100"));
        assert_eq!(found.bot_token.unwrap().expose_secret(), "123:token");
    }
    assert!(store.telegram.find(other).await.unwrap().is_none());
}

/// Nothing of the earlier bot shines through.
pub async fn a_bot_replaces_the_present_one(store: &Repositories) {
    let owner = user(store, "owner").await;
    store
        .telegram
        .upsert(&config(owner, [true; 4]))
        .await
        .unwrap();
    let bare = TelegramConfig {
        chat_id: None,
        bot_token: None,
        ..config(owner, [false; 4])
    };
    store.telegram.upsert(&bare).await.unwrap();
    let found = store.telegram.find(owner).await.unwrap().unwrap();
    assert_eq!(flags(&found), [false; 4]);
    assert!(found.chat_id.is_none() && found.bot_token.is_none());
}

/// Nobody's bot is not kept.
pub async fn a_bot_needs_a_user(store: &Repositories) {
    let refused = store.telegram.upsert(&config(nobody(), [true; 4])).await;
    assert!(is_missing(&refused), "{refused:?}");
}
