//! The task that reads the feed: it alone speaks to it.

use super::{FeedState, Shared};
use crate::asking::ask;
use futures_util::FutureExt;
use openalgo_core::market::{FeedMode, InstrumentKey, Tick};
use openalgo_core::port::{MarketFeed, Subscription, TickStream};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

/// How long a feed may take to answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long the first pause before a feed is opened again is; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// A feed that tells nothing for so long is opened again: the socket of a dead one may look alive.
const QUIET: Duration = Duration::from_secs(30);

/// A closed market is quiet, too: what is opened again and stays quiet is left alone for longer
/// and longer, so many times [`QUIET`] at most.
const LONGEST_QUIET: u32 = 20;

/// How the reading of a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The stream is over, or the feed did not answer.
    Lost,
    /// No price came for too long.
    Quiet,
    /// Nobody wants prices any more.
    Idle,
}

pub(super) struct Task {
    feed: Arc<dyn MarketFeed>,
    shared: Arc<Shared>,
    /// What the feed was asked for since it was opened. What must be asked for stands on the
    /// board.
    sent: BTreeMap<InstrumentKey, FeedMode>,
    pause: Duration,
    /// For how many turns of [`QUIET`] the feed may be quiet.
    patience: u32,
}

impl Task {
    pub(super) fn new(feed: Arc<dyn MarketFeed>, shared: Arc<Shared>) -> Self {
        Self {
            feed,
            shared,
            sent: BTreeMap::new(),
            pause: FIRST_PAUSE,
            patience: 1,
        }
    }

    /// Reads until it is told to stop.
    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let shared = Arc::clone(&self.shared);
        // Nothing that it does must come to an end by itself.
        tokio::select! {
            biased;
            _ = stopped.changed() => {}
            () = self.work() => {}
        }
        shared.show(FeedState::Off);
        shared.board().end();
    }

    async fn work(&mut self) {
        loop {
            self.shared.show(FeedState::Idle);
            while self.shared.board().wanted_count() == 0 {
                self.shared.bell.notified().await;
            }
            self.shared.show(FeedState::Connecting);
            let end = match self.open().await {
                Some(mut stream) => self.follow(&mut *stream).await,
                None => End::Lost,
            };
            match end {
                End::Idle => {}
                End::Quiet => {
                    self.patience = self.patience.saturating_mul(2).min(LONGEST_QUIET);
                    self.pause = FIRST_PAUSE;
                    self.rest(FeedState::Quiet).await;
                }
                End::Lost => self.rest(FeedState::Lost).await,
            }
        }
    }

    /// The pause before the feed is opened again.
    async fn rest(&mut self, state: FeedState) {
        self.shared.show(state);
        let (why, pause) = (state.as_str(), self.pause);
        tracing::warn!(why, ?pause, "the feed of prices is opened again");
        tokio::time::sleep(self.pause).await;
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
    }

    async fn open(&mut self) -> Option<Box<dyn TickStream>> {
        self.sent.clear();
        match ask(DEADLINE, self.feed.open()).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the feed of prices was not opened");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the feed of prices was not opened");
                None
            }
        }
    }

    async fn follow(&mut self, stream: &mut dyn TickStream) -> End {
        let mut watchdog = tokio::time::interval(QUIET);
        watchdog.set_missed_tick_behavior(MissedTickBehavior::Delay);
        watchdog.reset();
        let (mut heard, mut quiet_turns) = (false, 0_u32);
        if !self.bring_in_step().await {
            return End::Lost;
        }
        loop {
            if self.sent.is_empty() {
                return End::Idle;
            }
            tokio::select! {
                biased;
                () = self.shared.bell.notified() => if !self.bring_in_step().await {
                    return End::Lost;
                },
                _ = watchdog.tick() => {
                    quiet_turns = if heard { 0 } else { quiet_turns.saturating_add(1) };
                    if quiet_turns >= self.patience {
                        return End::Quiet;
                    }
                    heard = false;
                }
                tick = next(stream) => match tick {
                    Some(tick) => {
                        if !heard {
                            (heard, self.patience, self.pause) = (true, 1, FIRST_PAUSE);
                            self.shared.show(FeedState::Live);
                        }
                        self.take(tick);
                    }
                    None => return End::Lost,
                },
            }
        }
    }

    fn take(&self, tick: Tick) {
        let was_asked_for = self.sent.contains_key(&tick.instrument);
        if self.shared.board().take(tick, was_asked_for) {
            self.shared.bell.notify_one();
        }
    }

    /// Asks the feed for what is wanted and was not asked for, and for no more of what nobody
    /// wants. Whether the feed answered.
    async fn bring_in_step(&mut self) -> bool {
        let wanted = self.shared.board().wanted();
        let more = wanted
            .iter()
            .filter(|(key, mode)| self.sent.get(key) != Some(mode));
        let more: Vec<_> = more
            .map(|(key, mode)| Subscription {
                instrument: key.clone(),
                mode: *mode,
            })
            .collect();
        let less = self.sent.keys().filter(|key| !wanted.contains_key(key));
        let less: Vec<_> = less.cloned().collect();
        if !less.is_empty() && !self.answered(self.feed.unsubscribe(&less)).await {
            return false;
        }
        if !more.is_empty() && !self.answered(self.feed.subscribe(&more)).await {
            return false;
        }
        self.sent = wanted;
        true
    }

    async fn answered<E: std::fmt::Display>(
        &self,
        asked: impl Future<Output = Result<(), E>>,
    ) -> bool {
        match ask(DEADLINE, asked).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the feed of prices did not take a subscription");
                false
            }
            Err(error) => {
                tracing::warn!(%error, "the feed of prices did not take a subscription");
                false
            }
        }
    }
}

/// The next price of a stream; one that panics is over.
async fn next(stream: &mut dyn TickStream) -> Option<Tick> {
    let next = AssertUnwindSafe(stream.next()).catch_unwind().await;
    next.unwrap_or_else(|_panic| {
        tracing::error!("the feed of prices panicked");
        None
    })
}
