//! Calls from small worlds: few names and numbers, so that they meet.

use super::answer::{NUMBERS, each, plain, session, setting, shown, user};
use super::bots::{Bots, bots};
use super::candles::{Candles, candles};
use super::master_contracts::{MasterContracts, master_contracts};
use super::pending::{Pending, pending};
use super::portfolio::{Books, Lists, Orders, books, lists, orders};
use super::risk::{Risk, risk};
use openalgo::core::account::{NewSession, NewUser, PasswordHash, SettingKey};
use openalgo::core::id::{BrokerName, SessionId, SessionTokenId, UserId};
use openalgo_core::testing::contract::Repositories;
use openalgo_core::testing::sample::{at, paper, zerodha};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// A call of one method, or some time that passes.
#[derive(Debug, Clone)]
pub(super) enum Call {
    Wait,
    Setting(SettingKey, Option<&'static str>),
    User(Users),
    Session(Sessions),
    Order(Orders),
    Books(Books),
    Lists(Lists),
    Risk(Risk),
    Pending(Pending),
    MasterContracts(MasterContracts),
    Candles(Candles),
    Bots(Bots),
}

#[derive(Debug, Clone)]
pub(super) enum Users {
    Insert(&'static str, &'static str, bool),
    Find(&'static str),
    Get(UserId),
    Owner,
    SetPassword(UserId, &'static str, Option<i64>),
    RenewHash(UserId, &'static str, &'static str),
    EnrolTotp(UserId, &'static str, u64),
    RemoveTotp(UserId),
    UseStep(UserId, u64),
    SetBroker(UserId, Option<BrokerName>),
}

#[derive(Debug, Clone)]
pub(super) enum Sessions {
    Insert(UserId, &'static str, Option<BrokerName>, i64),
    Find(&'static str),
    Active(UserId, i64),
    Touch(i64, i64),
    End(i64),
    EndAll(UserId),
    DeleteExpired(i64),
}

const NAMES: [&str; 4] = ["one", "two", "three", "One"];
const HASHES: [&str; 2] = ["$argon2id$fake", "$argon2id$other"];
const TOKENS: [&str; 3] = [
    "token-of-session-a",
    "token-of-session-b",
    "token-of-session-c",
];

/// Two users, and calls by and about them and others.
pub(super) fn calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec(call(), 1..40).prop_map(|calls| {
        let first = ["one", "two"].map(|name| Call::User(Users::Insert(name, name, true)));
        first.into_iter().chain(calls).collect()
    })
}

fn call() -> impl Strategy<Value = Call> {
    let value = option::of(select(vec!["", "dark", "light", "मान"]));
    prop_oneof![
        1 => Just(Call::Wait),
        1 => (select(SettingKey::ALL), value).prop_map(|(key, value)| Call::Setting(key, value)),
        4 => users().prop_map(Call::User),
        4 => sessions().prop_map(Call::Session),
        8 => orders().prop_map(Call::Order),
        3 => books().prop_map(Call::Books),
        6 => lists().prop_map(Call::Lists),
        3 => risk().prop_map(Call::Risk),
        4 => pending().prop_map(Call::Pending),
        2 => master_contracts().prop_map(Call::MasterContracts),
        2 => candles().prop_map(Call::Candles),
        2 => bots().prop_map(Call::Bots),
    ]
}

pub(super) fn number() -> impl Strategy<Value = i64> {
    NUMBERS
}

pub(super) fn someone() -> impl Strategy<Value = UserId> {
    prop_oneof![6 => 1..=2_i64, 1 => NUMBERS].prop_map(UserId::new)
}

pub(super) fn broker() -> impl Strategy<Value = BrokerName> {
    select(vec![paper(), zerodha()])
}

fn users() -> impl Strategy<Value = Users> {
    let name = || select(&NAMES[..]);
    let hash = || select(&HASHES[..]);
    let secret = || select(vec!["SECRET", "OTHER"]);
    prop_oneof![
        (name(), name(), any::<bool>())
            .prop_map(|(name, email, admin)| { Users::Insert(name, email, admin) }),
        name().prop_map(Users::Find),
        someone().prop_map(Users::Get),
        Just(Users::Owner),
        (someone(), hash(), option::of(number()))
            .prop_map(|(id, hash, keep)| Users::SetPassword(id, hash, keep)),
        (someone(), hash(), hash()).prop_map(|(id, from, to)| Users::RenewHash(id, from, to)),
        (someone(), secret(), 0..4_u64)
            .prop_map(|(id, secret, step)| Users::EnrolTotp(id, secret, step)),
        someone().prop_map(Users::RemoveTotp),
        (someone(), 0..4_u64).prop_map(|(id, step)| Users::UseStep(id, step)),
        (someone(), option::of(broker())).prop_map(|(id, broker)| Users::SetBroker(id, broker)),
    ]
}

fn sessions() -> impl Strategy<Value = Sessions> {
    let token = || select(&TOKENS[..]);
    let minutes = || -2..4_i64;
    prop_oneof![
        3 => (someone(), token(), option::of(broker()), minutes())
            .prop_map(|(id, token, broker, until)| Sessions::Insert(id, token, broker, until)),
        1 => token().prop_map(Sessions::Find),
        1 => (someone(), minutes()).prop_map(|(id, now)| Sessions::Active(id, now)),
        1 => (number(), minutes()).prop_map(|(id, used)| Sessions::Touch(id, used)),
        1 => number().prop_map(Sessions::End),
        1 => someone().prop_map(Sessions::EndAll),
        1 => minutes().prop_map(Sessions::DeleteExpired),
    ]
}

impl Call {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        match self {
            Self::Wait => String::new(),
            Self::Setting(key, None) => shown(store.settings.get(*key).await, setting),
            // Its time is that of the change.
            Self::Setting(key, Some(value)) => plain(store.settings.set(*key, value).await),
            Self::User(call) => call.answer(store).await,
            Self::Session(call) => call.answer(store).await,
            Self::Order(call) => call.answer(store).await,
            Self::Books(call) => call.answer(store).await,
            Self::Lists(call) => call.answer(store).await,
            Self::Risk(call) => call.answer(store).await,
            Self::Pending(call) => call.answer(store).await,
            Self::MasterContracts(call) => call.answer(store).await,
            Self::Candles(call) => call.answer(store).await,
            Self::Bots(call) => call.answer(store).await,
        }
    }
}

impl Users {
    async fn answer(&self, store: &Repositories) -> String {
        let users = &store.users;
        match self {
            Self::Insert(name, email, is_admin) => {
                let new = NewUser {
                    username: name.parse().unwrap(),
                    email: format!("{email}@example.com").parse().unwrap(),
                    password_hash: PasswordHash::new(HASHES[0]),
                    is_admin: *is_admin,
                };
                shown(users.insert(&new).await, user)
            }
            Self::Find(name) => each(users.find(&name.parse().unwrap()).await, user),
            Self::Get(id) => shown(users.get(*id).await, user),
            Self::Owner => each(users.owner().await, user),
            Self::SetPassword(id, hash, keep) => {
                let keep = keep.map(SessionId::new);
                plain(
                    users
                        .set_password(*id, &PasswordHash::new(hash), keep)
                        .await,
                )
            }
            Self::RenewHash(id, from, to) => {
                let [from, to] = [*from, *to].map(PasswordHash::new);
                plain(users.renew_password_hash(*id, &from, &to).await)
            }
            Self::EnrolTotp(id, secret, step) => {
                let secret = secrecy::SecretString::from(*secret);
                plain(users.enrol_totp(*id, &secret, *step).await)
            }
            Self::RemoveTotp(id) => plain(users.remove_totp(*id).await),
            Self::UseStep(id, step) => plain(users.use_totp_step(*id, *step).await),
            Self::SetBroker(id, broker) => {
                plain(users.set_order_broker(*id, broker.as_ref()).await)
            }
        }
    }
}

impl Sessions {
    async fn answer(&self, store: &Repositories) -> String {
        let sessions = &store.sessions;
        let token_id = |text: &str| -> SessionTokenId { text.parse().unwrap() };
        let minute = |minute: &i64| at(minute * 60);
        match self {
            Self::Insert(user, token, broker, until) => {
                let new = NewSession {
                    token_id: token_id(token),
                    user: *user,
                    broker: broker.clone(),
                    token: format!("secret of {token}").into(),
                    feed_token: broker.as_ref().map(|it| format!("feed of {it}").into()),
                    device: None,
                    expires_at: minute(until),
                };
                shown(sessions.insert(&new).await, session)
            }
            Self::Find(token) => each(sessions.find(&token_id(token)).await, session),
            Self::Active(user, now) => each(sessions.active(*user, minute(now)).await, session),
            Self::Touch(id, used) => plain(sessions.touch(SessionId::new(*id), minute(used)).await),
            Self::End(id) => plain(sessions.end(SessionId::new(*id)).await),
            Self::EndAll(user) => plain(sessions.end_all(*user).await),
            Self::DeleteExpired(now) => plain(sessions.delete_expired(minute(now)).await),
        }
    }
}
