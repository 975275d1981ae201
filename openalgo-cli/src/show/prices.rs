//! Prices as they change: a table that is written over, and a line for each price.

use super::{Entry, Sheet, clock_time, tick_json};
use crate::progress::Live;
use crate::request::Style;
use openalgo::core::market::{InstrumentKey, Tick};
use openalgo::core::value::{Money, Percent, Price};
use std::sync::Arc;

/// The last price of each of some instruments.
#[derive(Debug)]
pub(crate) struct PriceTable {
    rows: Vec<(InstrumentKey, Option<Arc<Tick>>)>,
    /// How it is ended, below the table.
    foot: &'static str,
}

impl PriceTable {
    pub(crate) fn new(keys: Vec<InstrumentKey>, foot: &'static str) -> Self {
        let rows = keys.into_iter().map(|key| (key, None)).collect();
        Self { rows, foot }
    }

    /// What is to be shown after these prices.
    pub(crate) fn after(&mut self, news: &[Arc<Tick>], style: &Style) -> Live {
        for tick in news {
            let mut rows = self.rows.iter_mut();
            if let Some((_, row)) = rows.find(|(key, _)| *key == tick.instrument) {
                *row = Some(Arc::clone(tick));
            }
        }
        Live {
            picture: format!("{}{}\n", picture(style, &self.rows), self.foot),
            lines: news.iter().map(|tick| line(tick)).collect(),
            data: news.iter().map(|tick| tick_json(tick)).collect(),
        }
    }
}

/// What the price has done since yesterday's close: the amount and the percentage.
fn change(tick: &Tick) -> Option<(Money, Percent)> {
    let before = tick.quote.as_ref()?.prev_close;
    let of = |price| Money::try_new(Price::to_decimal(price)).ok();
    let (now, before) = (of(tick.ltp)?, of(before)?);
    let change = now.minus(before).ok()?;
    Some((change, Percent::of(change, before).ok()?))
}

fn percent(percent: Percent) -> String {
    let rounded = percent.to_decimal().round_dp(2);
    format!("{rounded:+.2} %")
}

fn picture(style: &Style, rows: &[(InstrumentKey, Option<Arc<Tick>>)]) -> String {
    let columns = [
        "Symbol", "Exch", "#LTP", "#Change", "#%", "#Bid", "#Ask", "#Low", "#High", "#Volume", "At",
    ];
    let mut sheet = Sheet::fitting(style, &columns)
        .spare(&["%", "Bid", "Ask", "At", "Volume", "Low", "High", "Exch"]);
    for (key, tick) in rows {
        let day = tick.as_ref().and_then(|tick| tick.quote.as_ref());
        let changed = tick.as_ref().and_then(|tick| change(tick));
        let text = |text: Option<String>| Entry::new(text.unwrap_or_else(|| "-".to_owned()));
        sheet.row([
            Entry::new(&key.symbol),
            Entry::new(key.exchange),
            text(tick.as_ref().map(|tick| tick.ltp.to_string())),
            changed.map_or_else(|| Entry::new("-"), |(change, _)| Entry::profit(change)),
            text(changed.map(|(_, change)| percent(change))),
            text(day.and_then(|day| day.bid).map(|bid| bid.to_string())),
            text(day.and_then(|day| day.ask).map(|ask| ask.to_string())),
            text(day.map(|day| day.low.to_string())),
            text(day.map(|day| day.high.to_string())),
            text(day.map(|day| day.volume.to_string())),
            // What it shows is of today.
            text(
                tick.as_ref()
                    .map(|tick| tick.at().to_ist().format("%H:%M:%S").to_string()),
            ),
        ]);
    }
    sheet.or("")
}

fn line(tick: &Tick) -> String {
    let (at, key, ltp) = (clock_time(tick.at()), &tick.instrument, tick.ltp);
    let change = change(tick).map_or(String::new(), |(_, change)| percent(change));
    format!("{at}  {key}  {ltp}  {change}")
        .trim_end()
        .to_owned()
}
