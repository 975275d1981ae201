//! Past prices, as Kite Connect answers them.

use super::quotes::price;
use chrono::{DateTime, Utc};
use openalgo_core::market::{Candle, Interval, Span, Timestamp};
use openalgo_core::value::Price;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use std::collections::BTreeMap;
use thiserror::Error;

/// The words of Kite for lengths of candles.
const INTERVALS: [(&str, Interval); 8] = [
    ("minute", Interval::Minute1),
    ("3minute", Interval::Minute3),
    ("5minute", Interval::Minute5),
    ("10minute", Interval::Minute10),
    ("15minute", Interval::Minute15),
    ("30minute", Interval::Minute30),
    ("60minute", Interval::Hour1),
    ("day", Interval::Day),
];

/// The lengths of candles that there are.
pub(super) const OFFERED: [Interval; 8] = [
    Interval::Minute1,
    Interval::Minute3,
    Interval::Minute5,
    Interval::Minute10,
    Interval::Minute15,
    Interval::Minute30,
    Interval::Hour1,
    Interval::Day,
];

/// The candles of instruments, by the number of the feed.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, Answer>")]
pub(super) struct History {
    series: BTreeMap<(u32, &'static str), BTreeMap<Timestamp, Candle>>,
}

impl History {
    /// Those that begin in a span, its end included.
    pub(super) fn candles(&self, instrument: u32, interval: Interval, span: Span) -> Vec<Candle> {
        let series = self.series.get(&(instrument, interval.as_str()));
        if span.from > span.until {
            return Vec::new();
        }
        let within = series.map(|series| series.range(span.from..=span.until));
        let candles = within.into_iter().flatten();
        candles.map(|(_, candle)| candle.clone()).collect()
    }
}

/// The answer to one request.
#[derive(Debug, Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    candles: Vec<Row>,
}

/// Time, open, high, low, close, volume, and the open interest where it was asked for.
#[derive(Debug, Deserialize)]
struct Row(
    #[serde(deserialize_with = "instant")] Timestamp,
    #[serde(deserialize_with = "price")] Price,
    #[serde(deserialize_with = "price")] Price,
    #[serde(deserialize_with = "price")] Price,
    #[serde(deserialize_with = "price")] Price,
    i64,
    #[serde(default)] Option<i64>,
);

/// A key of the file that names no request for candles.
#[derive(Debug, Error)]
#[error(
    "'{}' is no request for candles such as /instruments/historical/738561/day?from=…",
    target.escape_debug()
)]
struct TargetError {
    target: String,
}

impl TryFrom<BTreeMap<String, Answer>> for History {
    type Error = TargetError;

    fn try_from(answers: BTreeMap<String, Answer>) -> Result<Self, TargetError> {
        let mut history = Self::default();
        for (target, answer) in answers {
            let Some((instrument, interval)) = asked_for(&target) else {
                return Err(TargetError { target });
            };
            let series = history.series.entry((instrument, interval.as_str()));
            let candles = answer.data.candles.into_iter().map(Row::into_candle);
            let keyed = candles.map(|candle| (candle.timestamp, candle));
            series.or_default().extend(keyed);
        }
        Ok(history)
    }
}

impl Row {
    fn into_candle(self) -> Candle {
        let Self(timestamp, open, high, low, close, volume, oi) = self;
        Candle {
            timestamp,
            open,
            high,
            low,
            close,
            volume,
            oi,
        }
    }
}

/// The instrument and interval of a request for candles.
fn asked_for(target: &str) -> Option<(u32, Interval)> {
    let path = target.split('?').next()?;
    let rest = path.strip_prefix("/instruments/historical/")?;
    let (instrument, word) = rest.split_once('/')?;
    let (_, interval) = INTERVALS.iter().find(|(theirs, _)| *theirs == word)?;
    Some((instrument.parse().ok()?, *interval))
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%z");
    let parsed = parsed.map_err(|error| {
        let shown = text.escape_debug();
        D::Error::custom(format!(
            "'{shown}' is not a time such as 2026-11-20T09:15:00+0530: {error}"
        ))
    })?;
    Ok(Timestamp::new(parsed.with_timezone(&Utc)))
}
