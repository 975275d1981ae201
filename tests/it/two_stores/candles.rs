//! Calls about candles that are kept.

use super::answer::plain;
use openalgo::core::market::{Candle, CandleSeries, Interval, Span, Timestamp};
use openalgo_core::testing::contract::Repositories;
use openalgo_core::testing::sample::{at, instrument, price};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Debug, Clone)]
pub(super) enum Candles {
    Save(CandleSeries, Vec<Candle>),
    Read(CandleSeries, Span),
    Find(CandleSeries),
    Delete(CandleSeries),
}

fn series() -> impl Strategy<Value = CandleSeries> {
    let symbol = select(vec!["INFY", "M&M"]);
    let interval = select(vec![Interval::Minute1, Interval::Day]);
    (symbol, interval).prop_map(|(symbol, interval)| CandleSeries {
        instrument: instrument(symbol),
        interval,
    })
}

/// Some within a second of each other.
fn time() -> impl Strategy<Value = Timestamp> {
    (0..12_i64).prop_map(|part| at(0).plus(chrono::Duration::milliseconds(400 * part)))
}

fn candle() -> impl Strategy<Value = Candle> {
    let close = select(vec!["0.0001", "1500.05"]);
    let oi = proptest::option::of(0..2_i64);
    (time(), close, oi).prop_map(|(timestamp, close, oi)| Candle {
        timestamp,
        open: price("1"),
        high: price("2000"),
        low: price("0"),
        close: price(close),
        volume: 7,
        oi,
    })
}

pub(super) fn candles() -> impl Strategy<Value = Candles> {
    let span = (time(), time()).prop_map(|(from, until)| Span { from, until });
    prop_oneof![
        3 => (series(), vec(candle(), 0..4))
            .prop_map(|(series, candles)| Candles::Save(series, candles)),
        2 => (series(), span).prop_map(|(series, span)| Candles::Read(series, span)),
        1 => series().prop_map(Candles::Find),
        1 => series().prop_map(Candles::Delete),
    ]
}

impl Candles {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        let candles = &store.candles;
        match self {
            Self::Save(series, kept) => plain(candles.save(series, kept).await),
            Self::Read(series, span) => plain(candles.read(series, *span).await),
            Self::Find(series) => plain(candles.find(series).await),
            Self::Delete(series) => plain(candles.delete(series).await),
        }
    }
}
