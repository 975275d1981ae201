//! A bot for the morning: it notes the highest and the lowest price of the first quarter of an hour,
//! buys when a candle closes above and sells short below, and protects itself with a stop at
//! the other end of the range. At ten past three it is out.
//!
//! `cargo run --example opening_range_breakout`

use openalgo::bot::{CandleTrack, Rehearsal, Tape, Timer};
use openalgo::core::market::{Candle, CandleSeries, Interval};
use openalgo::engine::service::HistoryRequest;
use openalgo::prelude::*;
use std::error::Error;

const UNITS: i64 = 10;

/// The range of a morning, and what came of it.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Morning {
    high: Price,
    low: Price,
    is_traded: bool,
}

struct Breakout {
    instrument: InstrumentKey,
}

impl Breakout {
    fn wanted(
        &self,
        side: Side,
        kind: OrderKind,
    ) -> Result<NewOrder, Box<dyn Error + Send + Sync>> {
        let quantity = Quantity::try_new(UNITS)?;
        let order = NewOrder::market(self.instrument.clone(), side, quantity);
        Ok(NewOrder { kind, ..order })
    }
}

#[async_trait]
impl Bot for Breakout {
    async fn candle(
        &mut self,
        context: &mut BotContext,
        series: &CandleSeries,
        candle: &Candle,
    ) -> BotResult {
        // The first quarter of an hour is the range. What is kept outlives the program.
        let opening = candle.timestamp.to_ist().format("%R").to_string();
        if series.interval == Interval::Minute15 {
            if opening == "09:15" {
                let (high, low, is_traded) = (candle.high, candle.low, false);
                context.keep(
                    "morning",
                    &Morning {
                        high,
                        low,
                        is_traded,
                    },
                )?;
            }
            return Ok(());
        }
        let morning: Option<Morning> = context.kept("morning")?;
        let Some(morning) = morning.filter(|morning| !morning.is_traded && *opening < *"15:00")
        else {
            return Ok(());
        };
        let (side, exit, trigger) = if candle.close > morning.high {
            (Side::Buy, Side::Sell, morning.low)
        } else if candle.close < morning.low {
            (Side::Sell, Side::Buy, morning.high)
        } else {
            return Ok(());
        };
        context.place(self.wanted(side, OrderKind::Market)?).await?;
        let stop = self.wanted(exit, OrderKind::StopMarket { trigger })?;
        context.place(stop).await?;
        let is_traded = true;
        context.keep(
            "morning",
            &Morning {
                is_traded,
                ..morning
            },
        )?;
        Ok(())
    }

    async fn order(&mut self, context: &mut BotContext, order: &Order) -> BotResult {
        let asked = &order.intent.order;
        context.log(&format!(
            "{} {} {}",
            asked.side,
            asked.instrument,
            order.status()
        ));
        Ok(())
    }

    async fn timer(&mut self, context: &mut BotContext, _name: &str) -> BotResult {
        // Closing cancels the stop that is in the way.
        let held = context.position(&self.instrument, Product::Mis).await?;
        if !held.is_flat() {
            context.close(&self.instrument, Product::Mis).await?;
        }
        context.forget("morning");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let app = OpenAlgo::builder()
        .data_dir(folder.path().join("data"))
        .key_source(KeySource::File(folder.path().join("master.key")))
        .open()
        .await?;
    let instrument = InstrumentKey::new(Exchange::Nse, "INFY".parse()?);
    let series = CandleSeries {
        instrument: instrument.clone(),
        interval: Interval::Minute1,
    };
    let (from, to) = ("2026-01-05".parse()?, "2026-01-09".parse()?);
    let request = HistoryRequest { series, from, to };
    let past = CandleTrack {
        instrument: app.market().instrument(&instrument).await?.as_ref().clone(),
        interval: Interval::Minute1,
        candles: app.history().fetch(&request).await?.candles,
    };
    app.close().await;

    let setup = BotSetup::new("breakout".parse()?)
        .candles(instrument.clone(), Interval::Minute15)
        .candles(instrument.clone(), Interval::Minute1)
        .timer("out", Timer::Daily("15:10:00".parse()?));
    let rehearsal = Rehearsal::new(Tape::candles(vec![past])?);
    let rehearsed = rehearsal.run(setup, Breakout { instrument }).await?;
    #[expect(clippy::print_stdout, reason = "an example shows what it did")]
    {
        print!("{}", rehearsed.trade_list());
        println!("{}; profit ₹{}", rehearsed.end, rehearsed.funds.total_pnl);
    }
    match rehearsed.trades.len() {
        0 => Err("no price left its range in a week".into()),
        _ => Ok(()),
    }
}
