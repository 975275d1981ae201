//! A throwaway database, and what is put into it.

pub(crate) use openalgo_core::testing::sample::{
    accepted, at, broker_id, day, event, instrument, money, paper, price, units, zerodha,
};

use diesel::connection::{Connection, SimpleConnection};
use diesel::sqlite::SqliteConnection;
use openalgo_core::account::User;
use openalgo_core::id::BrokerName;
use openalgo_core::market::Timestamp;
use openalgo_core::order::OrderIntent;
use openalgo_core::port::{Clock, OrderQuery};
use openalgo_core::testing::{FakeClock, FakeRandom, sample};
use openalgo_crypto::MasterKey;
use openalgo_store::{AnchorRule, Keys, OpenError, OpenMode, Store, StoreOptions};
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

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
        // Most tests that change the file put older states of it back.
        anchor: AnchorRule::Without,
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
    let user = sample::new_user(name);
    store.users().insert(&user).await.unwrap()
}

/// A fresh limit order for 100 INFY.
pub(crate) fn intent(user: &User, broker: BrokerName) -> OrderIntent {
    sample::intent(user.id, broker)
}

pub(crate) fn all_of(user: &User) -> OrderQuery {
    sample::all_of(user.id)
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
