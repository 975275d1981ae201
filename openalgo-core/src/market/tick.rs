//! One piece of news about the price of an instrument.

use super::{Depth, InstrumentKey, Quote, Timestamp};
use crate::id::BrokerName;
use crate::paper::PriceBand;
use crate::value::{Price, Quantity};
use crate::wire::wire_enum;
use std::fmt;

wire_enum! {
    /// How much is to be told of an instrument; each mode tells all that the one before it does.
    pub enum FeedMode as "feed mode" {
        /// The last price.
        Ltp = "LTP",
        /// The day's figures and the best bid and offer, too.
        Quote = "Quote",
        /// The order book, too.
        Depth = "Depth",
    }
}

/// Where a price comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TickSource {
    /// The simulated exchange.
    Simulated,
    /// A file.
    Recorded,
    /// A broker's feed.
    Broker(BrokerName),
}

impl fmt::Display for TickSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulated => f.pad("simulated"),
            Self::Recorded => f.pad("recorded"),
            Self::Broker(name) => f.pad(name.as_str()),
        }
    }
}

/// The day's figures, and the best bid and offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickQuote {
    /// First price of the day.
    pub open: Price,
    /// Highest price of the day.
    pub high: Price,
    /// Lowest price of the day.
    pub low: Price,
    /// Closing price of the day before.
    pub prev_close: Price,
    /// Units traded today.
    pub volume: i64,
    /// Best bid; `None` when nobody bids.
    pub bid: Option<Price>,
    /// Best offer; `None` when nobody offers.
    pub ask: Option<Price>,
    /// Units at the best bid.
    pub bid_quantity: Quantity,
    /// Units at the best offer.
    pub ask_quantity: Quantity,
    /// Open interest; `None` for what has none.
    pub oi: Option<i64>,
    /// The prices between which the exchange lets it trade today, its circuit limits; `None`
    /// where the source does not tell them.
    pub band: Option<PriceBand>,
}

/// One piece of news about the price of an instrument.
///
/// This is no [`crate::value::Tick`], the step of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Which instrument.
    pub instrument: InstrumentKey,
    /// Last traded price.
    pub ltp: Price,
    /// The day's figures, where the mode and the source have them.
    pub quote: Option<TickQuote>,
    /// The order book, where the mode and the source have it.
    pub depth: Option<Depth>,
    /// When the market was so, by the exchange; `None` where the source does not tell.
    pub exchange_time: Option<Timestamp>,
    /// When it arrived here.
    pub received_at: Timestamp,
    /// Where it comes from.
    pub source: TickSource,
}

impl Tick {
    /// The last price and nothing else.
    pub fn ltp(instrument: InstrumentKey, ltp: Price, at: Timestamp, source: TickSource) -> Self {
        Self {
            instrument,
            ltp,
            quote: None,
            depth: None,
            exchange_time: Some(at),
            received_at: at,
            source,
        }
    }

    /// A whole quote as a piece of news.
    pub fn of_quote(quote: &Quote, received_at: Timestamp, source: TickSource) -> Self {
        Self {
            instrument: quote.instrument.clone(),
            ltp: quote.ltp,
            quote: Some(TickQuote {
                open: quote.open,
                high: quote.high,
                low: quote.low,
                prev_close: quote.prev_close,
                volume: quote.volume,
                bid: quote.bid,
                ask: quote.ask,
                bid_quantity: quote.bid_quantity,
                ask_quantity: quote.ask_quantity,
                oi: quote.oi,
                band: None,
            }),
            depth: None,
            exchange_time: Some(quote.timestamp),
            received_at,
            source,
        }
    }

    /// When the market was so, as well as it is known.
    pub fn at(&self) -> Timestamp {
        self.exchange_time.unwrap_or(self.received_at)
    }

    /// The market after this news; what it does not tell is as it was, or follows from the last
    /// price. Bid and offer are not carried on: they may be gone.
    pub fn quote_after(&self, before: Option<&Quote>) -> Quote {
        let at = self.at();
        let ltp = self.ltp;
        if let Some(day) = &self.quote {
            return Quote {
                instrument: self.instrument.clone(),
                ltp,
                open: day.open,
                high: day.high,
                low: day.low,
                prev_close: day.prev_close,
                volume: day.volume,
                bid: day.bid,
                ask: day.ask,
                bid_quantity: day.bid_quantity,
                ask_quantity: day.ask_quantity,
                oi: day.oi,
                timestamp: at,
            };
        }
        Quote {
            instrument: self.instrument.clone(),
            ltp,
            open: before.map_or(ltp, |before| before.open),
            high: before.map_or(ltp, |before| before.high.max(ltp)),
            low: before.map_or(ltp, |before| before.low.min(ltp)),
            prev_close: before.map_or(ltp, |before| before.prev_close),
            volume: before.map_or(0, |before| before.volume),
            bid: None,
            ask: None,
            bid_quantity: Quantity::ZERO,
            ask_quantity: Quantity::ZERO,
            oi: before.and_then(|before| before.oi),
            timestamp: at,
        }
    }
}
