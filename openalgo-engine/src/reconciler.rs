//! Finds out what became of orders whose outcome nobody knows, and brings open ones up to date.
//!
//! One task reads the order books of brokers: those of one account one after the other, so that what
//! two readings say is never mixed up, and those of several side by side, so that a broker that does
//! not answer holds up nobody else. Nothing is sent again from here: a pass reads, and writes down
//! what it read.
//!
//! | file | what is in it |
//! |---|---|
//! | `task` | the task, and what is asked of it |
//! | `books` | whose books are being read, and who waits for that |
//! | `answers` | answers of brokers that could not be stored yet |
//! | `on_the_way` | orders whose answer somebody here waits for |
//! | `keeper` | what is remembered about one broker between passes, and a pass |
//! | `settle` | what a person says about an order that no book can tell of |
//! | `updates` | what brokers say about orders without being asked |
//! | `writing` | how any of it is written down |

mod answers;
mod books;
mod keeper;
mod on_the_way;
mod settle;
mod task;
mod updates;
mod writing;

pub(crate) use books::HURRIED;
pub(crate) use keeper::read_book;
pub(crate) use on_the_way::Awaited;
pub use settle::{SettleError, Settlement};

use crate::brokers::{Brokers, Login};
use crate::event::EventBus;
use crate::ports::Ports;
use crate::service::SettingService;
use answers::Answers;
use books::Settling;
use keeper::Known;
use on_the_way::OnTheWay;
use openalgo_core::id::{BrokerName, BrokerOrderId, IntentId, OrderId};
use openalgo_core::order::{Order, OrderEvent};
use openalgo_core::port::{BrokerReadError, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use task::{Ask, Task};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

/// Callers that may wait for a pass; further ones wait for room.
const QUEUE: usize = 64;

/// Why a pass did not tell everything.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// A broker's order book could not be read.
    #[error("the order book of the broker '{broker}' could not be read: {source}")]
    Broker {
        /// Which broker.
        broker: BrokerName,
        /// What it said.
        source: Arc<BrokerReadError>,
    },
    /// A broker did not answer in time.
    #[error("the broker '{0}' did not show its order book in time")]
    Late(BrokerName),
    /// The store failed.
    #[error("what the order books say could not be stored")]
    Store(#[source] Arc<StoreError>),
    /// The engine is stopping.
    #[error("the engine is stopping")]
    Stopped,
}

impl From<StoreError> for ReconcileError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// What kept a pass from telling everything, by account.
pub(crate) type Failures = Vec<(Login, ReconcileError)>;

/// The orders at a broker that an order of ours may be, where several look like it.
pub(crate) type Doubts = Arc<Mutex<BTreeMap<OrderId, Vec<BrokerOrderId>>>>;

/// The way to the one task that reads order books.
#[derive(Debug, Clone)]
pub(crate) struct Reconciler {
    asks: mpsc::Sender<Ask>,
    doubts: Doubts,
    answers: Answers,
    on_the_way: OnTheWay,
}

/// The tasks, which somebody must end.
#[derive(Debug)]
pub(crate) struct ReconcilerTasks {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Reconciler {
    /// Starts the tasks.
    pub(crate) fn start(tools: Tools, every: Option<Duration>) -> (Self, ReconcilerTasks) {
        let (doubts, on_the_way) = (Doubts::default(), OnTheWay::default());
        let known = Known::new(on_the_way.clone(), Arc::clone(&doubts));
        let task = Task::new(tools.clone(), known);
        let (asks, inbox) = mpsc::channel(QUEUE);
        let (stop, stopped) = watch::channel(false);
        let answers = tools.answers.clone();
        let reconciler = Self {
            asks,
            doubts,
            answers,
            on_the_way,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(task.run((inbox, stopped.clone()), every));
        tasks.spawn(updates::listen(tools, reconciler.clone(), stopped));
        (reconciler, ReconcilerTasks { stop, tasks })
    }

    /// Reads every broker's order book from now on, as far as there is something to find out;
    /// returns when what it says is written down.
    pub(crate) async fn pass(&self) -> Result<(), ReconcileError> {
        match self.ask(None).await?.into_iter().next() {
            Some((_login, error)) => Err(error),
            None => Ok(()),
        }
    }

    /// The same for whoever wants to know about one account: no other broker is asked or waited
    /// for.
    pub(crate) async fn pass_at(&self, login: &Login) -> Result<(), ReconcileError> {
        match self.ask(Some(login.clone())).await?.into_iter().next() {
            Some((_login, error)) => Err(error),
            None => Ok(()),
        }
    }

    async fn ask(&self, of: Option<Login>) -> Result<Failures, ReconcileError> {
        let (done, answer) = oneshot::channel();
        let asked = self.asks.send(Ask::Pass(of, done)).await;
        asked.map_err(|_closed| ReconcileError::Stopped)?;
        answer.await.map_err(|_dropped| ReconcileError::Stopped)
    }

    /// Leaves an order alone until what this gives is dropped: its answer is waited for. To be
    /// called before it is stored as sent.
    pub(crate) fn await_answer(&self, intent: IntentId) -> Awaited {
        self.on_the_way.begin(intent)
    }

    /// Takes over a broker's answer that could not be stored, and stores it as soon as that is
    /// possible. With the end of the process it is lost, and the book must tell.
    pub(crate) async fn take_over(&self, login: &Login, (order, answer): (OrderId, OrderEvent)) {
        self.answers.hold(login, (order, answer));
        if self.asks.send(Ask::Store).await.is_err() {
            tracing::warn!(%order, "a broker's answer was not stored before the end");
        }
    }

    /// How many answers wait to be stored, if they are so many that an account must send no new
    /// entry.
    pub(crate) fn too_many_unstored(&self, login: &Login) -> Option<usize> {
        let count = self.answers.count(login);
        (count >= answers::MOST).then_some(count)
    }

    /// Lets a person say what became of an order.
    pub(crate) async fn settle(
        &self,
        order: Order,
        settlement: Settlement,
    ) -> Result<Order, SettleError> {
        let (done, answer) = oneshot::channel();
        let settling = Settling {
            order: Box::new(order),
            settlement,
            done,
        };
        let asked = self.asks.send(Ask::Settle(settling)).await;
        asked.map_err(|_closed| SettleError::Stopped)?;
        answer.await.map_err(|_dropped| SettleError::Stopped)?
    }

    /// The orders at the broker that an order may be, as far as the last pass could tell.
    pub(crate) fn candidates(&self, order: OrderId) -> Vec<BrokerOrderId> {
        let doubts = self.doubts.lock().unwrap_or_else(PoisonError::into_inner);
        doubts.get(&order).cloned().unwrap_or_default()
    }
}

impl ReconcilerTasks {
    /// Lets the passes that are being made come to their end, and makes no others.
    pub(crate) async fn end(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "the reconciler ended early");
            }
        }
    }
}

/// What is needed to find out and to write down.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) ports: Arc<Ports>,
    pub(crate) brokers: Brokers,
    pub(crate) settings: SettingService,
    pub(crate) events: EventBus,
    answers: Answers,
}

impl Tools {
    pub(crate) fn new(
        (ports, settings): (Arc<Ports>, SettingService),
        brokers: Brokers,
        events: EventBus,
    ) -> Self {
        Self {
            ports,
            brokers,
            settings,
            events,
            answers: Answers::default(),
        }
    }
}
