//! A bot that does all that a bot can, and the prices of a day for it.

use async_trait::async_trait;
use openalgo::bot::{BotSetup, Timer};
use openalgo::brokers::recording::{Preamble, RecordingReader, RecordingWriter};
use openalgo::core::market::{
    Candle, CandleSeries, Instrument, InstrumentKind, Interval, Tick, TickSource, Timestamp,
};
use openalgo::core::order::{NewOrder, Order, OrderKind, OrderStatus, Product, Side};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::{NetQuantity, Price, Tick as Step};
use openalgo::prelude::{Bot, BotContext, BotResult};
use openalgo_core::testing::sample::{instrument, price, units};
use std::io::{Cursor, Read};
use std::time::Duration;

pub(super) fn step() -> Step {
    Step::try_new(price("0.05")).unwrap()
}

pub(super) fn listed() -> Instrument {
    Instrument {
        key: instrument("INFY"),
        name: "INFY".into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: units(1),
        tick: step(),
        token: None,
        freeze_quantity: None,
    }
}

pub(super) fn at(time: &str) -> Timestamp {
    Timestamp::of_ist(format!("2026-11-25T{time}").parse().unwrap())
}

/// A price every five seconds from 09:15 to 15:30, which wanders.
pub(super) fn day() -> Vec<Tick> {
    let (mut dice, mut steps) = (0x9e37_79b9_u64, 0_i64);
    let wander = |number: i64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        steps += i64::try_from(dice >> 61).unwrap() - 3 - steps.signum();
        let ltp = step().steps_from(price("1500"), steps).unwrap();
        let at = at("09:15:00").plus(chrono::Duration::seconds(5 * number));
        Tick::ltp(instrument("INFY"), ltp, at, TickSource::Simulated)
    };
    (0..4_500).map(wander).collect()
}

pub(super) fn recorded(ticks: &[Tick]) -> Vec<u8> {
    let preamble = Preamble {
        begun: at("09:10:00"),
        instruments: vec![listed()],
    };
    let mut writer = RecordingWriter::begin(Vec::new(), &preamble).unwrap();
    for tick in ticks {
        writer.push(tick).unwrap();
    }
    writer.finish().unwrap()
}

pub(super) fn reader(recording: &[u8]) -> RecordingReader<Box<dyn Read + Send>> {
    RecordingReader::open(Box::new(Cursor::new(recording.to_vec())) as _).unwrap()
}

pub(super) fn setup() -> BotSetup {
    BotSetup::new("restless".parse().unwrap())
        .prices(instrument("INFY"))
        .candles(instrument("INFY"), Interval::Minute1)
        .candles(instrument("INFY"), Interval::Minute5)
        .timer("quarter", Timer::Every(Duration::from_mins(15)))
        .timer("evening", Timer::Daily("15:20:00".parse().unwrap()))
}

/// Buys below the price, sells what it has above or out of a stop, clears the table every quarter of
/// an hour, and holds something when the account ends the day.
#[derive(Debug, Default)]
pub(super) struct Restless {
    highest: Option<Price>,
}

impl Restless {
    fn limit(side: Side, price: Price) -> NewOrder {
        NewOrder {
            kind: OrderKind::Limit { price },
            ..NewOrder::market(instrument("INFY"), side, units(10))
        }
    }

    async fn held(context: &BotContext) -> NetQuantity {
        let held = context.position(&instrument("INFY"), Product::Mis).await;
        held.unwrap()
    }
}

#[async_trait]
impl Bot for Restless {
    async fn tick(&mut self, context: &mut BotContext, tick: &Tick) -> BotResult {
        let highest = self.highest.map_or(tick.ltp, |it| it.max(tick.ltp));
        self.highest = Some(highest);
        if tick.ltp < step().steps_from(highest, -40)? && Self::held(context).await.is_long() {
            self.highest = None;
            context.close(&instrument("INFY"), Product::Mis).await?;
        }
        Ok(())
    }

    async fn candle(
        &mut self,
        context: &mut BotContext,
        series: &CandleSeries,
        candle: &Candle,
    ) -> BotResult {
        let key = instrument("INFY");
        assert_eq!(context.candles(&key, series.interval).last(), Some(candle));
        if series.interval == Interval::Minute5 {
            let open = context
                .open_orders()
                .find(|it| it.intent.order.side == Side::Buy);
            if let Some(id) = open.map(Order::public_id) {
                let nearer = Modification {
                    price: Some(step().steps_from(candle.close, -1)?),
                    ..Modification::default()
                };
                context.modify(&id, nearer).await?;
            }
        } else if context.open_orders().next().is_none() && context.now() < at("15:14:00") {
            let order = Self::limit(Side::Buy, step().steps_from(candle.close, -2)?);
            context.place(order).await?;
        }
        Ok(())
    }

    async fn order(&mut self, context: &mut BotContext, order: &Order) -> BotResult {
        let asked = &order.intent.order;
        if order.status() == OrderStatus::Complete && asked.side == Side::Buy {
            let price = context.quote(&asked.instrument).await?.ltp;
            let order = Self::limit(Side::Sell, step().steps_from(price, 3)?);
            context.place(order).await?;
        }
        Ok(())
    }

    async fn timer(&mut self, context: &mut BotContext, name: &str) -> BotResult {
        let open: Vec<_> = context.open_orders().map(Order::public_id).collect();
        for id in open {
            context.cancel(&id).await?;
        }
        if name == "evening" {
            // The account has ended the day before.
            assert!(Self::held(context).await.is_flat());
            context.log("good night");
            context.finish();
        } else if context.now() < at("15:00:00") {
            let flat = NetQuantity::try_new(0)?;
            context
                .smart(
                    NewOrder::market(instrument("INFY"), Side::Buy, units(0)),
                    flat,
                )
                .await?;
        } else if context.now() < at("15:10:00") {
            context
                .place(NewOrder::market(instrument("INFY"), Side::Buy, units(7)))
                .await?;
        }
        Ok(())
    }
}
