//! A throwaway database, and the orders that go into it.

use crate::raw::Connection;
use openalgo_core::account::{NewUser, PasswordHash};
use openalgo_core::id::{BrokerOrderId, IntentId, OrderId, UserId};
use openalgo_core::market::{Exchange, InstrumentKey, Symbol, Timestamp};
use openalgo_core::order::{
    Fill, NewOrder, OrderEvent, OrderEventKind, OrderIntent, OrderKind, Side, TradingMode,
};
use openalgo_core::testing::{FakeClock, FakeRandom};
use openalgo_core::value::Quantity;
use openalgo_crypto::MasterKey;
use openalgo_store::{AnchorRule, Keys, OpenMode, Store, StoreOptions};
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

pub(crate) const OWNER: UserId = UserId::new(1);

/// A database with one user and no orders.
pub(crate) struct Folder {
    _temporary: TempDir,
    path: PathBuf,
    key: MasterKey,
}

impl Folder {
    pub(crate) fn new(runtime: &Runtime) -> Self {
        // Beside the build, because the system's folder for temporary files may be no disk.
        let temporary = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let folder = Self {
            path: temporary.path().join("main.db"),
            _temporary: temporary,
            key: MasterKey::make(&FakeRandom::default()).unwrap(),
        };
        let store = folder.open_as(OpenMode::Create);
        runtime.block_on(async {
            let user = NewUser {
                username: "owner".parse().unwrap(),
                email: "owner@example.com".parse().unwrap(),
                password_hash: PasswordHash::new("$argon2id$fake"),
                is_admin: true,
            };
            let user = store.users().insert(&user).await.unwrap();
            assert_eq!(user.id, OWNER);
        });
        // Not closed: that has SQLCipher wipe and lock memory in this process for good, which a
        // program pays for only when it opens a folder again after a change of the key.
        drop(store);
        folder
    }

    pub(crate) fn open(&self) -> Store {
        self.open_as(OpenMode::Existing)
    }

    fn open_as(&self, mode: OpenMode) -> Store {
        let options = StoreOptions {
            keys: Keys::of(&self.key, Arc::new(FakeRandom::default())),
            clock: Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30")),
            mode,
            anchor: AnchorRule::Hold,
        };
        Store::open(&self.path, options).unwrap()
    }

    /// The same file past the store.
    pub(crate) fn raw(&self) -> Connection {
        let key = self.key.database_key().to_hex();
        Connection::open(self.path.to_str().unwrap(), key.expose_secret())
    }
}

/// Limit orders with all that a client may send, no two of the same id.
pub(crate) struct Intents(u32);

impl Intents {
    pub(crate) fn new() -> Self {
        Self(0)
    }
}

impl Iterator for Intents {
    type Item = OrderIntent;

    fn next(&mut self) -> Option<OrderIntent> {
        self.0 += 1;
        let number = self.0;
        let symbol = ["INFY", "RELIANCE", "SBIN", "NIFTY24NOV26FUT"]
            .into_iter()
            .cycle()
            .nth(usize::try_from(number % 4).unwrap());
        let symbol = Symbol::try_new(symbol.unwrap()).unwrap();
        let quantity = Quantity::try_new(100).unwrap();
        let instrument = InstrumentKey::new(Exchange::Nse, symbol);
        let order = NewOrder {
            kind: OrderKind::Limit {
                price: "1500.05".parse().unwrap(),
            },
            strategy: Some("breakout".into()),
            client_order_id: Some(format!("client-{number}").parse().unwrap()),
            ..NewOrder::market(instrument, Side::Buy, quantity)
        };
        Some(OrderIntent {
            // As random as real ids are, so that the indexes grow in the middle too.
            id: IntentId::new(Uuid::from_u128(
                u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
            )),
            user: OWNER,
            broker: "zerodha".parse().unwrap(),
            mode: TradingMode::Live,
            token: Some("408065".parse().unwrap()),
            request: None,
            ltp: None,
            trading_day: "2026-11-25".parse().unwrap(),
            order,
            at: instant(number),
        })
    }
}

pub(crate) fn instant(number: u32) -> Timestamp {
    Timestamp::from_micros(1_795_500_000_123_456 + i64::from(number) * 1_000).unwrap()
}

/// Lets an order be accepted and filled.
pub(crate) async fn complete(store: &Store, id: OrderId) {
    let number = u32::try_from(id.get()).unwrap();
    let broker_order_id: BrokerOrderId = format!("26112500{number:06}").parse().unwrap();
    let accepted = OrderEventKind::Accepted {
        broker_order_id,
        awaits_trigger: false,
    };
    let filled = OrderEventKind::Filled {
        fill: Fill {
            quantity: Quantity::try_new(100).unwrap(),
            price: "1499.95".parse().unwrap(),
        },
    };
    for kind in [accepted, filled] {
        let event = OrderEvent {
            at: instant(number),
            kind,
        };
        store.orders().append(id, &event).await.unwrap();
    }
}
