//! The store as the engine sees it: slow, at times full, and gone with the process at any step.

mod gtts;
mod pending;

use super::Memory;
use super::Sabotage;
use super::dice::Dice;
use super::faults::{Fault, Faults};
use super::steps::Steps;
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, BrokerOrderId, ClientOrderId, OrderId, UserId};
use openalgo::core::market::{Timestamp, TradingDay};
use openalgo::core::order::{Order, OrderEvent, OrderIntent, RequestKey};
use openalgo::core::paper::{
    DailyPnl, LedgerEntry, Movement, PaperAccountKey, PaperOpening, PaperState,
};
use openalgo::core::port::{
    Clock, CommitReceipt, OrderQuery, OrderRepository, PaperLedger, StatusReport, StoreError,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How long a full disk stays full.
const FULL_FOR: chrono::Duration = chrono::Duration::seconds(90);

/// Orders, the paper ledger and what waits, on a store in memory that outlives every process.
#[derive(Debug, Clone)]
pub(crate) struct WorldStore {
    memory: Arc<Memory>,
    state: Arc<Mutex<State>>,
    tools: Tools,
    sabotage: Option<Sabotage>,
}

/// What the store lives on.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) steps: Arc<Steps>,
}

#[derive(Debug)]
struct State {
    dice: Dice,
    full_until: Option<Timestamp>,
    /// With [`Sabotage::Journal`]: orders that were called durable before they were.
    volatile: BTreeSet<OrderId>,
    gone: BTreeSet<OrderId>,
}

impl WorldStore {
    pub(crate) fn new(
        memory: Arc<Memory>,
        dice: Dice,
        tools: Tools,
        sabotage: Option<Sabotage>,
    ) -> Self {
        let state = State {
            dice,
            full_until: None,
            volatile: BTreeSet::new(),
            gone: BTreeSet::new(),
        };
        Self {
            memory,
            state: Arc::new(Mutex::new(state)),
            tools,
            sabotage,
        }
    }

    /// The process is gone, and what was not durable with it.
    pub(crate) fn lose_what_is_not_durable(&self) {
        let mut state = self.lock();
        let lost = std::mem::take(&mut state.volatile);
        state.gone.extend(lost);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_gone(&self, order: OrderId) -> bool {
        self.lock().gone.contains(&order)
    }

    async fn linger(&self) {
        let span = {
            let mut state = self.lock();
            state.dice.millis(0, 3)
        };
        if !span.is_zero() {
            tokio::time::sleep(span).await;
        }
        self.tools.steps.pass().await;
    }

    /// Comes back when the disk has taken, or refused, a change.
    async fn before_a_change(&self) -> Result<(), StoreError> {
        self.linger().await;
        let failed = |reason: &'static str| StoreError::Failed {
            operation: "commit",
            source: reason.into(),
        };
        let now = self.tools.clock.now();
        let is_full = !self.tools.faults.are_over()
            && self.lock().full_until.is_some_and(|until| now < until);
        if is_full {
            return Err(failed("the disk is full"));
        }
        if self.tools.faults.strikes(Fault::FailedCommit) {
            return Err(failed("input/output error"));
        }
        // A disk is not full so often.
        if self.lock().dice.chance(120) && self.tools.faults.strikes(Fault::FullDisk) {
            self.lock().full_until = Some(now.plus(FULL_FOR));
            return Err(failed("the disk is full"));
        }
        Ok(())
    }
}

#[async_trait]
impl OrderRepository for WorldStore {
    async fn insert(&self, intent: &OrderIntent) -> Result<Order, StoreError> {
        self.before_a_change().await?;
        let order = self.memory.insert(intent).await?;
        if self.sabotage == Some(Sabotage::Journal) {
            self.lock().volatile.insert(order.id);
        }
        self.tools.steps.pass().await;
        Ok(order)
    }

    async fn insert_cancelled(
        &self,
        intent: &OrderIntent,
        reason: &str,
    ) -> Result<Order, StoreError> {
        self.before_a_change().await?;
        let order = self.memory.insert_cancelled(intent, reason).await?;
        self.tools.steps.pass().await;
        Ok(order)
    }

    async fn append(&self, order: OrderId, event: &OrderEvent) -> Result<Order, StoreError> {
        self.before_a_change().await?;
        let order = self.memory.append(order, event).await?;
        self.lock().volatile.remove(&order.id);
        self.tools.steps.pass().await;
        Ok(order)
    }

    async fn update_status(&self, report: &StatusReport) -> Result<Order, StoreError> {
        self.before_a_change().await?;
        let order = self.memory.update_status(report).await?;
        self.tools.steps.pass().await;
        Ok(order)
    }

    async fn find(&self, user: UserId, public_id: &str) -> Result<Option<Order>, StoreError> {
        self.linger().await;
        let found = self.memory.find(user, public_id).await?;
        Ok(found.filter(|order| !self.is_gone(order.id)))
    }

    async fn find_at_broker(
        &self,
        user: UserId,
        broker: &BrokerName,
        id: &BrokerOrderId,
    ) -> Result<Option<Order>, StoreError> {
        self.linger().await;
        let found = self.memory.find_at_broker(user, broker, id).await?;
        Ok(found.filter(|order| !self.is_gone(order.id)))
    }

    async fn find_by_client_id(
        &self,
        user: UserId,
        id: &ClientOrderId,
        since: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        self.linger().await;
        if self.sabotage == Some(Sabotage::Idempotency) {
            return Ok(None);
        }
        let found = self.memory.find_by_client_id(user, id, since).await?;
        Ok(found.filter(|order| !self.is_gone(order.id)))
    }

    async fn find_by_request(
        &self,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Vec<Order>, StoreError> {
        self.linger().await;
        if self.sabotage == Some(Sabotage::Idempotency) {
            return Ok(Vec::new());
        }
        let mut found = OrderRepository::find_by_request(&*self.memory, key, since).await?;
        found.retain(|order| !self.is_gone(order.id));
        Ok(found)
    }

    async fn list(&self, query: &OrderQuery) -> Result<Vec<Order>, StoreError> {
        self.linger().await;
        let mut orders = OrderRepository::list(&*self.memory, query).await?;
        orders.retain(|order| !self.is_gone(order.id));
        Ok(orders)
    }

    async fn count(
        &self,
        user: UserId,
        day: TradingDay,
    ) -> Result<BTreeMap<BrokerName, u64>, StoreError> {
        self.linger().await;
        self.memory.count(user, day).await
    }

    async fn unresolved(&self) -> Result<Vec<Order>, StoreError> {
        self.linger().await;
        let mut orders = self.memory.unresolved().await?;
        orders.retain(|order| !self.is_gone(order.id));
        Ok(orders)
    }

    async fn left_open(
        &self,
        user: UserId,
        broker: &BrokerName,
        before: TradingDay,
    ) -> Result<Vec<Order>, StoreError> {
        self.linger().await;
        self.memory.left_open(user, broker, before).await
    }

    async fn journal(&self, order: OrderId) -> Result<Vec<OrderEvent>, StoreError> {
        self.linger().await;
        self.memory.journal(order).await
    }
}

#[async_trait]
impl PaperLedger for WorldStore {
    async fn load(
        &self,
        key: &PaperAccountKey,
        opening: &PaperOpening,
    ) -> Result<PaperState, StoreError> {
        self.linger().await;
        self.memory.load(key, opening).await
    }

    async fn commit(&self, entry: LedgerEntry) -> Result<CommitReceipt, StoreError> {
        let store = self.clone();
        let outcome = match self.before_a_change().await {
            Ok(()) => self.memory.commit(entry).await?.await,
            Err(error) => Err(error),
        };
        Ok(Box::pin(async move {
            store.linger().await;
            outcome
        }))
    }

    async fn movements(
        &self,
        key: &PaperAccountKey,
        limit: u32,
    ) -> Result<Vec<Movement>, StoreError> {
        self.linger().await;
        self.memory.movements(key, limit).await
    }

    async fn daily(&self, key: &PaperAccountKey, limit: u32) -> Result<Vec<DailyPnl>, StoreError> {
        self.linger().await;
        self.memory.daily(key, limit).await
    }
}
