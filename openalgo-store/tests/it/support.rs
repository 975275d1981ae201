//! A throwaway database, and what is put into it.

use chrono::NaiveDate;
use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use openalgo_core::account::{NewUser, PasswordHash, User};
use openalgo_core::id::{BrokerName, BrokerOrderId, IntentId};
use openalgo_core::market::{Exchange, InstrumentKey, Symbol, Timestamp, TradingDay};
use openalgo_core::order::{
    NewOrder, OrderEvent, OrderEventKind, OrderIntent, OrderKind, Side, TradingMode,
};
use openalgo_core::port::{Clock, OrderQuery};
use openalgo_core::testing::{FakeClock, FakeRandom};
use openalgo_core::value::{Money, Price, Quantity};
use openalgo_crypto::MasterKey;
use openalgo_store::{Keys, OpenError, OpenMode, Store, StoreOptions};
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) key: MasterKey,
    pub(crate) clock: Arc<FakeClock>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            path: folder.path().join("main.db"),
            folder,
            key: MasterKey::make(&FakeRandom::default()).unwrap(),
            clock: Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30")),
        }
    }

    pub(crate) fn options(&self, mode: OpenMode) -> StoreOptions {
        options(&self.key, mode, Arc::clone(&self.clock))
    }

    pub(crate) fn create(&self) -> Store {
        Store::open(&self.path, self.options(OpenMode::Create)).unwrap()
    }

    pub(crate) fn open(&self) -> Store {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<Store, OpenError> {
        Store::open(&self.path, self.options(OpenMode::Existing))
    }

    /// The file as somebody with the key sees it, past the store.
    pub(crate) fn raw(&self) -> SqliteConnection {
        raw(self.path.to_str().unwrap(), &self.key)
    }
}

pub(crate) fn options(key: &MasterKey, mode: OpenMode, clock: Arc<FakeClock>) -> StoreOptions {
    StoreOptions {
        keys: keys(key),
        clock,
        mode,
    }
}

pub(crate) fn keys(key: &MasterKey) -> Keys {
    Keys::of(key, Arc::new(FakeRandom::default()))
}

pub(crate) fn raw(path: &str, key: &MasterKey) -> SqliteConnection {
    let mut c = SqliteConnection::establish(path).unwrap();
    let key = key.database_key().to_hex();
    c.batch_execute(&format!(
        "PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{}'\";",
        key.expose_secret()
    ))
    .unwrap();
    c
}

pub(crate) async fn user(store: &Store, name: &str) -> User {
    let user = NewUser {
        username: name.parse().unwrap(),
        email: format!("{name}@example.com").parse().unwrap(),
        password_hash: PasswordHash::new("$argon2id$fake"),
        is_admin: true,
    };
    store.users().insert(&user).await.unwrap()
}

pub(crate) fn paper() -> BrokerName {
    "paper".parse().unwrap()
}

pub(crate) fn zerodha() -> BrokerName {
    "zerodha".parse().unwrap()
}

pub(crate) fn day(number: u32) -> TradingDay {
    TradingDay::new(NaiveDate::from_ymd_opt(2026, 11, number).unwrap())
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_795_500_000 + seconds) * 1_000_000 + 123_456).unwrap()
}

pub(crate) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) fn units(count: i64) -> Quantity {
    Quantity::try_new(count).unwrap()
}

pub(crate) fn instrument(symbol: &str) -> InstrumentKey {
    InstrumentKey::new(Exchange::Nse, Symbol::try_new(symbol).unwrap())
}

pub(crate) fn broker_id(text: &str) -> BrokerOrderId {
    text.parse().unwrap()
}

/// A fresh limit order for 100 INFY.
pub(crate) fn intent(user: &User, broker: BrokerName) -> OrderIntent {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let mut order = NewOrder::market(instrument("INFY"), Side::Buy, units(100));
    order.kind = OrderKind::Limit {
        price: price("1500.05"),
    };
    OrderIntent {
        id: IntentId::new(Uuid::from_u128(number.into())),
        user: user.id,
        broker,
        mode: TradingMode::Live,
        token: None,
        trading_day: day(25),
        order,
        at: at(0),
    }
}

pub(crate) fn event(seconds: i64, kind: OrderEventKind) -> OrderEvent {
    OrderEvent {
        at: at(seconds),
        kind,
    }
}

pub(crate) fn accepted(id: &str) -> OrderEventKind {
    OrderEventKind::Accepted {
        broker_order_id: broker_id(id),
        awaits_trigger: false,
    }
}

pub(crate) fn all_of(user: &User) -> OrderQuery {
    OrderQuery {
        user: user.id,
        broker: None,
        day: None,
        limit: 1_000,
    }
}

/// The finding of one check, which must be the only one.
pub(crate) async fn only_finding(store: &Store, check: &str) -> String {
    let report = store.check().await.unwrap();
    let findings: Vec<_> = report.findings().collect();
    let [(name, finding)] = findings[..] else {
        panic!("expected one finding of {check}, got {findings:?}");
    };
    assert_eq!(name, check, "{finding}");
    finding.to_owned()
}

pub(crate) fn now(place: &Place) -> Timestamp {
    place.clock.now()
}
