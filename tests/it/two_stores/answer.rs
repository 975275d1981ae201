//! What a store answered, as text: a secret is shown, and a failure of the storage as no more than
//! that.

use openalgo::core::account::{Session, Setting, SettingKey, User};
use openalgo::core::id::{OrderId, UserId};
use openalgo::core::port::{AuditQuery, StoreError};
use openalgo_core::testing::contract::Repositories;
use openalgo_core::testing::sample::all_of;
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Debug;

/// Numbers that calls use: of some there is nothing.
pub(super) const NUMBERS: std::ops::RangeInclusive<i64> = 1..=4;

pub(super) fn plain<T: Debug>(answer: Result<T, StoreError>) -> String {
    shown(answer, |it| format!("{it:?}"))
}

pub(super) fn shown<T>(answer: Result<T, StoreError>, show: impl Fn(&T) -> String) -> String {
    match answer {
        Ok(given) => show(&given),
        Err(StoreError::Failed { .. }) => "failed".into(),
        Err(error) => format!("{error:?}: {error}"),
    }
}

pub(super) fn each<T>(
    answer: Result<impl IntoIterator<Item = T>, StoreError>,
    show: impl Fn(&T) -> String,
) -> String {
    let all = answer.map(|many| many.into_iter().map(|it| show(&it)).collect::<Vec<_>>());
    shown(all, |texts| texts.join("\n"))
}

fn secret(secret: Option<&SecretString>) -> &str {
    secret.map_or("none", ExposeSecret::expose_secret)
}

pub(super) fn user(user: &User) -> String {
    let (hash, totp) = (user.password_hash.as_str(), user.totp_secret.as_ref());
    format!("{user:?} {hash} {}", secret(totp))
}

pub(super) fn session(session: &Session) -> String {
    let tokens = [Some(&session.token), session.feed_token.as_ref()].map(secret);
    format!("{session:?} {tokens:?}")
}

/// Without the time of a setting that nobody has changed: that is when the store was made.
pub(super) fn setting(setting: &Setting) -> String {
    let (value, description) = (&setting.value, &setting.description);
    format!("{} = {value}: {description:?}", setting.key)
}

/// What is in a store.
pub(super) async fn everything(store: &Repositories) -> Vec<String> {
    let mut all = vec![
        each(store.settings.list().await, setting),
        each(store.users.list().await, user),
        plain(store.orders.unresolved().await),
    ];
    for number in NUMBERS {
        let id = UserId::new(number);
        all.push(plain(store.orders.journal(OrderId::new(number)).await));
        all.push(plain(store.orders.list(&all_of(id)).await));
        all.push(plain(store.positions.list(id, None).await));
        all.push(plain(store.holdings.list(id, None).await));
        all.push(plain(store.strategies.list(id).await));
        all.push(plain(store.watchlists.list(id).await));
        all.push(plain(store.risk.limits(id).await));
        all.push(plain(store.risk.halt(id).await));
        all.push(plain(store.pending_orders.list(id, None).await));
        let now = openalgo_core::testing::sample::at(0);
        all.push(each(store.sessions.active(id, now).await, session));
    }
    let query = AuditQuery {
        user: None,
        limit: u32::MAX,
    };
    all.push(plain(store.audit_log.list(query).await));
    all.push(plain(store.master_contracts.list().await));
    all.push(plain(store.candles.catalogue().await));
    for key in SettingKey::ALL {
        all.push(shown(store.settings.get(*key).await, setting));
    }
    all
}
