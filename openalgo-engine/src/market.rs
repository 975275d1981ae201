//! Instruments and quotes.

mod index;
mod search;

pub use index::InstrumentIndex;

use chrono::NaiveDate;
use openalgo_core::market::{
    Depth, Exchange, Instrument, InstrumentKey, MarketHours, Quote, SessionBoundary, Timestamp,
};
use openalgo_core::port::{Clock, MarketError, MarketFeed, MarketSource, PricePath};
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

/// Why an instrument cannot be traded or quoted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// There is no such instrument.
    #[error("Symbol {} not found on {}", key.symbol, key.exchange)]
    UnknownSymbol {
        /// What was looked for.
        key: InstrumentKey,
        /// Instruments that may have been meant, the likeliest first.
        suggestions: Vec<InstrumentKey>,
    },
    /// The source of prices or instruments failed.
    #[error(transparent)]
    Market(#[from] MarketError),
}

/// The instruments of the day and their prices.
#[derive(Debug)]
pub struct Market {
    source: MarketSource,
    clock: Arc<dyn Clock>,
    index: RwLock<(NaiveDate, Arc<InstrumentIndex>)>,
}

impl Market {
    /// Lists the instruments of the present session.
    pub(crate) async fn open(
        source: MarketSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, MarketError> {
        let date = session_date(clock.now());
        let list = source.instruments.list(date).await?;
        let index = RwLock::new((date, Arc::new(InstrumentIndex::new(list, date))));
        Ok(Self {
            source,
            clock,
            index,
        })
    }

    /// The instruments of the present session. A program that runs on into the next one lists
    /// them anew.
    pub async fn instruments(&self) -> Result<Arc<InstrumentIndex>, MarketError> {
        let date = session_date(self.clock.now());
        if let Some(index) = self.known(date) {
            return Ok(index);
        }
        let index = self.list(date).await?;
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = (date, Arc::clone(&index));
        Ok(index)
    }

    fn known(&self, date: NaiveDate) -> Option<Arc<InstrumentIndex>> {
        let known = self.index.read().unwrap_or_else(PoisonError::into_inner);
        (known.0 == date).then(|| Arc::clone(&known.1))
    }

    async fn list(&self, date: NaiveDate) -> Result<Arc<InstrumentIndex>, MarketError> {
        let list = self.source.instruments.list(date).await?;
        Ok(Arc::new(InstrumentIndex::new(list, date)))
    }

    /// The instrument of this name.
    pub async fn instrument(&self, key: &InstrumentKey) -> Result<Arc<Instrument>, LookupError> {
        find(&*self.instruments().await?, key)
    }

    /// The instrument of this name as it was at an earlier instant; it may have expired since.
    pub(crate) async fn instrument_at(
        &self,
        key: &InstrumentKey,
        at: Timestamp,
    ) -> Result<Arc<Instrument>, LookupError> {
        let date = session_date(at);
        match self.known(date) {
            Some(index) => find(&index, key),
            None => find(&*self.list(date).await?, key),
        }
    }

    /// The market of an instrument right now.
    pub async fn quote(&self, key: &InstrumentKey) -> Result<Quote, LookupError> {
        self.instrument(key).await?;
        Ok(self.source.quotes.quote(key).await?)
    }

    /// The order book of an instrument right now; `None` where the source does not tell any.
    pub async fn depth(&self, key: &InstrumentKey) -> Result<Option<Depth>, LookupError> {
        self.instrument(key).await?;
        match &self.source.depth {
            Some(source) => Ok(Some(source.depth(key).await?)),
            None => Ok(None),
        }
    }

    /// The stream of its prices, where the source has one.
    pub(crate) fn feed(&self) -> Option<Arc<dyn MarketFeed>> {
        self.source.feed.clone()
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether its prices are made up: a real market does not tell what its prices will be.
    pub(crate) fn is_simulated(&self) -> bool {
        self.source.path.is_some()
    }

    /// Which hours it keeps.
    pub(crate) fn hours(&self) -> &MarketHours {
        &self.source.hours
    }

    /// Whether an exchange trades right now.
    pub(crate) fn is_open(&self, exchange: Exchange) -> bool {
        self.source.hours.is_open(exchange, self.clock.now())
    }

    /// The course of past prices, where the source knows it.
    pub(crate) fn path(&self) -> Option<Arc<dyn PricePath>> {
        self.source.path.clone()
    }
}

/// The date of the session of an instant. Contracts live until the session of their expiry ends,
/// at 03:00 in India.
fn session_date(at: Timestamp) -> NaiveDate {
    SessionBoundary::default().day_of(at).date()
}

fn find(index: &InstrumentIndex, key: &InstrumentKey) -> Result<Arc<Instrument>, LookupError> {
    index.find(key).ok_or_else(|| LookupError::UnknownSymbol {
        key: key.clone(),
        suggestions: index.suggestions(key),
    })
}
