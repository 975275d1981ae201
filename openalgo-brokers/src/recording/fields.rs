//! The numbers that a price is made of.

use super::bytes::BytesError;
use openalgo_core::market::TickQuote;
use openalgo_core::paper::PriceBand;
use openalgo_core::value::{Price, Quantity, ValueError};
use rust_decimal::Decimal;
use thiserror::Error;

/// Why numbers are no price.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(super) enum FieldError {
    /// The bytes mean nothing.
    #[error(transparent)]
    Bytes(#[from] BytesError),
    /// A number is outside the range of its kind.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// What must be there is not.
    #[error("a quote has no {0}")]
    Missing(&'static str),
    /// An instrument that was never listed.
    #[error("instrument {0} is not listed")]
    NotListed(u64),
    /// A time that is none.
    #[error("a time is out of range")]
    NoTime,
    /// A word that means nothing.
    #[error("'{}' is no {kind}", word.escape_debug())]
    Word {
        /// What it should be.
        kind: &'static str,
        /// The word as it is.
        word: Box<str>,
    },
}

/// The decimals of a price are as many as those of [`openalgo_core::value`].
const PLACES: u32 = 4;

/// A price in ten-thousandths of a rupee, which it is a whole number of.
pub(super) fn units(price: Price) -> i64 {
    let mut value = price.to_decimal();
    value.rescale(PLACES);
    // Prices have fifteen digits at most.
    i64::try_from(value.mantissa()).unwrap_or_default()
}

pub(super) fn price(units: i64) -> Result<Price, FieldError> {
    let value = Decimal::try_from_i128_with_scale(units.into(), PLACES);
    let value = value.map_err(|_too_large| ValueError::TooLarge { kind: "price" })?;
    Ok(Price::try_new(value)?)
}

/// The numbers of a quote; those that it does not have are `None`.
pub(super) type QuoteNumbers = [Option<i64>; 13];

/// Whether there is a band is a number of its own: one without ends is not the same as none.
pub(super) fn numbers(quote: &TickQuote) -> QuoteNumbers {
    let end = |end: fn(PriceBand) -> Option<Price>| quote.band.and_then(end).map(units);
    [
        Some(units(quote.open)),
        Some(units(quote.high)),
        Some(units(quote.low)),
        Some(units(quote.prev_close)),
        Some(quote.volume),
        quote.bid.map(units),
        quote.ask.map(units),
        Some(quote.bid_quantity.get()),
        Some(quote.ask_quantity.get()),
        quote.oi,
        quote.band.map(|_| 0),
        end(|band| band.low),
        end(|band| band.high),
    ]
}

pub(super) fn quote(numbers: &QuoteNumbers) -> Result<TickQuote, FieldError> {
    let [
        open,
        high,
        low,
        prev_close,
        volume,
        bid,
        ask,
        bid_quantity,
        ask_quantity,
        oi,
        band,
        band_low,
        band_high,
    ] = *numbers;
    let needed = |number: Option<i64>, name| number.ok_or(FieldError::Missing(name));
    let maybe = |number: Option<i64>| number.map(price).transpose();
    let band = match band {
        None => None,
        Some(_) => Some(PriceBand {
            low: maybe(band_low)?,
            high: maybe(band_high)?,
        }),
    };
    Ok(TickQuote {
        open: price(needed(open, "open")?)?,
        high: price(needed(high, "high")?)?,
        low: price(needed(low, "low")?)?,
        prev_close: price(needed(prev_close, "previous close")?)?,
        volume: needed(volume, "volume")?,
        bid: maybe(bid)?,
        ask: maybe(ask)?,
        bid_quantity: Quantity::try_new(needed(bid_quantity, "bid quantity")?)?,
        ask_quantity: Quantity::try_new(needed(ask_quantity, "ask quantity")?)?,
        oi,
        band,
    })
}
