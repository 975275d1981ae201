//! A first bot: buys when the fast average of closing prices rises above the slow one, and sells when
//! it falls below. It is tried on a week of past prices, which takes a moment.
//!
//! `cargo run --example moving_average_crossover`

use openalgo::bot::{CandleTrack, Rehearsal, Tape};
use openalgo::core::market::{Candle, CandleSeries, Interval};
use openalgo::core::value::{NetQuantity, ValueError};
use openalgo::engine::service::HistoryRequest;
use openalgo::prelude::*;
use std::error::Error;

const FAST: usize = 5;
const SLOW: usize = 20;

/// The bot. It needs no memory of its own: where it stands is what it holds.
struct Crossover {
    instrument: InstrumentKey,
}

#[async_trait]
impl Bot for Crossover {
    async fn candle(
        &mut self,
        context: &mut BotContext,
        series: &CandleSeries,
        _candle: &Candle,
    ) -> BotResult {
        let candles = context.candles(&self.instrument, series.interval);
        let (Some(fast), Some(slow)) = (average(candles, FAST)?, average(candles, SLOW)?) else {
            // Too few candles yet.
            return Ok(());
        };
        // Intraday positions end with the day, and none begins shortly before.
        let time = context.now().to_ist().format("%R").to_string();
        let units = if fast > slow && *time < *"15:10" {
            10
        } else {
            0
        };
        // A smart order leads to a position, from whatever there is: nothing happens if it is there.
        let position = NetQuantity::try_new(units)?;
        let order = NewOrder::market(self.instrument.clone(), Side::Sell, Quantity::ZERO);
        context.smart(order, position).await?;
        Ok(())
    }
}

/// What the last closing prices come to on average, if there are enough.
fn average(candles: &[Candle], count: usize) -> Result<Option<Price>, ValueError> {
    let Some(first) = candles.len().checked_sub(count) else {
        return Ok(None);
    };
    let last = candles.iter().skip(first);
    let closes = last.map(|candle| candle.close.times(Quantity::ONE));
    let sum = closes
        .into_iter()
        .try_fold(Money::ZERO, |sum, close| sum.plus(close?))?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    sum.per_unit(Quantity::try_new(count)?).map(Some)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let app = OpenAlgo::builder()
        .data_dir(folder.path().join("data"))
        .key_source(KeySource::File(folder.path().join("master.key")))
        .open()
        .await?;
    let instrument = InstrumentKey::new(Exchange::Nse, "RELIANCE".parse()?);
    let series = CandleSeries {
        instrument: instrument.clone(),
        interval: Interval::Minute5,
    };
    let (from, to) = ("2026-01-05".parse()?, "2026-01-09".parse()?);
    let request = HistoryRequest { series, from, to };
    let past = CandleTrack {
        instrument: app.market().instrument(&instrument).await?.as_ref().clone(),
        interval: Interval::Minute5,
        candles: app.history().fetch(&request).await?.candles,
    };
    app.close().await;

    let setup = BotSetup::new("crossover".parse()?).candles(instrument.clone(), Interval::Minute5);
    let bot = Crossover { instrument };
    // The same bot trades on paper, or live, with `app.bots().start(user, setup, bot)`.
    let rehearsal = Rehearsal::new(Tape::candles(vec![past])?);
    let rehearsed = rehearsal.run(setup, bot).await?;
    #[expect(clippy::print_stdout, reason = "an example shows what it did")]
    {
        print!("{}", rehearsed.trade_list());
        println!("{}; profit ₹{}", rehearsed.end, rehearsed.funds.total_pnl);
    }
    match rehearsed.trades.len() {
        0 => Err("the averages never crossed".into()),
        _ => Ok(()),
    }
}
