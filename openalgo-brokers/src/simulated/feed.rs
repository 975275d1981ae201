//! Prices as they come: one per instrument and second.

use super::quoting::{DayRange, Session, failed};
use super::{SimulatedExchange, float};
use crate::polled_feed::{MarketView, Modes, PolledFeed, PolledMarket};
use async_trait::async_trait;
use openalgo_core::market::{FeedMode, InstrumentKey, Tick, TickSource};
use openalgo_core::port::MarketError;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Streams the prices of the simulated exchange: those of the instant at which it is looked at,
/// by its clock. While that stands still there is nothing to tell.
pub type SimulatedFeed = PolledFeed<SimulatedExchange>;

impl PolledMarket for SimulatedExchange {
    type View = SimulatedView;

    fn view(self: &Arc<Self>) -> SimulatedView {
        SimulatedView {
            exchange: Arc::clone(self),
            told: self.clock.now().to_seconds(),
            ranges: BTreeMap::new(),
        }
    }
}

/// The simulated exchange as one stream sees it.
#[derive(Debug)]
pub struct SimulatedView {
    exchange: Arc<SimulatedExchange>,
    /// The last second that was looked at, or in which the stream was opened.
    told: i64,
    /// What is known of the day of each instrument.
    ranges: BTreeMap<InstrumentKey, DayRange>,
}

#[async_trait]
impl MarketView for SimulatedView {
    async fn look(&mut self) -> bool {
        let now = self.exchange.clock.now().to_seconds();
        let has_moved = now > self.told;
        self.told = self.told.max(now);
        has_moved
    }

    fn price(&mut self, key: &InstrumentKey, mode: FeedMode) -> Result<Tick, MarketError> {
        let exchange = &self.exchange;
        let at = exchange.clock.now();
        let session = Session::of(at)?;
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

    fn keep(&mut self, wanted: &Modes) {
        self.ranges.retain(|key, _| wanted.contains_key(key));
    }
}
