//! Instruments and quotes.

mod index;

pub use index::InstrumentIndex;

use chrono::NaiveDate;
use openalgo_core::market::{Instrument, InstrumentKey, Quote};
use openalgo_core::port::{Clock, MarketError, MarketSource, PricePath};
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
    /// Lists the instruments of the present date.
    pub(crate) async fn open(
        source: MarketSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, MarketError> {
        let date = clock.now().to_ist().date_naive();
        let instruments = source.instruments.instruments(date).await?;
        let index = RwLock::new((date, Arc::new(InstrumentIndex::new(instruments))));
        Ok(Self {
            source,
            clock,
            index,
        })
    }

    /// The instruments that exist today. A program that runs over midnight lists them anew.
    pub async fn instruments(&self) -> Result<Arc<InstrumentIndex>, MarketError> {
        let date = self.clock.now().to_ist().date_naive();
        {
            let known = self.index.read().unwrap_or_else(PoisonError::into_inner);
            if known.0 == date {
                return Ok(Arc::clone(&known.1));
            }
        }
        let instruments = self.source.instruments.instruments(date).await?;
        let index = Arc::new(InstrumentIndex::new(instruments));
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = (date, Arc::clone(&index));
        Ok(index)
    }

    /// The instrument of this name.
    pub async fn instrument(&self, key: &InstrumentKey) -> Result<Arc<Instrument>, LookupError> {
        let index = self.instruments().await?;
        index.find(key).ok_or_else(|| LookupError::UnknownSymbol {
            key: key.clone(),
            suggestions: index.suggestions(key),
        })
    }

    /// The market of an instrument right now.
    pub async fn quote(&self, key: &InstrumentKey) -> Result<Quote, LookupError> {
        self.instrument(key).await?;
        Ok(self.source.quotes.quote(key).await?)
    }

    /// The course of past prices, where the source knows it.
    pub(crate) fn path(&self) -> Option<Arc<dyn PricePath>> {
        self.source.path.clone()
    }
}
