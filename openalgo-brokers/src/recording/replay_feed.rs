//! The prices that a replay streams, and the last ones of each instrument.

use super::replay::Shared;
use async_trait::async_trait;
use openalgo_core::market::{Depth, FeedMode, InstrumentKey, Quote, Tick};
use openalgo_core::port::{BrokerReadError, MarketFeed, Subscription, TickStream};
use openalgo_core::rule::known_market::KnownMarket;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// So many prices wait for the stream before only the latest of each instrument are kept.
const MOST_WAITING: usize = 65_536;

/// What is known and what is wanted.
#[derive(Debug, Default)]
pub(super) struct Board {
    known: BTreeMap<InstrumentKey, Known>,
    modes: BTreeMap<InstrumentKey, FeedMode>,
    /// Prices that the stream has not taken yet.
    waiting: VecDeque<Tick>,
    /// How many streams were opened; only the last one is open.
    streams: u64,
}

#[derive(Debug, Default)]
struct Known {
    market: KnownMarket,
    last: Option<Tick>,
    depth: Option<Depth>,
}

impl Board {
    pub(super) fn quote(&self, key: &InstrumentKey) -> Option<Quote> {
        self.known.get(key)?.market.quote().cloned()
    }

    pub(super) fn depth(&self, key: &InstrumentKey) -> Option<Depth> {
        self.known.get(key)?.depth.clone()
    }

    /// Tells a price to whoever wants it.
    pub(super) fn tell(&mut self, tick: Tick) {
        let known = self.known.entry(tick.instrument.clone()).or_default();
        if known.market.take(&tick).is_ok() {
            known.last = Some(tick.clone());
            known.depth = tick.depth.clone().or_else(|| known.depth.take());
        }
        if self.modes.contains_key(&tick.instrument) {
            self.hand_on(tick);
        }
    }

    fn hand_on(&mut self, tick: Tick) {
        if self.waiting.len() >= MOST_WAITING {
            let mut latest = BTreeMap::new();
            for tick in self.waiting.drain(..) {
                latest.insert(tick.instrument.clone(), tick);
            }
            self.waiting.extend(latest.into_values());
        }
        self.waiting.push_back(tick);
    }
}

/// Streams the prices of a replay; what is subscribed to anew is told at once.
#[derive(Debug)]
pub(super) struct ReplayFeed {
    shared: Arc<Shared>,
}

impl ReplayFeed {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl MarketFeed for ReplayFeed {
    async fn open(&self) -> Result<Box<dyn TickStream>, BrokerReadError> {
        let number = {
            let mut board = self.shared.board();
            board.streams = board.streams.wrapping_add(1);
            board.modes.clear();
            board.waiting.clear();
            board.streams
        };
        self.shared.bell.notify_one();
        Ok(Box::new(Stream {
            shared: Arc::clone(&self.shared),
            number,
        }))
    }

    async fn subscribe(&self, wanted: &[Subscription]) -> Result<(), BrokerReadError> {
        {
            let mut board = self.shared.board();
            for Subscription { instrument, mode } in wanted {
                board.modes.insert(instrument.clone(), *mode);
                let last = board.known.get(instrument);
                if let Some(last) = last.and_then(|known| known.last.clone()) {
                    board.hand_on(last);
                }
            }
        }
        self.shared.bell.notify_one();
        Ok(())
    }

    async fn unsubscribe(&self, instruments: &[InstrumentKey]) -> Result<(), BrokerReadError> {
        let mut board = self.shared.board();
        for key in instruments {
            board.modes.remove(key);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Stream {
    shared: Arc<Shared>,
    number: u64,
}

#[async_trait]
impl TickStream for Stream {
    /// At the end of the recording it goes on to wait: a market that has closed tells nothing
    /// either.
    async fn next(&mut self) -> Option<Tick> {
        loop {
            let rung = self.shared.bell.notified();
            {
                let mut board = self.shared.board();
                if board.streams != self.number {
                    return None;
                }
                while let Some(tick) = board.waiting.pop_front() {
                    if board.modes.contains_key(&tick.instrument) {
                        return Some(tick);
                    }
                }
            }
            rung.await;
        }
    }
}
