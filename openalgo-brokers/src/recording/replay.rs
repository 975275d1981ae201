//! A recording as a source of prices: what it lists can be traded, at the prices that came then.

use super::replay_feed::{Board, ReplayFeed};
use super::{Ending, Pace, RecordingError, RecordingReader, ReplayClock};
use async_trait::async_trait;
use chrono::NaiveDate;
use openalgo_core::market::{Depth, Instrument, InstrumentKey, Quote, Tick, TickSource, Timestamp};
use openalgo_core::port::{
    DepthSource, InstrumentSource, MarketError, MarketSource, PriceOrigin, QuoteSource,
};
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec;
use thiserror::Error;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Anything that a recording can be read from.
type Source = Box<dyn Read + Send>;

/// Why a replay has no price.
#[derive(Debug, Error)]
pub(super) enum NoPrice {
    #[error("the recording has no price of {0} up to this time")]
    NotYet(InstrumentKey),
    #[error("the recording has no order book of {0} up to this time")]
    NoDepth(InstrumentKey),
}

impl From<NoPrice> for MarketError {
    fn from(none: NoPrice) -> Self {
        Self::Failed(Box::new(none))
    }
}

/// How a replay has ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplayEnd {
    /// Every price was told.
    Over(Ending),
    /// The recording could not be read on.
    Failed(RecordingError),
    /// It was stopped.
    Stopped,
}

/// How far a replay is.
#[derive(Debug, Clone, Default)]
struct Progress {
    /// How many prices were told.
    told: u64,
    /// When the next one comes.
    next_at: Option<Timestamp>,
    end: Option<Arc<ReplayEnd>>,
}

#[derive(Debug)]
pub(super) struct Shared {
    instruments: Vec<Instrument>,
    board: Mutex<Board>,
    /// Rings when there is something new for the stream.
    pub(super) bell: Notify,
    progress: watch::Sender<Progress>,
    /// How many prices may be told, where time goes on in steps.
    allowed: watch::Sender<u64>,
}

impl Shared {
    pub(super) fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lists(&self, key: &InstrumentKey) -> Result<(), MarketError> {
        if self.instruments.iter().any(|listed| listed.key == *key) {
            Ok(())
        } else {
            Err(MarketError::UnknownInstrument(key.clone()))
        }
    }
}

/// A recording that is played again: instruments, prices as they come, the last ones, and the clock
/// by which all of it happens.
///
/// It has no course of prices that could be looked through, as a real market has none. Prices that
/// cannot be are streamed as they were recorded, and are never the last one of anything here.
#[derive(Debug, Clone)]
pub struct Replay {
    shared: Arc<Shared>,
    clock: ReplayClock,
    pace: Pace,
}

/// The task that reads the recording, which somebody must end.
#[derive(Debug)]
pub struct ReplayTask {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl ReplayTask {
    /// Ends it.
    pub async fn end(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the replay ended early");
        }
    }
}

impl Replay {
    /// Prepares the replay of a recording. Its time stands where the recording was begun, until it
    /// [begins](Self::begin). Must be called within a runtime.
    pub fn new(reader: RecordingReader<Source>, pace: Pace) -> (Self, ReplayTask) {
        let preamble = reader.preamble();
        let clock = ReplayClock::standing(preamble.begun);
        let shared = Arc::new(Shared {
            instruments: preamble.instruments.clone(),
            board: Mutex::default(),
            bell: Notify::new(),
            progress: watch::Sender::default(),
            allowed: watch::Sender::default(),
        });
        let player = Player {
            shared: Arc::clone(&shared),
            clock: clock.clone(),
            pace,
            reader: Some(reader),
            ready: Vec::new().into_iter(),
        };
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(player.run(stopped));
        let replay = Self {
            shared,
            clock,
            pace,
        };
        (replay, ReplayTask { stop, task })
    }

    /// Lets time run, if it runs by itself.
    pub fn begin(&self) {
        match self.pace {
            Pace::Running { speed, .. } => self.clock.run(speed),
            Pace::Stepped => {}
        }
    }

    /// Goes on to the next price and tells it, where time does not run by itself; when that is, or
    /// `None` at the end.
    pub async fn step(&self) -> Option<Timestamp> {
        let mut progress = self.shared.progress.subscribe();
        let before = progress
            .wait_for(|progress| progress.next_at.is_some() || progress.end.is_some())
            .await
            .ok()?
            .clone();
        let at = before.next_at?;
        let next = before.told.saturating_add(1);
        self.shared
            .allowed
            .send_modify(|allowed| *allowed = next.max(*allowed));
        let told = |progress: &Progress| progress.told > before.told || progress.end.is_some();
        progress.wait_for(told).await.ok()?;
        Some(at)
    }

    /// Waits for its end.
    pub async fn ended(&self) -> Arc<ReplayEnd> {
        let mut progress = self.shared.progress.subscribe();
        let ended = progress.wait_for(|progress| progress.end.is_some()).await;
        let end = ended.ok().and_then(|progress| progress.end.clone());
        end.unwrap_or_else(|| Arc::new(ReplayEnd::Stopped))
    }

    /// How many prices were told.
    pub fn told(&self) -> u64 {
        self.shared.progress.borrow().told
    }

    /// Its clock.
    pub fn clock(&self) -> ReplayClock {
        self.clock.clone()
    }

    /// The recording in all its roles.
    pub fn source(&self) -> MarketSource {
        let roles = Arc::new(self.clone());
        MarketSource {
            feed: Some(Arc::new(ReplayFeed::new(Arc::clone(&self.shared)))),
            depth: Some(Arc::<Self>::clone(&roles)),
            origin: PriceOrigin::Staged,
            ..MarketSource::new(Arc::<Self>::clone(&roles), roles)
        }
    }
}

#[async_trait]
impl QuoteSource for Replay {
    async fn quote(&self, instrument: &InstrumentKey) -> Result<Quote, MarketError> {
        self.shared.lists(instrument)?;
        let quote = self.shared.board().quote(instrument);
        quote.ok_or_else(|| NoPrice::NotYet(instrument.clone()).into())
    }
}

#[async_trait]
impl DepthSource for Replay {
    async fn depth(&self, instrument: &InstrumentKey) -> Result<Depth, MarketError> {
        self.shared.lists(instrument)?;
        let depth = self.shared.board().depth(instrument);
        depth.ok_or_else(|| NoPrice::NoDepth(instrument.clone()).into())
    }
}

#[async_trait]
impl InstrumentSource for Replay {
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let listed = self.shared.instruments.iter();
        let alive = listed.filter(|it| it.expiry.is_none_or(|expiry| expiry >= date));
        Ok(alive.cloned().collect())
    }
}

/// Reads the recording and tells each price when its time has come.
struct Player {
    shared: Arc<Shared>,
    clock: ReplayClock,
    pace: Pace,
    /// Gone only while a block is being read.
    reader: Option<RecordingReader<Source>>,
    ready: vec::IntoIter<Tick>,
}

impl Player {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let shared = Arc::clone(&self.shared);
        let end = tokio::select! {
            biased;
            _ = stopped.changed() => ReplayEnd::Stopped,
            end = self.play() => end,
        };
        if let ReplayEnd::Failed(error) = &end {
            tracing::error!(%error, "the recording cannot be read on");
        }
        shared.progress.send_modify(|progress| {
            progress.next_at = None;
            progress.end = Some(Arc::new(end));
        });
    }

    async fn play(&mut self) -> ReplayEnd {
        let mut last = None;
        loop {
            let tick = match self.next().await {
                Ok(Ok(tick)) => tick,
                Ok(Err(ending)) => return ReplayEnd::Over(ending),
                Err(error) => return ReplayEnd::Failed(error),
            };
            let at = tick.received_at;
            let progress = &self.shared.progress;
            progress.send_modify(|progress| progress.next_at = Some(at));
            self.wait(last, at).await;
            last = Some(at);
            let tick = Tick {
                source: TickSource::Recorded,
                ..tick
            };
            self.shared.board().tell(tick);
            self.shared.bell.notify_one();
            self.shared.progress.send_modify(|progress| {
                progress.told = progress.told.saturating_add(1);
                progress.next_at = None;
            });
        }
    }

    /// Waits until the time of a price has come.
    async fn wait(&mut self, last: Option<Timestamp>, at: Timestamp) {
        if self.pace == Pace::Stepped {
            let told = self.shared.progress.borrow().told;
            let mut allowed = self.shared.allowed.subscribe();
            // The sender is our own.
            drop(allowed.wait_for(|allowed| *allowed > told).await);
            return self.clock.go_to(at);
        }
        if let Pace::Running {
            longest_pause: Some(longest),
            ..
        } = self.pace
            && let Some(last) = last
        {
            let longest = chrono::Duration::from_std(longest).unwrap_or(chrono::Duration::MAX);
            let soon = last.plus(longest);
            if soon < at {
                self.clock.reach(soon).await;
                self.clock.go_to(at);
            }
        }
        self.clock.reach(at).await;
    }

    /// The next price of the recording, or how it ended.
    async fn next(&mut self) -> Result<Result<Tick, Ending>, RecordingError> {
        loop {
            if let Some(tick) = self.ready.next() {
                return Ok(Ok(tick));
            }
            let Some(mut reader) = self.reader.take() else {
                return Err(RecordingError::Io(std::io::ErrorKind::Interrupted.into()));
            };
            let read = tokio::task::spawn_blocking(move || {
                let block = reader.next_block();
                (reader, block)
            });
            let (reader, block) = read.await.map_err(std::io::Error::other)?;
            let ending = reader.ending();
            self.reader = Some(reader);
            match block? {
                Some(ticks) => self.ready = ticks.into_iter(),
                None => return Ok(Err(ending.unwrap_or(Ending::Whole))),
            }
        }
    }
}
