//! A disk that fails: nothing that could not be stored counts, and what comes after goes on.

use crate::stored_ports::stored_ports;
use crate::world::{MORNING, market};
use async_trait::async_trait;
use openalgo::core::id::{ClientOrderId, UserId};
use openalgo::core::order::{NewOrder, Side};
use openalgo::core::paper::{
    DailyPnl, LedgerEntry, Movement, PaperAccountKey, PaperOpening, PaperState,
};
use openalgo::core::port::{Clock, CommitReceipt, PaperLedger, RandomSource, StoreError};
use openalgo::crypto::MasterKey;
use openalgo::engine::service::PlaceOrderError;
use openalgo::engine::{AccountError, Engine, EngineConfig, Ports};
use openalgo::store::{AnchorRule, Keys, OpenMode, Store, StoreOptions};
use openalgo_core::testing::{CountingIds, FakeClock, FakeRandom};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

/// A ledger that loses the commits that the test picks.
#[derive(Debug)]
struct FailingLedger {
    real: Arc<dyn PaperLedger>,
    /// Commits that still succeed before one is lost; negative when none is to be lost.
    succeeding: AtomicI64,
}

#[async_trait]
impl PaperLedger for FailingLedger {
    async fn load(
        &self,
        key: &PaperAccountKey,
        opening: &PaperOpening,
    ) -> Result<PaperState, StoreError> {
        self.real.load(key, opening).await
    }

    async fn commit(&self, entry: LedgerEntry) -> Result<CommitReceipt, StoreError> {
        if self.succeeding.fetch_sub(1, Ordering::SeqCst) != 0 {
            return self.real.commit(entry).await;
        }
        let source = "the disk is full".into();
        Ok(Box::pin(async {
            Err(StoreError::Failed {
                operation: "commit",
                source,
            })
        }))
    }

    async fn movements(
        &self,
        key: &PaperAccountKey,
        limit: u32,
    ) -> Result<Vec<Movement>, StoreError> {
        self.real.movements(key, limit).await
    }

    async fn daily(&self, key: &PaperAccountKey, limit: u32) -> Result<Vec<DailyPnl>, StoreError> {
        self.real.daily(key, limit).await
    }
}

struct Bench {
    engine: Engine,
    store: Store,
    ledger: Arc<FailingLedger>,
    owner: UserId,
    _folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(FakeClock::at(MORNING));
        let random: Arc<dyn RandomSource> = Arc::new(FakeRandom::default());
        let master = MasterKey::make(&*random).unwrap();
        let options = StoreOptions {
            keys: Keys::of(&master, Arc::clone(&random)),
            clock: Arc::clone(&clock),
            mode: OpenMode::Create,
            anchor: AnchorRule::Hold,
        };
        let store = Store::open(&folder.path().join("main.db"), options).unwrap();
        let succeeding = AtomicI64::new(-1);
        let ledger = Arc::new(FailingLedger {
            real: store.paper_ledger(),
            succeeding,
        });
        let ids = Arc::new(CountingIds::default());
        let ports = Ports {
            ledger: Arc::clone(&ledger) as _,
            ..stored_ports(&store, (clock, random), ids)
        };
        let engine = Engine::start(ports, EngineConfig::default()).await.unwrap();
        let (name, email) = ("owner".parse().unwrap(), "owner@localhost".parse().unwrap());
        let owner = engine
            .users()
            .create(name, email, &"Some-Pass1!".into())
            .await
            .unwrap()
            .id;
        Self {
            engine,
            store,
            ledger,
            owner,
            _folder: folder,
        }
    }

    /// Loses the commit after `succeeding` more.
    fn lose_after(&self, succeeding: i64) {
        self.ledger.succeeding.store(succeeding, Ordering::SeqCst);
    }

    async fn place(&self, order: NewOrder) -> Result<bool, PlaceOrderError> {
        Ok(self
            .engine
            .orders()
            .place(self.owner, order)
            .await?
            .replayed)
    }

    /// Orders, trades, position and money tell the same story.
    async fn assert_consistent(&self, orders: usize) {
        let placed = self.engine.orders().list(self.owner, 500).await.unwrap();
        assert_eq!(placed.len(), orders);
        let filled: i64 = placed
            .iter()
            .map(|order| order.executed().quantity.get())
            .sum();
        let held = self.engine.portfolio().positions(self.owner).await.unwrap();
        assert_eq!(
            held.iter()
                .map(|held| held.position.quantity.get())
                .sum::<i64>(),
            filled
        );
        let funds = self.engine.paper().funds(self.owner).await.unwrap().funds;
        assert_eq!(
            funds.available.plus(funds.used_margin).unwrap(),
            funds.total_capital
        );
        let margin = held
            .first()
            .map(|held| held.position.margin)
            .unwrap_or_default();
        assert_eq!(funds.used_margin, margin);
        assert!(self.store.check().await.unwrap().is_sound());
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_stored_leaves_nothing_behind() {
    let bench = Bench::new().await;
    bench.place(market(Side::Buy, 1)).await.unwrap();
    bench.lose_after(0);
    let lost = bench.place(market(Side::Buy, 5)).await;
    assert!(matches!(
        lost,
        Err(PlaceOrderError::Account(AccountError::NotStored(_)))
    ));
    bench.assert_consistent(1).await;
    bench.place(market(Side::Buy, 2)).await.unwrap();
    bench.assert_consistent(2).await;
    bench.engine.stop().await;
}

/// Orders that were decided on top of one that was lost are lost with it, each with an error,
/// and the account goes on from what is stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_decided_after_a_lost_order_is_lost_with_it() {
    for survivors in [0, 1, 5, 20] {
        let bench = Arc::new(Bench::new().await);
        bench.lose_after(survivors);
        let tasks = (0..40).map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.place(market(Side::Buy, 1)).await.is_ok() })
        });
        let mut stored = 0;
        for task in tasks.collect::<Vec<_>>() {
            stored += usize::from(task.await.unwrap());
        }
        assert!(stored < 40, "one commit was lost");
        bench.assert_consistent(stored).await;
        bench.place(market(Side::Buy, 1)).await.unwrap();
        bench.assert_consistent(stored + 1).await;
        bench.engine.stop().await;
    }
}

/// A client order id whose order was lost is free again.
#[tokio::test]
async fn a_lost_order_can_be_sent_again_under_its_id() {
    let bench = Bench::new().await;
    let id = Some(ClientOrderId::try_new("again").unwrap());
    let order = NewOrder {
        client_order_id: id,
        ..market(Side::Buy, 1)
    };
    bench.lose_after(0);
    bench.place(order.clone()).await.unwrap_err();
    assert!(
        !bench.place(order.clone()).await.unwrap(),
        "it is placed now"
    );
    assert!(bench.place(order).await.unwrap(), "and only once");
    bench.assert_consistent(1).await;
    bench.engine.stop().await;
}
