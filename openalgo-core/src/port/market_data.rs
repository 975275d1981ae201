//! Where prices and instruments come from.

use super::{BoxError, DepthSource, MarketFeed};
use crate::market::{
    Candle, CandleGrid, Instrument, InstrumentKey, InstrumentList, Interval, MarketHours, Quote,
    Span, Timestamp,
};
use crate::paper::PriceBand;
use async_trait::async_trait;
use chrono::NaiveDate;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// Why a price or a list of instruments cannot be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MarketError {
    /// The source does not know the instrument.
    #[error("no price for {0}")]
    UnknownInstrument(InstrumentKey),
    /// The source tells a price that cannot be, and so tells none.
    #[error("the price of {0} lies outside the circuit limits of the day")]
    OutOfBand(InstrumentKey),
    /// The source could not compute or fetch it.
    #[error("the price source failed")]
    Failed(#[source] BoxError),
}

/// Tells the present state of a market.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait QuoteSource: fmt::Debug + Send + Sync {
    /// The market of one instrument right now.
    async fn quote(&self, instrument: &InstrumentKey) -> Result<Quote, MarketError>;
}

/// Tells what a price did in the past.
#[async_trait]
pub trait HistorySource: fmt::Debug + Send + Sync {
    /// The lengths of candles that it tells.
    fn intervals(&self) -> &'static [Interval] {
        Interval::ALL
    }

    /// The candles of a span, oldest first. A source that keeps hours of its own need not keep
    /// those of the grid.
    async fn candles(
        &self,
        instrument: &InstrumentKey,
        grid: &CandleGrid,
        span: Span,
    ) -> Result<Vec<Candle>, MarketError>;
}

/// Lists what can be traded.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait InstrumentSource: fmt::Debug + Send + Sync {
    /// The instruments that exist on a date.
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError>;

    /// The same, packed, with what the broker calls them where that is known. A source whose list
    /// is long makes it without unpacking all of them at once.
    async fn list(&self, date: NaiveDate) -> Result<InstrumentList, MarketError> {
        let instruments = self.instruments(date).await?;
        InstrumentList::pack(&instruments).map_err(|error| MarketError::Failed(error.into()))
    }
}

/// A price whose whole course is known, as that of the simulated exchange or of a recording.
///
/// Only such a source lets orders catch up on the time during which the program was off.
pub trait PricePath: fmt::Debug + Send + Sync {
    /// The first market after the beginning of `span`, its end included, whose last price lies in
    /// `band`.
    fn first_inside(
        &self,
        instrument: &InstrumentKey,
        band: PriceBand,
        span: Span,
    ) -> Result<Option<Quote>, MarketError>;

    /// The market as it was at an instant.
    fn quote_at(&self, instrument: &InstrumentKey, at: Timestamp) -> Result<Quote, MarketError>;
}

/// Whose prices a source tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceOrigin {
    /// A market's, as they are now.
    Market,
    /// Made up, or those of another time: nothing of real money may go by them.
    Staged,
}

/// A source of market data: a struct of roles; `None` is "not offered by this source".
#[derive(Debug, Clone)]
pub struct MarketSource {
    /// Tells prices.
    pub quotes: Arc<dyn QuoteSource>,
    /// Lists instruments.
    pub instruments: Arc<dyn InstrumentSource>,
    /// Knows the whole course of its prices; `None` for a real market.
    pub path: Option<Arc<dyn PricePath>>,
    /// Streams prices.
    pub feed: Option<Arc<dyn MarketFeed>>,
    /// Tells order books.
    pub depth: Option<Arc<dyn DepthSource>>,
    /// Tells past prices.
    pub history: Option<Arc<dyn HistorySource>>,
    /// Which hours it keeps, and whoever trades on it.
    pub hours: MarketHours,
    /// Whose prices it tells.
    pub origin: PriceOrigin,
}

impl MarketSource {
    /// A market that tells prices and lists instruments, never closes, and offers nothing else.
    pub fn new(quotes: Arc<dyn QuoteSource>, instruments: Arc<dyn InstrumentSource>) -> Self {
        Self {
            quotes,
            instruments,
            path: None,
            feed: None,
            depth: None,
            history: None,
            hours: MarketHours::Always,
            origin: PriceOrigin::Market,
        }
    }
}
