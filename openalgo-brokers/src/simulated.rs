//! The simulated exchange: prices that are a function of a seed and the time.
//!
//! It needs nothing from outside and never closes. Who opens it again with the same seed finds
//! the same past, so that resting orders can catch up on the time during which the program was
//! off. What it trades stands in `data/simulated-market.csv`; futures and options are generated
//! around the date.
//!
//! | file | what is in it |
//! |---|---|
//! | `row`, `table` | reading the market data |
//! | `calendar`, `expiry` | on which dates contracts expire |
//! | `root`, `listing`, `instrument` | which contracts exist on a day |
//! | `noise`, `course`, `pricing` | the price, as a real number |
//! | `float` | how that becomes an exact price on the tick |
//! | `book`, `quoting` | what surrounds the price |
//! | `scan` | when the price comes into a band |
//! | `feed` | prices as they come |
//! | `history` | candles of the past |
//!
//! ```
//! use openalgo_brokers::simulated::SimulatedExchange;
//! use openalgo_core::market::{Exchange, InstrumentKey, Timestamp};
//! use openalgo_core::port::Clock;
//! use std::sync::Arc;
//!
//! #[derive(Debug)]
//! struct Epoch;
//! impl Clock for Epoch {
//!     fn now(&self) -> Timestamp {
//!         Timestamp::new(Default::default())
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let exchange = SimulatedExchange::new(1, Arc::new(Epoch))?;
//! let share = InstrumentKey::new(Exchange::Nse, "RELIANCE".parse()?);
//! let quote = exchange.quote_at(&share, "2026-11-25 05:00:00".to_owned().try_into()?)?;
//! assert!(quote.is_coherent());
//! # Ok(())
//! # }
//! ```

mod asset;
mod book;
mod calendar;
mod course;
mod error;
mod expiry;
mod feed;
mod float;
mod history;
mod instrument;
mod listing;
mod noise;
mod pricing;
mod quoting;
mod root;
mod row;
mod scan;
mod table;

pub use error::SimulatedError;
pub use feed::{SimulatedFeed, SimulatedView};
pub use history::SimulatedHistory;

use async_trait::async_trait;
use chrono::NaiveDate;
use listing::Listing;
use noise::Noise;
use openalgo_core::market::{Depth, Instrument, InstrumentKey, Quote};
use openalgo_core::port::{
    Clock, DepthSource, InstrumentSource, MarketError, MarketSource, PriceOrigin, QuoteSource,
};
use std::sync::Arc;
use std::time::Duration;

const MARKET_DATA: &str = include_str!("../data/simulated-market.csv");

/// How often a price changes, and the feed tells it.
const TICK_EVERY: Duration = Duration::from_secs(1);

/// An exchange whose prices are a function of a seed and the time.
#[derive(Debug)]
pub struct SimulatedExchange {
    seed: u64,
    clock: Arc<dyn Clock>,
    listing: Listing,
    /// The factor that all shares and indices have in common.
    market: Noise,
}

impl SimulatedExchange {
    /// Opens the exchange with the market data that comes with the program.
    pub fn new(seed: u64, clock: Arc<dyn Clock>) -> Result<Self, SimulatedError> {
        Self::with_market_data(seed, clock, MARKET_DATA)
    }

    /// Opens the exchange with other market data: a comma-separated table with the columns
    /// `symbol`, `name`, `exchange`, `kind` (`EQ`, `INDEX` or `FUT_ROOT`), `base_price`,
    /// `annual_volatility_percent`, `lot_size` and `tick_size`.
    pub fn with_market_data(
        seed: u64,
        clock: Arc<dyn Clock>,
        csv_text: &str,
    ) -> Result<Self, SimulatedError> {
        Ok(Self {
            seed,
            clock,
            listing: Listing::parse(seed, csv_text)?,
            // No symbol is in lower case, so none has the same noise.
            market: Noise::new(float::key_of(seed, "market")),
        })
    }

    /// The exchange in all its roles.
    pub fn source(self: &Arc<Self>) -> MarketSource {
        let source = MarketSource::new(Arc::<Self>::clone(self), Arc::<Self>::clone(self));
        MarketSource {
            path: Some(Arc::<Self>::clone(self)),
            feed: Some(Arc::new(SimulatedFeed::new(Arc::clone(self), TICK_EVERY))),
            depth: Some(Arc::<Self>::clone(self)),
            history: Some(Arc::new(SimulatedHistory::new(Arc::clone(self)))),
            origin: PriceOrigin::Staged,
            ..source
        }
    }
}

#[async_trait]
impl QuoteSource for SimulatedExchange {
    async fn quote(&self, instrument: &InstrumentKey) -> Result<Quote, MarketError> {
        self.quote_at(instrument, self.clock.now())
    }
}

#[async_trait]
impl DepthSource for SimulatedExchange {
    async fn depth(&self, instrument: &InstrumentKey) -> Result<Depth, MarketError> {
        self.depth_at(instrument, self.clock.now())
    }
}

#[async_trait]
impl InstrumentSource for SimulatedExchange {
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        self.listing.all(date).map_err(MarketError::Failed)
    }
}
