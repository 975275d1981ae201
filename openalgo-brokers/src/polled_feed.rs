//! The feed of a market that is looked at again and again, since it tells nothing by itself.

use async_trait::async_trait;
use openalgo_core::market::{FeedMode, InstrumentKey, Tick};
use openalgo_core::port::{BrokerReadError, MarketError, MarketFeed, Subscription, TickStream};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Interval, MissedTickBehavior};

/// What is wanted of each instrument that is subscribed to.
pub type Modes = BTreeMap<InstrumentKey, FeedMode>;

/// A market that can be looked at.
pub trait PolledMarket: fmt::Debug + Send + Sync + 'static {
    /// What one stream knows of it.
    type View: MarketView + 'static;

    /// Begins to look at it for one stream.
    fn view(self: &Arc<Self>) -> Self::View;
}

/// A market as one stream sees it.
#[async_trait]
pub trait MarketView: fmt::Debug + Send {
    /// Looks at the market; tells whether there may be other prices than at the last look. A call
    /// that is abandoned has not looked.
    async fn look(&mut self) -> bool;

    /// The price of an instrument as it is now.
    fn price(&mut self, key: &InstrumentKey, mode: FeedMode) -> Result<Tick, MarketError>;

    /// Forgets what it knows of instruments that nobody wants.
    fn keep(&mut self, wanted: &Modes);
}

/// Streams the prices of a market, looked at at a given interval.
///
/// While the market stands still there is nothing to tell. What is subscribed to anew is told at
/// once.
#[derive(Debug)]
pub struct PolledFeed<M> {
    market: Arc<M>,
    every: Duration,
    wanted: Arc<Wanted>,
}

/// What is subscribed to.
#[derive(Debug, Default)]
struct Wanted {
    list: Mutex<List>,
    /// Rings when something was subscribed to, or another stream was opened.
    bell: Notify,
}

#[derive(Debug, Default)]
struct List {
    modes: Modes,
    /// Those of them whose price was never told.
    fresh: BTreeSet<InstrumentKey>,
    /// How many streams were opened.
    streams: u64,
}

impl Wanted {
    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M> PolledFeed<M> {
    /// Streams the prices of a market, looked at so often.
    pub fn new(market: Arc<M>, every: Duration) -> Self {
        Self {
            market,
            every: every.max(Duration::from_millis(1)),
            wanted: Arc::default(),
        }
    }
}

#[async_trait]
impl<M: PolledMarket> MarketFeed for PolledFeed<M> {
    async fn open(&self) -> Result<Box<dyn TickStream>, BrokerReadError> {
        let number = {
            let mut list = self.wanted.list();
            list.streams = list.streams.wrapping_add(1);
            list.modes.clear();
            list.fresh.clear();
            list.streams
        };
        self.wanted.bell.notify_one();
        let mut turns = tokio::time::interval(self.every);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Box::new(Ticks {
            view: self.market.view(),
            wanted: Arc::clone(&self.wanted),
            number,
            turns,
            ready: VecDeque::new(),
        }))
    }

    async fn subscribe(&self, wanted: &[Subscription]) -> Result<(), BrokerReadError> {
        let mut list = self.wanted.list();
        for subscription in wanted {
            let key = &subscription.instrument;
            list.modes.insert(key.clone(), subscription.mode);
            list.fresh.insert(key.clone());
        }
        self.wanted.bell.notify_one();
        Ok(())
    }

    async fn unsubscribe(&self, instruments: &[InstrumentKey]) -> Result<(), BrokerReadError> {
        let mut list = self.wanted.list();
        for key in instruments {
            list.modes.remove(key);
            list.fresh.remove(key);
        }
        Ok(())
    }
}

/// The stream.
#[derive(Debug)]
struct Ticks<V> {
    view: V,
    wanted: Arc<Wanted>,
    /// Which of the feed's streams this is.
    number: u64,
    turns: Interval,
    /// Prices that were not taken yet; at most one of each instrument.
    ready: VecDeque<Tick>,
}

#[async_trait]
impl<V: MarketView> TickStream for Ticks<V> {
    async fn next(&mut self) -> Option<Tick> {
        loop {
            {
                let list = self.wanted.list();
                if list.streams != self.number {
                    return None;
                }
                while let Some(tick) = self.ready.pop_front() {
                    if list.modes.contains_key(&tick.instrument) {
                        return Some(tick);
                    }
                }
            }
            let wanted = Arc::clone(&self.wanted);
            tokio::select! {
                biased;
                () = wanted.bell.notified() => self.tell_fresh(),
                _ = self.turns.tick() => {
                    if self.view.look().await {
                        self.tell_all();
                    } else {
                        self.tell_fresh();
                    }
                }
            }
        }
    }
}

impl<V: MarketView> Ticks<V> {
    fn tell_fresh(&mut self) {
        let fresh = {
            let mut list = self.wanted.list();
            let fresh = std::mem::take(&mut list.fresh);
            let modes = fresh.into_iter();
            let with_mode = modes.filter_map(|key| {
                let mode = list.modes.get(&key).copied();
                mode.map(|mode| (key, mode))
            });
            with_mode.collect::<Vec<_>>()
        };
        self.tell(fresh);
    }

    fn tell_all(&mut self) {
        let all = {
            let mut list = self.wanted.list();
            list.fresh.clear();
            list.modes.clone()
        };
        self.view.keep(&all);
        self.tell(all);
    }

    fn tell(&mut self, wanted: impl IntoIterator<Item = (InstrumentKey, FeedMode)>) {
        for (key, mode) in wanted {
            match self.view.price(&key, mode) {
                Ok(tick) => self.ready.push_back(tick),
                // The error would name the symbol.
                Err(_unknown) => tracing::debug!("an instrument of the feed has no price"),
            }
        }
    }
}
