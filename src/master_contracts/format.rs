//! What stands in the file of a list: one JSON object, a line for each instrument.
//!
//! Rows are arrays, since the names of the columns would be two thirds of the file otherwise.

use openalgo_core::market::{
    BrokerWords, Instrument, InstrumentEntry, InstrumentKey, InstrumentList, InstrumentListBuilder,
    MasterContract, Symbol,
};
use openalgo_core::port::BoxError;
use openalgo_core::value::{Price, Quantity, Tick};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::io::Write;

/// The form that is written, and the only one that is read.
const FORMAT: u32 = 1;
/// Bytes of a row, about.
const ROW: usize = 112;
const COLUMNS: [&str; 12] = [
    "exchange",
    "symbol",
    "name",
    "instrumenttype",
    "expiry",
    "strike",
    "lotsize",
    "tick_size",
    "freeze_qty",
    "token",
    "brsymbol",
    "brexchange",
];

/// In the order of the columns; what is not known is empty, or zero.
#[derive(Serialize, Deserialize)]
struct Row<'r>(
    #[serde(borrow)] Cow<'r, str>,
    #[serde(borrow)] Cow<'r, str>,
    #[serde(borrow)] Cow<'r, str>,
    #[serde(borrow)] Cow<'r, str>,
    #[serde(borrow)] Cow<'r, str>,
    #[serde(borrow)] Cow<'r, str>,
    i64,
    #[serde(borrow)] Cow<'r, str>,
    i64,
    #[serde(borrow)] Cow<'r, str>,
    #[serde(borrow)] Cow<'r, str>,
    #[serde(borrow)] Cow<'r, str>,
);

#[derive(Deserialize)]
struct Document {
    format: u32,
    instruments: Packed,
}

/// The rows, packed one by one.
struct Packed(InstrumentList);

/// The file of a list.
pub(super) fn write(
    contract: &MasterContract,
    list: &InstrumentList,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut file = Vec::with_capacity(list.len().saturating_mul(ROW));
    let (broker, date) = (contract.broker.as_str(), contract.date.to_string());
    let head = serde_json::json!({ "broker": broker, "date": date, "columns": COLUMNS });
    let head = head.to_string();
    let head = head.trim_end_matches('}');
    let begin = format!("{head},\"format\":{FORMAT},\"instruments\":[");
    file.write_all(begin.as_bytes())
        .map_err(serde_json::Error::io)?;
    let mut between = "\n";
    for entry in list.entries() {
        file.write_all(between.as_bytes())
            .map_err(serde_json::Error::io)?;
        serde_json::to_writer(&mut file, &Row::of(&entry))?;
        between = ",\n";
    }
    file.write_all(b"\n]}\n").map_err(serde_json::Error::io)?;
    Ok(file)
}

/// The list of a file.
pub(super) fn read(file: &[u8]) -> Result<InstrumentList, serde_json::Error> {
    let document: Document = serde_json::from_slice(file)?;
    if document.format != FORMAT {
        let found = document.format;
        let message = format!("it has the form {found}, and only {FORMAT} is known");
        return Err(serde_json::Error::custom(message));
    }
    Ok(document.instruments.0)
}

impl<'r> Row<'r> {
    fn of(entry: &InstrumentEntry<'r>) -> Self {
        let plain = |decimal: Option<rust_decimal::Decimal>| -> Cow<'r, str> {
            decimal.map_or(Cow::Borrowed(""), |it| it.normalize().to_string().into())
        };
        let expiry = entry.expiry().map(|date| date.to_string());
        Self(
            entry.exchange().as_str().into(),
            entry.symbol().into(),
            entry.name().into(),
            entry.kind().as_str().into(),
            expiry.unwrap_or_default().into(),
            plain(entry.strike().map(Price::to_decimal)),
            entry.lot_size().get(),
            plain(entry.tick().map(|tick| tick.step().to_decimal())),
            entry.freeze_quantity().map_or(0, Quantity::get),
            entry.token().unwrap_or_default().into(),
            entry.broker_symbol().into(),
            entry.broker_exchange().into(),
        )
    }

    fn instrument(&self) -> Result<Instrument, BoxError> {
        let Self(exchange, symbol, name, kind, expiry, strike, lot, tick, freeze, token, ..) = self;
        Ok(Instrument {
            key: InstrumentKey::new(exchange.parse()?, Symbol::try_new(symbol)?),
            name: (&**name).into(),
            kind: kind.parse()?,
            expiry: filled(expiry).map(str::parse).transpose()?,
            strike: filled(strike).map(str::parse).transpose()?,
            lot_size: Quantity::try_new(*lot)?,
            tick: Tick::try_new(tick.parse()?)?,
            token: filled(token).map(str::parse).transpose()?,
            freeze_quantity: Some(Quantity::try_new(*freeze)?).filter(|it| !it.is_zero()),
        })
    }
}

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Rows)
    }
}

struct Rows;

impl<'de> Visitor<'de> for Rows {
    type Value = Packed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows of instruments")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Packed, A::Error> {
        let mut builder = InstrumentListBuilder::default();
        while let Some(row) = rows.next_element::<Row<'de>>()? {
            let instrument = row.instrument().map_err(A::Error::custom)?;
            let broker = BrokerWords {
                symbol: &row.10,
                exchange: &row.11,
            };
            builder
                .push(&instrument, broker)
                .map_err(A::Error::custom)?;
        }
        Ok(Packed(builder.finish()))
    }
}
