//! Prices as Kite Connect answers them.

use openalgo_core::market::{
    Depth, DepthLevel, FeedMode, InstrumentKey, Quote, Tick, TickSource, Timestamp,
};
use openalgo_core::paper::PriceBand;
use openalgo_core::value::{Price, Quantity};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use std::collections::BTreeMap;

/// The markets of instruments by `EXCHANGE:TRADINGSYMBOL`.
pub(super) type Quotes = BTreeMap<Box<str>, MarketState>;

/// The market of one instrument. Fields that are not read here may be there.
#[derive(Debug, Deserialize)]
pub(super) struct MarketState {
    #[serde(deserialize_with = "price")]
    last_price: Price,
    #[serde(default)]
    volume: i64,
    #[serde(default)]
    oi: i64,
    ohlc: Day,
    #[serde(default, deserialize_with = "limit")]
    lower_circuit_limit: Option<Price>,
    #[serde(default, deserialize_with = "limit")]
    upper_circuit_limit: Option<Price>,
    #[serde(default)]
    depth: Book,
}

#[derive(Debug, Deserialize)]
struct Day {
    #[serde(deserialize_with = "price")]
    open: Price,
    #[serde(deserialize_with = "price")]
    high: Price,
    #[serde(deserialize_with = "price")]
    low: Price,
    /// Of the day before.
    #[serde(deserialize_with = "price")]
    close: Price,
}

#[derive(Debug, Default, Deserialize)]
struct Book {
    buy: Vec<Level>,
    sell: Vec<Level>,
}

#[derive(Debug, Deserialize)]
struct Level {
    #[serde(deserialize_with = "price")]
    price: Price,
    quantity: Quantity,
    #[serde(default)]
    orders: u32,
}

impl MarketState {
    /// As it is at an instant.
    pub(super) fn quote(&self, key: &InstrumentKey, at: Timestamp) -> Quote {
        let best = |levels: &[Level]| {
            let level = levels.iter().find(|level| !level.is_empty());
            level.map(|level| (level.price, level.quantity))
        };
        let (bid, ask) = (best(&self.depth.buy), best(&self.depth.sell));
        let has_interest = !key.exchange.is_cash() && !key.exchange.is_index();
        Quote {
            instrument: key.clone(),
            ltp: self.last_price,
            open: self.ohlc.open,
            high: self.ohlc.high,
            low: self.ohlc.low,
            prev_close: self.ohlc.close,
            volume: self.volume,
            bid: bid.map(|(price, _)| price),
            ask: ask.map(|(price, _)| price),
            bid_quantity: bid.map_or(Quantity::ZERO, |(_, quantity)| quantity),
            ask_quantity: ask.map_or(Quantity::ZERO, |(_, quantity)| quantity),
            oi: has_interest.then_some(self.oi),
            timestamp: at,
        }
    }

    /// Its order book as it is at an instant.
    pub(super) fn depth(&self, key: &InstrumentKey, at: Timestamp) -> Depth {
        let levels = |levels: &[Level]| {
            let full = levels.iter().filter(|level| !level.is_empty());
            full.map(Level::to_depth).collect()
        };
        Depth {
            instrument: key.clone(),
            bids: levels(&self.depth.buy),
            asks: levels(&self.depth.sell),
            timestamp: at,
        }
    }

    /// As much of it as is wanted, as news of an instant.
    pub(super) fn tick(&self, key: &InstrumentKey, mode: FeedMode, at: Timestamp) -> Tick {
        // What lies outside the band says so, and is kept from everybody where it is judged.
        if mode == FeedMode::Ltp && self.is_possible() {
            return Tick::ltp(key.clone(), self.last_price, at, TickSource::Recorded);
        }
        let mut tick = Tick::of_quote(&self.quote(key, at), at, TickSource::Recorded);
        if let Some(quote) = &mut tick.quote {
            quote.band = self.band();
        }
        if mode == FeedMode::Depth {
            tick.depth = Some(self.depth(key, at));
        }
        tick
    }

    /// Whether the last price lies within the circuit limits of the day.
    pub(super) fn is_possible(&self) -> bool {
        self.band()
            .is_none_or(|band| band.contains(self.last_price))
    }

    fn band(&self) -> Option<PriceBand> {
        let band = PriceBand {
            low: self.lower_circuit_limit,
            high: self.upper_circuit_limit,
        };
        (band.low.is_some() || band.high.is_some()).then_some(band)
    }
}

impl Level {
    /// Kite tells five levels always; where there are fewer, the others are zero.
    fn is_empty(&self) -> bool {
        self.price.is_zero()
    }

    fn to_depth(&self) -> DepthLevel {
        DepthLevel {
            price: self.price,
            quantity: self.quantity,
            orders: self.orders,
        }
    }
}

/// A JSON number as the decimal that it is written as.
pub(super) fn price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Price, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    number.to_string().parse().map_err(D::Error::custom)
}

/// A limit that is zero where there is none.
fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Price>, D::Error> {
    Ok(Some(price(deserializer)?).filter(|limit| !limit.is_zero()))
}
