//! Finds out what became of orders whose outcome nobody knows, and brings open ones up to date.
//!
//! One task reads the order books of brokers, one pass after the other, so that what two books say
//! is never mixed up. Nothing is sent again from here: a pass reads, and writes down what it read.
//!
//! | file | what is in it |
//! |---|---|
//! | `keeper` | what is remembered about one broker between passes, and a pass |

mod keeper;

use crate::event::EventBus;
use crate::ports::Ports;
use crate::service::SettingService;
use keeper::Keeper;
use openalgo_core::id::BrokerName;
use openalgo_core::port::{BrokerReadError, StoreError};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

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

type Done = oneshot::Sender<Result<(), ReconcileError>>;

/// The way to the one task that reads order books.
#[derive(Debug, Clone)]
pub(crate) struct Reconciler(mpsc::Sender<Done>);

/// The task, which somebody must end.
#[derive(Debug)]
pub(crate) struct ReconcilerTask {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Reconciler {
    /// Starts the task. Orders that are on their way now were left by an earlier process.
    pub(crate) async fn start(
        tools: Tools,
        every: Option<Duration>,
    ) -> Result<(Self, ReconcilerTask), StoreError> {
        let mut keepers = Vec::new();
        for session in &tools.ports.brokers {
            let reader = session.order_book.clone();
            if let Some(reader) = reader {
                keepers.push(Keeper::begin((session.broker.clone(), reader), &tools).await?);
            }
        }
        let (asks, inbox) = mpsc::channel(QUEUE);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(run((keepers, tools), (inbox, stopped), every));
        Ok((Self(asks), ReconcilerTask { stop, task }))
    }

    /// Reads every broker's order book from now on, as far as there is something to find out;
    /// returns when what it says is written down.
    pub(crate) async fn pass(&self) -> Result<(), ReconcileError> {
        let (done, answer) = oneshot::channel();
        let asked = self.0.send(done).await;
        asked.map_err(|_closed| ReconcileError::Stopped)?;
        answer.await.map_err(|_dropped| ReconcileError::Stopped)?
    }
}

impl ReconcilerTask {
    /// Lets the pass that is being made come to its end, and makes no other.
    pub(crate) async fn end(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the reconciler ended early");
        }
    }
}

/// What a pass needs.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) ports: Arc<Ports>,
    pub(crate) settings: SettingService,
    pub(crate) events: EventBus,
}

async fn run(
    (mut keepers, tools): (Vec<Keeper>, Tools),
    (mut inbox, mut stopped): (mpsc::Receiver<Done>, watch::Receiver<bool>),
    every: Option<Duration>,
) {
    let mut waiting = Vec::with_capacity(QUEUE);
    let mut next = every.map(|every| {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    });
    loop {
        let asked = tokio::select! {
            biased;
            _ = stopped.changed() => return,
            asked = inbox.recv_many(&mut waiting, QUEUE) => asked,
            () = tick(&mut next) => usize::MAX,
        };
        if asked == 0 {
            return;
        }
        let outcome = pass(&mut keepers, &tools).await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, "the outcome of orders could not be found out");
        }
        for done in waiting.drain(..) {
            drop(done.send(outcome.clone()));
        }
    }
}

/// The next turn of the schedule, if there is one.
async fn tick(ticks: &mut Option<tokio::time::Interval>) {
    match ticks {
        Some(ticks) => drop(ticks.tick().await),
        None => std::future::pending().await,
    }
}

/// One broker that fails does not keep the others from it; the first failure is reported.
async fn pass(keepers: &mut [Keeper], tools: &Tools) -> Result<(), ReconcileError> {
    let mut outcome = Ok(());
    for keeper in keepers {
        outcome = outcome.and(keeper.pass(tools).await);
    }
    outcome
}
