//! Orders that wait for a price: watched by one task, which alone changes them.
//!
//! A leg whose price is met is claimed in the store, then its order is placed under a client order
//! id that follows from the leg, then what became of it is stored. Whatever ends the process in
//! between, the journal of orders tells whether that order exists.
//!
//! | file | what is in it |
//! |---|---|
//! | `task` | the task: passes, and what is asked of it between them |
//! | `book` | those that wait, in memory, and how they change |
//! | `purse` | what is reserved for them on paper |
//! | `firing` | placing the order of a leg, and what became of it |

mod book;
mod firing;
mod purse;
mod task;

use crate::account::AccountRegistry;
use crate::event::EventBus;
use crate::hub::MarketDataHub;
use crate::kill_switch::HaltedError;
use crate::market::Market;
use crate::ports::Ports;
use crate::service::{ChangeGttError, OrderService, PlaceGttError};
use openalgo_core::id::{BrokerName, TriggerId, UserId};
use openalgo_core::market::Timestamp;
use openalgo_core::order::{Gtt, NewGtt, TradingMode};
use openalgo_core::port::StoreError;
use std::sync::Arc;
use std::time::Duration;
use task::{Ask, Task};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Callers that may wait for the task; further ones wait for room.
const QUEUE: usize = 64;

/// Why prices were not looked at.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum GttWatchError {
    /// The store failed.
    #[error("orders that wait for a price could not be read or stored")]
    Store(#[source] Arc<StoreError>),
    /// The engine is stopping.
    #[error("the engine is stopping")]
    Stopped,
}

/// What one that waits is to become.
#[derive(Debug)]
pub(crate) enum Change {
    /// Other terms.
    Modify(Box<Terms>),
    /// Nothing: it is withdrawn.
    Cancel,
}

/// Other terms for one that waits.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) asked: NewGtt,
    /// The end of what it trades.
    pub(crate) end: Option<Timestamp>,
    /// What stops terms that take more risk.
    pub(crate) halt: Option<HaltedError>,
}

/// The answer to a request whose trigger id is taken: the one that has it, if it came from the
/// same words. The same words in another mode or at another broker are another one.
pub(crate) fn placed_before(
    known: Gtt,
    route: (TradingMode, &BrokerName),
    asked: &NewGtt,
) -> Result<Gtt, PlaceGttError> {
    if (known.mode, &known.broker) == route && known.came_from(asked) {
        Ok(known)
    } else {
        Err(PlaceGttError::Conflict(known.trigger_id))
    }
}

/// What the task needs.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) ports: Arc<Ports>,
    pub(crate) market: Arc<Market>,
    pub(crate) accounts: Arc<AccountRegistry>,
    pub(crate) hub: MarketDataHub,
    pub(crate) orders: OrderService,
    pub(crate) events: EventBus,
}

/// The way to the task.
#[derive(Debug, Clone)]
pub(crate) struct GttWatch(mpsc::Sender<Ask>);

/// The task itself, which somebody must end.
#[derive(Debug)]
pub(crate) struct GttTask {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl GttWatch {
    /// Starts the task; it looks at prices so often by itself, if at all.
    pub(crate) fn start(tools: Tools, every: Option<Duration>) -> (Self, GttTask) {
        let (asks, inbox) = mpsc::channel(QUEUE);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(Task::new(tools).run((inbox, stopped), every));
        (Self(asks), GttTask { stop, task })
    }

    /// Keeps one that has been checked; gives the one that is there already if the same was
    /// placed before with its id, and whether that is so.
    pub(crate) async fn keep(&self, gtt: Gtt, asked: NewGtt) -> Result<(Gtt, bool), PlaceGttError> {
        let (done, answer) = oneshot::channel();
        let ask = Ask::Keep(Box::new(gtt), Box::new(asked), done);
        let asked = self.0.send(ask).await;
        asked.map_err(|_closed| PlaceGttError::Stopped)?;
        answer.await.map_err(|_dropped| PlaceGttError::Stopped)?
    }

    /// Changes one that waits.
    pub(crate) async fn change(
        &self,
        (user, id): (UserId, TriggerId),
        change: Change,
    ) -> Result<Gtt, ChangeGttError> {
        let (done, answer) = oneshot::channel();
        let asked = self.0.send(Ask::Change((user, id), change, done)).await;
        asked.map_err(|_closed| ChangeGttError::Stopped)?;
        answer.await.map_err(|_dropped| ChangeGttError::Stopped)?
    }

    /// Looks at prices from now on; returns when what they meet is placed, or is known not to be.
    pub(crate) async fn pass(&self) -> Result<(), GttWatchError> {
        let (done, answer) = oneshot::channel();
        let asked = self.0.send(Ask::Pass(done)).await;
        asked.map_err(|_closed| GttWatchError::Stopped)?;
        answer.await.map_err(|_dropped| GttWatchError::Stopped)?
    }
}

impl GttTask {
    /// Lets the task begin nothing more.
    pub(crate) fn quit(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until what was being placed is settled.
    pub(crate) async fn end(self) {
        self.quit();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the watch of orders that wait for a price ended early");
        }
    }
}
