//! Prices as they come: one per instrument and second.

use super::quoting::{DayRange, Session, failed};
use super::{SimulatedExchange, float};
use async_trait::async_trait;
use openalgo_core::market::{FeedMode, InstrumentKey, Tick, TickSource, Timestamp};
use openalgo_core::port::{BrokerReadError, MarketError, MarketFeed, Subscription, TickStream};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Interval, MissedTickBehavior};

/// Streams the prices of the simulated exchange.
///
/// It looks at the clock of the exchange at a given interval, and tells the prices of that
/// instant; while that clock stands still there is nothing to tell. What is subscribed to anew is
/// told at once.
#[derive(Debug)]
pub struct SimulatedFeed {
    exchange: Arc<SimulatedExchange>,
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
    modes: BTreeMap<InstrumentKey, FeedMode>,
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

impl SimulatedFeed {
    /// Streams the prices of an exchange, looked at so often.
    pub fn new(exchange: Arc<SimulatedExchange>, every: Duration) -> Self {
        Self {
            exchange,
            every: every.max(Duration::from_millis(1)),
            wanted: Arc::default(),
        }
    }
}

#[async_trait]
impl MarketFeed for SimulatedFeed {
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
            exchange: Arc::clone(&self.exchange),
            wanted: Arc::clone(&self.wanted),
            number,
            turns,
            told: self.exchange.clock.now().to_seconds(),
            ranges: BTreeMap::new(),
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
struct Ticks {
    exchange: Arc<SimulatedExchange>,
    wanted: Arc<Wanted>,
    /// Which of the feed's streams this is.
    number: u64,
    turns: Interval,
    /// The last second whose prices were told, or in which it was opened.
    told: i64,
    /// What is known of the day of each instrument.
    ranges: BTreeMap<InstrumentKey, DayRange>,
    /// Prices that were not taken yet; at most one of each instrument.
    ready: VecDeque<Tick>,
}

#[async_trait]
impl TickStream for Ticks {
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
                () = wanted.bell.notified() => self.look_at_fresh(),
                _ = self.turns.tick() => self.look_at_all(),
            }
        }
    }
}

impl Ticks {
    fn look_at_fresh(&mut self) {
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
        self.tell(fresh, self.exchange.clock.now());
    }

    fn look_at_all(&mut self) {
        let now = self.exchange.clock.now();
        if now.to_seconds() <= self.told {
            return self.look_at_fresh();
        }
        let all = {
            let mut list = self.wanted.list();
            list.fresh.clear();
            list.modes.clone()
        };
        self.ranges.retain(|key, _| all.contains_key(key));
        self.told = now.to_seconds();
        self.tell(all, now);
    }

    fn tell(&mut self, wanted: impl IntoIterator<Item = (InstrumentKey, FeedMode)>, at: Timestamp) {
        for (key, mode) in wanted {
            match self.price(&key, mode, at) {
                Ok(tick) => self.ready.push_back(tick),
                // The error would name the symbol.
                Err(_unknown) => tracing::debug!("an instrument of the feed has no price"),
            }
        }
    }

    fn price(
        &mut self,
        key: &InstrumentKey,
        mode: FeedMode,
        at: Timestamp,
    ) -> Result<Tick, MarketError> {
        let session = Session::of(at)?;
        let exchange = &self.exchange;
        let listed = exchange.listed(key, session.day)?;
        if mode == FeedMode::Ltp {
            let value = exchange.tape(listed).at(at.to_seconds());
            let ltp = float::to_price(value, listed.tick).map_err(failed)?;
            return Ok(Tick::ltp(key.clone(), ltp, at, TickSource::Simulated));
        }
        let known = self.ranges.get(key).copied();
        let known = known.filter(|range| range.session.day == session.day);
        let mut range = known.unwrap_or_else(|| DayRange::begin(session));
        let quote = exchange.quote_in(&mut range, (key, listed), at);
        let quote = quote.map_err(failed)?;
        self.ranges.insert(key.clone(), range);
        let mut tick = Tick::of_quote(&quote, at, TickSource::Simulated);
        if mode == FeedMode::Depth {
            tick.depth = Some(exchange.depth_at(key, at)?);
        }
        Ok(tick)
    }
}
