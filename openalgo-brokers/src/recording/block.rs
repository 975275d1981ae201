//! Prices as a block, and back. Of each instrument a price is told by how it differs from the one
//! before it in the same block; the first one by how it differs from nothing.

use super::bytes::{Bytes, put_number, put_signed, put_text};
use super::fields::{FieldError, QuoteNumbers, numbers, price, quote, units};
use super::preamble::word;
use openalgo_core::id::BrokerName;
use openalgo_core::market::{Depth, DepthLevel, Instrument, Tick, TickSource, Timestamp};
use openalgo_core::value::{Price, Quantity};
use std::collections::BTreeMap;

/// What a price has besides itself, as bits.
const HAS_TIME: u8 = 1;
const HAS_QUOTE: u8 = 1 << 1;
const HAS_DEPTH: u8 = 1 << 2;

/// What is known of an instrument from the prices before.
#[derive(Debug, Default)]
struct Known {
    ltp: i64,
    quote: QuoteNumbers,
}

/// What is known in a block.
#[derive(Debug, Default)]
struct Before {
    at: i64,
    of: BTreeMap<u64, Known>,
}

/// A block that is being filled.
#[derive(Debug, Default)]
pub(super) struct BlockEncoder {
    bytes: Vec<u8>,
    before: Before,
    source: Option<TickSource>,
}

impl BlockEncoder {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether a price of this source can be in this block: all of one have the same.
    pub(super) fn takes(&self, source: &TickSource) -> bool {
        self.source.as_ref().is_none_or(|own| own == source)
    }

    /// Appends a price of the instrument that is listed at a place.
    pub(super) fn push(&mut self, place: u64, tick: &Tick) {
        if self.source.is_none() {
            put_text(&mut self.bytes, &source_word(&tick.source));
            self.source = Some(tick.source.clone());
        }
        let out = &mut self.bytes;
        let received = tick.received_at.to_micros();
        put_number(out, place);
        let has = |is: bool, bit: u8| if is { bit } else { 0 };
        out.push(
            has(tick.exchange_time.is_some(), HAS_TIME)
                | has(tick.quote.is_some(), HAS_QUOTE)
                | has(tick.depth.is_some(), HAS_DEPTH),
        );
        put_signed(out, received.wrapping_sub(self.before.at));
        self.before.at = received;
        if let Some(at) = tick.exchange_time {
            put_signed(out, at.to_micros().wrapping_sub(received));
        }
        let known = self.before.of.entry(place).or_default();
        let ltp = units(tick.ltp);
        put_signed(out, ltp.wrapping_sub(known.ltp));
        known.ltp = ltp;
        if let Some(quote) = &tick.quote {
            put_quote(out, &mut known.quote, numbers(quote));
        }
        if let Some(depth) = &tick.depth {
            put_depth(out, (ltp, received), depth);
        }
    }

    /// The bytes of the block, which is empty again.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self).bytes
    }
}

/// Two masks say which numbers have changed, and which of those are gone; then come the others.
fn put_quote(out: &mut Vec<u8>, before: &mut QuoteNumbers, now: QuoteNumbers) {
    let (mut changed, mut gone, mut bit) = (0_u64, 0_u64, 1_u64);
    for (before, now) in before.iter().zip(&now) {
        if before != now {
            changed |= bit;
            gone |= if now.is_none() { bit } else { 0 };
        }
        bit <<= 1;
    }
    put_number(out, changed);
    put_number(out, gone);
    for (before, now) in before.iter().zip(&now) {
        if let Some(number) = now.filter(|_| before != now) {
            put_signed(out, number.wrapping_sub(before.unwrap_or_default()));
        }
    }
    *before = now;
}

fn take_quote(bytes: &mut Bytes<'_>, known: &mut QuoteNumbers) -> Result<(), FieldError> {
    let (changed, gone) = (bytes.number()?, bytes.number()?);
    let mut bit = 1_u64;
    for number in known {
        if changed & bit != 0 {
            *number = if gone & bit != 0 {
                None
            } else {
                Some(number.unwrap_or_default().wrapping_add(bytes.signed()?))
            };
        }
        bit <<= 1;
    }
    Ok(())
}

fn put_depth(out: &mut Vec<u8>, (ltp, received): (i64, i64), depth: &Depth) {
    put_signed(out, depth.timestamp.to_micros().wrapping_sub(received));
    for side in [&depth.bids, &depth.asks] {
        put_number(out, u64::try_from(side.len()).unwrap_or_default());
        for level in side {
            put_signed(out, units(level.price).wrapping_sub(ltp));
            put_signed(out, level.quantity.get());
            put_number(out, level.orders.into());
        }
    }
}

fn take_side(bytes: &mut Bytes<'_>, ltp: i64) -> Result<Vec<DepthLevel>, FieldError> {
    let count = bytes.count()?;
    (0..count).map(|_| take_level(bytes, ltp)).collect()
}

fn take_level(bytes: &mut Bytes<'_>, ltp: i64) -> Result<DepthLevel, FieldError> {
    Ok(DepthLevel {
        price: price(bytes.signed()?.wrapping_add(ltp))?,
        quantity: Quantity::try_new(bytes.signed()?)?,
        orders: u32::try_from(bytes.number()?).unwrap_or(u32::MAX),
    })
}

/// The prices of a block.
pub(super) fn decode(bytes: &[u8], instruments: &[Instrument]) -> Result<Vec<Tick>, FieldError> {
    let mut bytes = Bytes(bytes);
    let source = source(bytes.text()?)?;
    let (mut before, mut ticks) = (Before::default(), Vec::new());
    while !bytes.is_empty() {
        ticks.push(take_tick(&mut bytes, (&mut before, instruments), &source)?);
    }
    Ok(ticks)
}

fn take_tick(
    bytes: &mut Bytes<'_>,
    (before, instruments): (&mut Before, &[Instrument]),
    source: &TickSource,
) -> Result<Tick, FieldError> {
    let place = bytes.number()?;
    let listed = usize::try_from(place).ok();
    let listed = listed.and_then(|place| instruments.get(place));
    let key = &listed.ok_or(FieldError::NotListed(place))?.key;
    let has = bytes.byte()?;
    let received = before.at.wrapping_add(bytes.signed()?);
    before.at = received;
    let exchange_time = if has & HAS_TIME == 0 {
        None
    } else {
        Some(time(received.wrapping_add(bytes.signed()?))?)
    };
    let known = before.of.entry(place).or_default();
    known.ltp = known.ltp.wrapping_add(bytes.signed()?);
    let ltp: Price = price(known.ltp)?;
    let quote = if has & HAS_QUOTE == 0 {
        None
    } else {
        take_quote(bytes, &mut known.quote)?;
        Some(quote(&known.quote)?)
    };
    let depth = if has & HAS_DEPTH == 0 {
        None
    } else {
        let timestamp = time(received.wrapping_add(bytes.signed()?))?;
        Some(Depth {
            instrument: key.clone(),
            bids: take_side(bytes, known.ltp)?,
            asks: take_side(bytes, known.ltp)?,
            timestamp,
        })
    };
    Ok(Tick {
        instrument: key.clone(),
        ltp,
        quote,
        depth,
        exchange_time,
        received_at: time(received)?,
        source: source.clone(),
    })
}

fn time(micros: i64) -> Result<Timestamp, FieldError> {
    Timestamp::from_micros(micros).ok_or(FieldError::NoTime)
}

/// The word of a source.
fn source_word(source: &TickSource) -> String {
    match source {
        TickSource::Simulated => "simulated".to_owned(),
        TickSource::Recorded => "recorded".to_owned(),
        TickSource::Broker(name) => format!("broker:{name}"),
    }
}

fn source(text: &str) -> Result<TickSource, FieldError> {
    match (text, text.strip_prefix("broker:")) {
        ("simulated", _) => Ok(TickSource::Simulated),
        ("recorded", _) => Ok(TickSource::Recorded),
        (_, Some(name)) => Ok(TickSource::Broker(word::<BrokerName>("broker", name)?)),
        (other, None) => Err(FieldError::Word {
            kind: "source of prices",
            word: other.into(),
        }),
    }
}
