//! What a recording says of itself: when it was begun, and what it holds prices of.

use super::bytes::{Bytes, put_number, put_signed, put_text};
use super::fields::{FieldError, price, units};
use chrono::NaiveDate;
use openalgo_core::market::{
    Exchange, Instrument, InstrumentKey, InstrumentKind, Symbol, Timestamp,
};
use openalgo_core::value::{Price, Quantity, Tick};
use std::str::FromStr;

/// What a recording says of itself. Its instruments are those of the day on which it was begun, so
/// that it can be traded on without anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preamble {
    /// When it was begun.
    pub begun: Timestamp,
    /// What it holds prices of.
    pub instruments: Vec<Instrument>,
}

impl Preamble {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_signed(&mut out, self.begun.to_micros());
        let count = u64::try_from(self.instruments.len()).unwrap_or(u64::MAX);
        put_number(&mut out, count);
        for instrument in &self.instruments {
            encode(&mut out, instrument);
        }
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, FieldError> {
        let mut bytes = Bytes(bytes);
        let begun = Timestamp::from_micros(bytes.signed()?).ok_or(FieldError::NoTime)?;
        let count = bytes.count()?;
        let instruments = (0..count).map(|_| decode(&mut bytes));
        Ok(Self {
            begun,
            instruments: instruments.collect::<Result<_, _>>()?,
        })
    }
}

fn encode(out: &mut Vec<u8>, instrument: &Instrument) {
    put_text(out, instrument.key.exchange.as_str());
    put_text(out, instrument.key.symbol.as_str());
    put_text(out, &instrument.name);
    put_text(out, instrument.kind.as_str());
    let expiry = instrument.expiry.map(|date| date.to_string());
    put_text(out, &expiry.unwrap_or_default());
    let strike = instrument.strike.map(units);
    put_optional(out, strike);
    put_signed(out, instrument.lot_size.get());
    put_signed(out, units(instrument.tick.step()));
    put_optional(out, instrument.freeze_quantity.map(Quantity::get));
}

fn decode(bytes: &mut Bytes<'_>) -> Result<Instrument, FieldError> {
    let exchange = word::<Exchange>("exchange", bytes.text()?)?;
    let symbol = word::<Symbol>("symbol", bytes.text()?)?;
    let name = bytes.text()?.into();
    let kind = word::<InstrumentKind>("kind of instrument", bytes.text()?)?;
    let expiry = match bytes.text()? {
        "" => None,
        date => Some(word::<NaiveDate>("date", date)?),
    };
    let strike = optional(bytes)?.map(price).transpose()?;
    let lot_size = Quantity::try_new(bytes.signed()?)?;
    let step: Price = price(bytes.signed()?)?;
    let freeze_quantity = optional(bytes)?.map(Quantity::try_new).transpose()?;
    Ok(Instrument {
        key: InstrumentKey::new(exchange, symbol),
        name,
        kind,
        expiry,
        strike,
        lot_size,
        tick: Tick::try_new(step)?,
        // The number that the broker of that day had for it means nothing here.
        token: None,
        freeze_quantity,
    })
}

fn put_optional(out: &mut Vec<u8>, number: Option<i64>) {
    out.push(number.is_some().into());
    if let Some(number) = number {
        put_signed(out, number);
    }
}

fn optional(bytes: &mut Bytes<'_>) -> Result<Option<i64>, FieldError> {
    Ok(match bytes.byte()? {
        0 => None,
        _ => Some(bytes.signed()?),
    })
}

pub(super) fn word<T: FromStr>(kind: &'static str, word: &str) -> Result<T, FieldError> {
    word.parse().map_err(|_unknown| FieldError::Word {
        kind,
        word: word.into(),
    })
}
