//! The broker as the engine sees it: roles that answer late, wrongly or not at all.

use super::clock::{WorldClock, chrono};
use super::dice::Dice;
use super::exchange::{Around, Exchange};
use super::faults::{Fault, Faults};
use super::market::WorldMarket;
use super::steps::Steps;
use async_trait::async_trait;
use openalgo::core::id::{BrokerName, BrokerOrderId, IntentId, UserId};
use openalgo::core::order::{JournaledIntent, NewOrder, OrderKind};
use openalgo::core::port::{
    Acknowledgement, BookOrder, BrokerReadError, BrokerSession, CancelError, Clock, ModifyError,
    OrderBook, OrderBookReader, OrderGateway, OrderUpdates, PortfolioReader, ReportStream,
    StatusReport, SubmitError,
};
use openalgo::core::portfolio::{BrokerFunds, Holding, Position};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How late an order may arrive unseen where the broker carries no marks: an order that is not
/// there by then counts as lost.
const LATEST_UNMARKED: u64 = 20_000;

/// The same where marks tell it apart even then.
const LATEST_MARKED: u64 = 90_000;

/// The broker of the world. It outlives every process that talks to it.
#[derive(Debug)]
pub(crate) struct WorldBroker {
    exchange: Mutex<Exchange>,
    /// Intents that were sent to it, however that went on.
    submitted: Mutex<Vec<IntentId>>,
    changed: Notify,
    dice: Mutex<Dice>,
    pub(crate) carries_tags: bool,
    tools: Tools,
}

/// What the broker lives on.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) clock: Arc<WorldClock>,
    pub(crate) market: Arc<WorldMarket>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) steps: Arc<Steps>,
}

/// What becomes of an order that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It never leaves this machine.
    NotSent,
    /// The broker refuses it.
    Refused,
    /// It is taken, and the answer comes.
    Answered,
    /// The answer does not come, or tells nothing; the order is there or not.
    Unanswered { reason: &'static str, arrives: bool },
}

impl WorldBroker {
    pub(crate) fn new(user: UserId, mut dice: Dice, tools: Tools) -> Arc<Self> {
        let carries_tags = dice.chance(500);
        let seed = dice.between(0, i64::MAX).cast_unsigned();
        let exchange = Exchange::new((user, name()), carries_tags, Dice::new(seed, 1));
        Arc::new(Self {
            exchange: Mutex::new(exchange),
            submitted: Mutex::default(),
            changed: Notify::new(),
            dice: Mutex::new(dice),
            carries_tags,
            tools,
        })
    }

    /// What the engine gets of it.
    pub(crate) fn session(self: &Arc<Self>) -> BrokerSession {
        BrokerSession {
            order_book: Some(Arc::clone(self) as _),
            portfolio: Some(Arc::clone(self) as _),
            order_updates: Some(Arc::new(Updates(Arc::clone(self)))),
            ..BrokerSession::new(name(), Arc::clone(self) as _)
        }
    }

    /// The broker as it is now, as nobody but the world sees it.
    pub(crate) fn exchange(&self) -> MutexGuard<'_, Exchange> {
        let mut exchange = self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        let Tools { market, faults, .. } = &self.tools;
        exchange.advance(self.tools.clock.now(), Around { market, faults });
        exchange
    }

    /// Intents that were sent to it.
    pub(crate) fn submitted(&self) -> Vec<IntentId> {
        let submitted = self.submitted.lock();
        submitted.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Somebody places an order at the broker's own website.
    pub(crate) fn place_by_hand(&self, order: NewOrder) {
        let now = self.tools.clock.now();
        self.exchange().by_hand(order, now);
        self.changed.notify_waiters();
    }

    fn throw<T>(&self, throw: impl FnOnce(&mut Dice) -> T) -> T {
        throw(&mut self.dice.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn strikes(&self, fault: Fault) -> bool {
        self.tools.faults.strikes(fault)
    }

    async fn wait(&self, low: u64, high: u64) {
        let span = self.throw(|dice| dice.millis(low, high));
        tokio::time::sleep(span).await;
    }

    fn draw_fate(&self) -> Fate {
        let is_over = self.tools.faults.are_over();
        if !is_over && self.throw(|dice| dice.chance(5)) {
            return Fate::NotSent;
        }
        if !is_over && self.throw(|dice| dice.chance(15)) {
            return Fate::Refused;
        }
        if self.strikes(Fault::LostReply) {
            let (reason, arrives) = ("the connection was lost", true);
            return Fate::Unanswered { reason, arrives };
        }
        let arrives = self.throw(|dice| dice.chance(500));
        if self.strikes(Fault::ServerError) {
            let reason = "the broker answered 502";
            return Fate::Unanswered { reason, arrives };
        }
        if self.strikes(Fault::Garbage) {
            let reason = "the broker's answer was no JSON";
            return Fate::Unanswered { reason, arrives };
        }
        Fate::Answered
    }

    /// How long an order is on its way.
    fn draw_way(&self) -> Duration {
        if !self.strikes(Fault::Delay) {
            return self.throw(|dice| dice.millis(2, 120));
        }
        let latest = if self.carries_tags {
            LATEST_MARKED
        } else {
            LATEST_UNMARKED
        };
        self.throw(|dice| dice.millis(900, latest))
    }
}

/// How the book shows an order: some of those at the market with the limit that protects them.
fn shown(row: &BookOrder) -> BookOrder {
    let id = row.broker_order_id.as_str();
    let is_protected = row.kind == OrderKind::Market && id.ends_with(['1', '3', '5', '7', '9']);
    let mut row = row.clone();
    if is_protected {
        let price = "1".parse().unwrap();
        row.kind = OrderKind::Limit { price };
    }
    row
}

/// The name of the broker of the world.
pub(crate) fn name() -> BrokerName {
    "world".parse().unwrap()
}

/// The name of the paper broker.
pub(crate) fn paper() -> BrokerName {
    openalgo::brokers::paper::BROKER_NAME.parse().unwrap()
}

#[async_trait]
impl OrderGateway for WorldBroker {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        self.tools.steps.pass().await;
        let fate = self.draw_fate();
        if fate == Fate::NotSent {
            return Err(SubmitError::NotSent("no route to host".into()));
        }
        let intent = intent.intent();
        {
            let mut submitted = self
                .submitted
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            submitted.push(intent.id);
        }
        let way = self.draw_way();
        if matches!(
            fate,
            Fate::Answered | Fate::Unanswered { arrives: true, .. }
        ) {
            let at = self.tools.clock.now().plus(chrono(way));
            self.exchange().send(intent, at);
            self.changed.notify_waiters();
        }
        tokio::time::sleep(way).await;
        self.tools.steps.pass().await;
        self.wait(1, 40).await;
        self.tools.steps.pass().await;
        match fate {
            Fate::NotSent => Err(SubmitError::NotSent("no route to host".into())),
            Fate::Refused => {
                let reason = "RMS: margin exceeds".into();
                Err(SubmitError::Refused { reason })
            }
            Fate::Answered => {
                let exchange = self.exchange();
                let held = exchange.of_intent(intent.id).unwrap();
                Ok(Acknowledgement {
                    broker_order_id: held.row.broker_order_id.clone(),
                    awaits_trigger: false,
                })
            }
            Fate::Unanswered { reason, .. } => Err(SubmitError::OutcomeUnknown(reason.into())),
        }
    }

    async fn modify(&self, order: &BrokerOrderId, asked: &NewOrder) -> Result<(), ModifyError> {
        self.tools.steps.pass().await;
        self.wait(2, 120).await;
        let is_lost = self.strikes(Fault::LostReply);
        let arrives = !is_lost || self.throw(|dice| dice.chance(500));
        {
            let mut exchange = self.exchange();
            let row = exchange.find(order).map(|held| held.row.clone());
            if row.is_none_or(|row| row.status.is_final() || asked.quantity <= row.filled) {
                let reason = "the order cannot be modified any more".into();
                return Err(ModifyError::Refused { reason });
            }
            if arrives {
                exchange.modify(order, asked, self.tools.clock.now());
            }
        }
        self.changed.notify_waiters();
        self.tools.steps.pass().await;
        if is_lost {
            return Err(ModifyError::OutcomeUnknown(
                "the connection was lost".into(),
            ));
        }
        Ok(())
    }

    async fn cancel(&self, order: &BrokerOrderId) -> Result<(), CancelError> {
        self.tools.steps.pass().await;
        self.wait(2, 120).await;
        let is_lost = self.strikes(Fault::LostReply);
        let arrives = !is_lost || self.throw(|dice| dice.chance(500));
        {
            let mut exchange = self.exchange();
            let row = exchange.find(order).map(|held| held.row.clone());
            if row.is_none_or(|row| row.status.is_final()) {
                let reason = "the order is not open".into();
                return Err(CancelError::Refused { reason });
            }
            if arrives {
                let way = self.throw(|dice| dice.millis(5, 400));
                exchange.cancel(order, self.tools.clock.now().plus(chrono(way)));
            }
        }
        self.changed.notify_waiters();
        self.tools.steps.pass().await;
        if is_lost {
            return Err(CancelError::OutcomeUnknown(
                "the connection was lost".into(),
            ));
        }
        Ok(())
    }
}

#[async_trait]
impl OrderBookReader for WorldBroker {
    async fn orders(&self) -> Result<OrderBook, BrokerReadError> {
        self.tools.steps.pass().await;
        self.wait(2, 80).await;
        let mut book = {
            let exchange = self.exchange();
            let rows = exchange.orders.iter().map(|held| shown(&held.row));
            OrderBook {
                orders: rows.collect(),
                complete: true,
            }
        };
        self.wait(2, 80).await;
        self.tools.steps.pass().await;
        if self.strikes(Fault::ServerError) {
            return Err(BrokerReadError::Failed("the broker answered 503".into()));
        }
        if self.strikes(Fault::Garbage) {
            // One page of the book cannot be read.
            book.complete = false;
            book.orders.retain(|_| self.throw(|dice| dice.chance(700)));
        }
        Ok(book)
    }

    fn carries_tags(&self) -> bool {
        self.carries_tags
    }
}

#[async_trait]
impl PortfolioReader for WorldBroker {
    async fn positions(&self) -> Result<Vec<Position>, BrokerReadError> {
        self.tools.steps.pass().await;
        self.wait(2, 80).await;
        let positions = self.exchange().positions();
        self.wait(2, 80).await;
        if self.strikes(Fault::ServerError) {
            return Err(BrokerReadError::Failed("the broker answered 503".into()));
        }
        Ok(positions)
    }

    async fn holdings(&self) -> Result<Vec<Holding>, BrokerReadError> {
        Ok(Vec::new())
    }

    async fn funds(&self) -> Result<BrokerFunds, BrokerReadError> {
        Err(BrokerReadError::Failed("this broker tells no funds".into()))
    }
}

/// Streams what happens to orders.
#[derive(Debug)]
struct Updates(Arc<WorldBroker>);

#[derive(Debug)]
struct Stream(Arc<WorldBroker>);

#[async_trait]
impl OrderUpdates for Updates {
    async fn reports(&self) -> Result<Box<dyn ReportStream>, BrokerReadError> {
        self.0.tools.steps.pass().await;
        self.0.wait(2, 80).await;
        if self.0.strikes(Fault::ServerError) {
            return Err(BrokerReadError::Failed("the broker answered 503".into()));
        }
        self.0.exchange().forget_reports();
        Ok(Box::new(Stream(Arc::clone(&self.0))))
    }
}

#[async_trait]
impl ReportStream for Stream {
    async fn next(&mut self) -> Option<StatusReport> {
        let broker = &self.0;
        loop {
            let changed = broker.changed.notified();
            let now = broker.tools.clock.now();
            let (due, next) = {
                let mut exchange = broker.exchange();
                (exchange.due_report(now), exchange.next())
            };
            if let Some(report) = due {
                broker.tools.steps.pass().await;
                // Now and then the connection is lost, and what it carried with it.
                let is_lost = broker.strikes(Fault::LostReply);
                return (!is_lost).then_some(report);
            }
            match next {
                Some(at) => tokio::select! {
                    biased;
                    () = changed => {}
                    () = broker.tools.clock.sleep_until(at) => {}
                },
                None => changed.await,
            }
        }
    }
}
