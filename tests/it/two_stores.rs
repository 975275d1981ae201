//! The same calls on the encrypted database and on the store in memory: both answer alike, and the
//! same is in them afterwards.

mod answer;
mod bots;
mod call;
mod candles;
mod master_contracts;
mod pending;
mod portfolio;
mod risk;

use crate::memory::Memory;
use answer::everything;
use call::{Call, calls};
use openalgo::crypto::MasterKey;
use openalgo::store::{AnchorRule, Keys, OpenMode, Store, StoreOptions};
use openalgo_core::testing::contract::Repositories;
use openalgo_core::testing::{FakeClock, FakeRandom};
use proptest::prelude::*;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The repositories of a store whose accessors are given by name.
macro_rules! repositories {
    ($clock:expr, $store:expr, $($port:ident),+) => {
        Repositories { $($port: $store.$port(),)+ clock: Arc::clone($clock) }
    };
}

/// What the store in memory is called for each port.
macro_rules! shared {
    ($clock:expr, $memory:expr, $($port:ident),+) => {
        Repositories { $($port: Arc::clone($memory) as _,)+ clock: Arc::clone($clock) }
    };
}

macro_rules! with_ports {
    ($make:ident, $clock:expr, $store:expr) => {
        $make!(
            $clock,
            $store,
            users,
            api_keys,
            settings,
            orders,
            journal,
            trades,
            positions,
            holdings,
            paper_ledger,
            broker_connections,
            sessions,
            strategies,
            pending_orders,
            telegram,
            order_logs,
            latency_metrics,
            login_failures,
            api_tokens,
            gtt_orders,
            watchlists,
            risk,
            master_contracts,
            audit_log,
            candles,
            bot_states
        )
    };
}

/// Both stores, on one clock.
struct Pair {
    clock: Arc<FakeClock>,
    store: Store,
    on_disk: Repositories,
    in_memory: Repositories,
    _folder: TempDir,
}

/// A database in which nothing has happened yet. Making one takes longer than most calls.
struct Fresh {
    folder: TempDir,
    master: MasterKey,
    clock: Arc<FakeClock>,
}

impl Fresh {
    async fn new() -> Self {
        let fresh = Self {
            folder: TempDir::new().unwrap(),
            master: MasterKey::make(&FakeRandom::default()).unwrap(),
            clock: Arc::new(FakeClock::at("2026-11-25T10:30:00+05:30")),
        };
        let store = fresh.open(&fresh.folder, OpenMode::Create);
        store.close().await;
        fresh
    }

    fn open(&self, folder: &TempDir, mode: OpenMode) -> Store {
        let options = StoreOptions {
            keys: Keys::of(&self.master, Arc::new(FakeRandom::default())),
            clock: Arc::clone(&self.clock) as _,
            mode,
            anchor: AnchorRule::Without,
        };
        Store::open(&folder.path().join("main.db"), options).unwrap()
    }

    fn pair(&self) -> Pair {
        let folder = TempDir::new().unwrap();
        let [from, to] = [&self.folder, &folder].map(|it| it.path().join("main.db"));
        std::fs::copy(from, to).unwrap();
        let store = self.open(&folder, OpenMode::Existing);
        let memory = Arc::new(Memory::new(Arc::clone(&self.clock) as _));
        Pair {
            on_disk: with_ports!(repositories, &self.clock, store),
            in_memory: with_ports!(shared, &self.clock, &memory),
            clock: Arc::clone(&self.clock),
            store,
            _folder: folder,
        }
    }
}

impl Pair {
    async fn run(&self, calls: &[Call]) -> Result<(), TestCaseError> {
        for call in calls {
            if let Call::Wait = call {
                self.clock.advance(chrono::Duration::seconds(90));
            }
            let on_disk = call.answer(&self.on_disk).await;
            let in_memory = call.answer(&self.in_memory).await;
            prop_assert_eq!(on_disk, in_memory, "{:?}", call);
        }
        let on_disk = everything(&self.on_disk).await;
        prop_assert_eq!(on_disk, everything(&self.in_memory).await, "afterwards");
        Ok(())
    }
}

#[test]
fn both_stores_answer_alike() {
    let runtime = Runtime::new().unwrap();
    let fresh = runtime.block_on(Fresh::new());
    let config = ProptestConfig {
        cases: 60,
        ..ProptestConfig::with_source_file(file!())
    };
    proptest!(config, |(calls in calls())| {
        let pair = fresh.pair();
        runtime.block_on(async {
            let outcome = pair.run(&calls).await;
            pair.store.close().await;
            outcome
        })?;
    });
}
