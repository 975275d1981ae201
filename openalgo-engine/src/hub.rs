//! The market data hub: one subscription per instrument at the source, and any number of readers.
//!
//! A reader gets the last known price of an instrument at once, then each one that comes. What
//! waits for it is bounded: of each instrument the latest price, which replaces those before it.
//! Nobody waits for a reader; one that takes nothing for a minute is dropped. Prices that cannot
//! be reach nobody: they are counted by the reason.
//!
//! | file | what is in it |
//! |---|---|
//! | `board` | who wants which prices, the last ones, handing them on |
//! | `mailbox` | what waits for a reader |
//! | `quarantine` | prices that cannot be |
//! | `task` | the task that reads the feed |

mod board;
mod mailbox;
mod quarantine;
mod task;
#[cfg(test)]
mod tests;

use crate::market::{LookupError, Market};
use board::{Board, ReaderId};
use mailbox::Mailbox;
pub use mailbox::NextTick;
use openalgo_core::market::{FeedMode, InstrumentKey, Quote, Tick, Timestamp};
use openalgo_core::port::{MarketFeed, Subscription};
pub use quarantine::{Impossible, Quarantined};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use task::Task;
use thiserror::Error;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// A price that came longer ago is not what the market is now.
const FRESH: chrono::Duration = chrono::Duration::seconds(5);

/// Why prices cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// There is no such instrument, or it cannot be looked up.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The source of prices does not stream any.
    #[error("this source of prices does not stream them: ask for quotes instead")]
    NotOffered,
}

/// How the feed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedState {
    /// The source streams no prices, or the engine has stopped.
    Off,
    /// Nobody wants prices.
    Idle,
    /// It is being opened, and has told no price yet.
    Connecting,
    /// Prices come.
    Live,
    /// No price came for long; it is opened again.
    Quiet,
    /// It ended or did not answer; it is opened again.
    Lost,
}

impl FeedState {
    /// A word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Idle => "idle",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Quiet => "quiet",
            Self::Lost => "lost",
        }
    }
}

/// How the hub is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubHealth {
    /// The feed.
    pub state: FeedState,
    /// Instruments that are subscribed to.
    pub instruments: usize,
    /// Readers.
    pub readers: usize,
    /// Prices that were handed on.
    pub ticks: u64,
    /// Prices that were not.
    pub quarantined: Quarantined,
    /// Readers that were dropped because they took nothing.
    pub dropped_readers: u64,
    /// When the last price came.
    pub last_tick_at: Option<Timestamp>,
}

/// What the task and the readers share.
#[derive(Debug)]
struct Shared {
    board: Mutex<Board>,
    state: watch::Sender<FeedState>,
    /// Rings when something else is wanted.
    bell: Notify,
}

impl Shared {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, state: FeedState) {
        self.state.send_replace(state);
    }
}

/// Where prices are read as they come.
#[derive(Debug, Clone)]
pub struct MarketDataHub {
    shared: Arc<Shared>,
    market: Arc<Market>,
    has_feed: bool,
}

/// The task of the hub, which somebody must end.
#[derive(Debug)]
pub(crate) struct HubTask(Option<(watch::Sender<bool>, JoinHandle<()>)>);

impl HubTask {
    pub(crate) async fn end(self) {
        let Some((stop, task)) = self.0 else { return };
        stop.send_replace(true);
        if let Err(error) = task.await {
            tracing::error!(%error, "the hub of prices ended early");
        }
    }
}

impl MarketDataHub {
    /// Starts the hub on the feed of a market, if it has one.
    pub(crate) fn start(market: Arc<Market>) -> (Self, HubTask) {
        let feed = market.feed();
        let shared = Arc::new(Shared {
            board: Mutex::default(),
            state: watch::Sender::new(FeedState::Off),
            bell: Notify::new(),
        });
        let task = feed.as_ref().map(|feed: &Arc<dyn MarketFeed>| {
            let task = Task::new(Arc::clone(feed), Arc::clone(&shared));
            let (stop, stopped) = watch::channel(false);
            (stop, tokio::spawn(task.run(stopped)))
        });
        let hub = Self {
            shared,
            market,
            has_feed: feed.is_some(),
        };
        (hub, HubTask(task))
    }

    /// Whether the source of prices streams them.
    pub fn has_feed(&self) -> bool {
        self.has_feed
    }

    /// Reads prices of instruments, each of which must exist.
    pub async fn subscribe(&self, wanted: &[Subscription]) -> Result<TickReader, SubscribeError> {
        if !self.has_feed {
            return Err(SubscribeError::NotOffered);
        }
        for subscription in wanted {
            self.market.instrument(&subscription.instrument).await?;
        }
        let reader = self.reader();
        reader.add(wanted);
        Ok(reader)
    }

    /// A reader of nothing so far.
    pub(crate) fn reader(&self) -> TickReader {
        let (id, mailbox) = self.shared.board().join();
        TickReader {
            id,
            mailbox,
            shared: Arc::clone(&self.shared),
        }
    }

    /// The last price of an instrument that somebody reads.
    pub fn last(&self, key: &InstrumentKey) -> Option<Arc<Tick>> {
        let board = self.shared.board();
        board.last(key).map(|known| known.tick)
    }

    /// The market of an instrument: what the feed told last, if that is not long ago, else what
    /// the source answers.
    pub async fn quote(&self, key: &InstrumentKey) -> Result<Quote, LookupError> {
        let now = self.market.now();
        let known = self.shared.board().last(key);
        let fresh = known.filter(|known| now.since(known.tick.received_at) <= FRESH);
        match fresh {
            Some(known) => Ok(known.quote),
            None => self.market.quote(key).await,
        }
    }

    /// How long ago the last price of each instrument came that somebody reads; `None` for one
    /// that has none yet.
    pub fn ages(&self) -> Vec<(InstrumentKey, Option<chrono::Duration>)> {
        let now = self.market.now();
        let board = self.shared.board();
        let ages = board.ages();
        ages.map(|(key, at)| (key.clone(), at.map(|at| now.since(at))))
            .collect()
    }

    /// How the hub is.
    pub fn health(&self) -> HubHealth {
        let state = *self.shared.state.borrow();
        let board = self.shared.board();
        HubHealth {
            state,
            instruments: board.wanted_count(),
            readers: board.reader_count(),
            ticks: board.admitted,
            quarantined: board.quarantined,
            dropped_readers: board.dropped,
            last_tick_at: board.last_at,
        }
    }
}

/// Reads prices. Dropping it ends its subscriptions.
#[derive(Debug)]
pub struct TickReader {
    id: ReaderId,
    mailbox: Arc<Mailbox>,
    shared: Arc<Shared>,
}

impl TickReader {
    /// Waits for the next price. A call that is abandoned loses no price.
    pub async fn next(&mut self) -> NextTick {
        self.mailbox.next().await
    }

    /// The next price, if one waits.
    pub fn try_next(&mut self) -> Option<NextTick> {
        self.mailbox.take()
    }

    /// Prices that were replaced by later ones before they were taken.
    pub fn conflated(&self) -> u64 {
        self.mailbox.conflated()
    }

    /// Reads more instruments; one that is read already gets the mode that is asked for now.
    fn add(&self, wanted: &[Subscription]) {
        {
            let mut board = self.shared.board();
            for subscription in wanted {
                board.wish(self.id, &subscription.instrument, subscription.mode);
            }
        }
        self.shared.bell.notify_one();
    }

    /// Reads these instruments and no others.
    pub(crate) fn set(&self, wanted: &BTreeMap<InstrumentKey, FeedMode>) {
        {
            let mut board = self.shared.board();
            for key in board.of_reader(self.id) {
                if !wanted.contains_key(&key) {
                    board.forgo(self.id, &key);
                }
            }
            for (key, mode) in wanted {
                board.wish(self.id, key, *mode);
            }
        }
        self.shared.bell.notify_one();
    }
}

impl Drop for TickReader {
    fn drop(&mut self) {
        self.shared.board().leave(self.id);
        self.shared.bell.notify_one();
    }
}
