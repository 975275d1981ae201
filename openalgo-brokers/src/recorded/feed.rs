//! Prices as they come: all that are wanted whenever the files have changed.

use super::RecordedMarket;
use super::folder::Recorded;
use crate::polled_feed::{MarketView, Modes, PolledMarket};
use async_trait::async_trait;
use openalgo_core::market::{FeedMode, InstrumentKey, Tick};
use openalgo_core::port::MarketError;
use std::sync::Arc;

impl PolledMarket for RecordedMarket {
    type View = RecordedView;

    fn view(self: &Arc<Self>) -> RecordedView {
        RecordedView {
            market: Arc::clone(self),
            recorded: self.folder.last_seen(),
        }
    }
}

/// A recorded market as one stream sees it.
#[derive(Debug)]
pub struct RecordedView {
    market: Arc<RecordedMarket>,
    recorded: Arc<Recorded>,
}

#[async_trait]
impl MarketView for RecordedView {
    async fn look(&mut self) -> bool {
        // A runtime that stops has nobody to tell.
        let Ok(recorded) = self.market.now().await else {
            return false;
        };
        let has_changed = recorded.revision != self.recorded.revision;
        self.recorded = recorded;
        has_changed
    }

    fn price(&mut self, key: &InstrumentKey, mode: FeedMode) -> Result<Tick, MarketError> {
        let state = self.recorded.state(key)?;
        Ok(state.tick(key, mode, self.market.clock.now()))
    }

    fn keep(&mut self, _wanted: &Modes) {}
}
