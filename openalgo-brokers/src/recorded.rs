//! A market from files: instruments, prices and past prices as somebody recorded them.
//!
//! The folder holds what Kite Connect answers:
//!
//! | file | what is in it |
//! |---|---|
//! | `instruments.csv` | the instruments, see [`crate::kite_file`] |
//! | `quotes.json` | prices by `EXCHANGE:TRADINGSYMBOL`, as the `data` of its `/quote` |
//! | `historical.json` | candles by the target of the request for them; may be left out |
//!
//! Prices are as the files say for as long as they say so. A file that changes is read again; one
//! that cannot be read then is told in the log, and what it said before goes on to hold.
//!
//! | file | what is in it |
//! |---|---|
//! | `folder` | reading the files, and reading them again |
//! | `quotes`, `candles` | what is in them |
//! | `feed` | prices as they come |

mod candles;
mod error;
mod feed;
mod folder;
mod quotes;

pub use error::{RecordedError, RecordedFile};
pub use feed::RecordedView;

use crate::polled_feed::PolledFeed;
use async_trait::async_trait;
use chrono::NaiveDate;
use folder::{Folder, Recorded};
use openalgo_core::market::{
    BrokerWords, Candle, CandleGrid, Depth, Instrument, InstrumentKey, InstrumentList,
    InstrumentListBuilder, InstrumentListError, Interval, Quote, Span,
};
use openalgo_core::port::{
    Clock, DepthSource, HistorySource, InstrumentSource, MarketError, MarketSource, PriceOrigin,
    QuoteSource,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How often the files are looked at for who wants to be told.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A market from the files of a folder.
#[derive(Debug)]
pub struct RecordedMarket {
    folder: Arc<Folder>,
    clock: Arc<dyn Clock>,
}

impl RecordedMarket {
    /// Reads the files of a folder. Its prices are those of the instant, by `clock`.
    pub async fn open(
        folder: impl Into<PathBuf>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, RecordedError> {
        let folder = folder.into();
        let read = tokio::task::spawn_blocking(move || Folder::open(folder));
        let folder = read.await.map_err(RecordedError::Interrupted)??;
        Ok(Arc::new(Self {
            folder: Arc::new(folder),
            clock,
        }))
    }

    /// The market in all its roles.
    pub fn source(self: &Arc<Self>) -> MarketSource {
        let source = MarketSource::new(Arc::<Self>::clone(self), Arc::<Self>::clone(self));
        MarketSource {
            feed: Some(Arc::new(PolledFeed::new(Arc::clone(self), LOOK_EVERY))),
            depth: Some(Arc::<Self>::clone(self)),
            history: Some(Arc::<Self>::clone(self)),
            origin: PriceOrigin::Staged,
            ..source
        }
    }

    /// What the files say now.
    async fn now(&self) -> Result<Arc<Recorded>, MarketError> {
        let folder = Arc::clone(&self.folder);
        let look = tokio::task::spawn_blocking(move || folder.look());
        look.await
            .map_err(|error| MarketError::Failed(error.into()))
    }
}

#[async_trait]
impl QuoteSource for RecordedMarket {
    async fn quote(&self, instrument: &InstrumentKey) -> Result<Quote, MarketError> {
        let recorded = self.now().await?;
        let state = recorded.state(instrument)?;
        if !state.is_possible() {
            return Err(MarketError::OutOfBand(instrument.clone()));
        }
        Ok(state.quote(instrument, self.clock.now()))
    }
}

#[async_trait]
impl DepthSource for RecordedMarket {
    async fn depth(&self, instrument: &InstrumentKey) -> Result<Depth, MarketError> {
        let recorded = self.now().await?;
        let state = recorded.state(instrument)?;
        Ok(state.depth(instrument, self.clock.now()))
    }
}

#[async_trait]
impl HistorySource for RecordedMarket {
    fn intervals(&self) -> &'static [Interval] {
        &candles::OFFERED
    }

    async fn candles(
        &self,
        instrument: &InstrumentKey,
        grid: &CandleGrid,
        span: Span,
    ) -> Result<Vec<Candle>, MarketError> {
        let recorded = self.now().await?;
        let feed_number = recorded.feed_number(instrument)?;
        Ok(recorded.history.candles(feed_number, grid.interval(), span))
    }
}

#[async_trait]
impl InstrumentSource for RecordedMarket {
    /// Those of the file that have not expired by then.
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let recorded = self.now().await?;
        let listed = recorded.listing.values();
        let alive = listed.filter(|row| row.instrument.expiry.is_none_or(|expiry| expiry >= date));
        Ok(alive.map(|row| row.instrument.clone()).collect())
    }

    /// The same, packed, with the broker's words.
    async fn list(&self, date: NaiveDate) -> Result<InstrumentList, MarketError> {
        let failed = |error: InstrumentListError| MarketError::Failed(error.into());
        let recorded = self.now().await?;
        let mut builder = InstrumentListBuilder::with_capacity(recorded.listing.len());
        for row in recorded.listing.values() {
            if row.instrument.expiry.is_some_and(|expiry| expiry < date) {
                continue;
            }
            let words = BrokerWords {
                symbol: &row.broker_symbol,
                exchange: &row.broker_exchange,
            };
            builder.push(&row.instrument, words).map_err(failed)?;
        }
        Ok(builder.finish())
    }
}
