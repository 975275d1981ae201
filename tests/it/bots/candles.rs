//! Candles that a bot is told are those of history, and candles of history are enough to trade on.

use super::restless::{at, listed, step};
use async_trait::async_trait;
use openalgo::bot::{BotSetup, CandleTrack, Rehearsal, Tape, TapeError, Timer};
use openalgo::brokers::calendar_file;
use openalgo::core::account::SettingKey;
use openalgo::core::market::{
    Candle, CandleGrid, CandleSeries, Exchange, Interval, MarketHours, Tick, Timestamp, resample,
};
use openalgo::core::order::{NewOrder, Side};
use openalgo::prelude::{Bot, BotContext, BotResult};
use openalgo_core::testing::sample::{instrument, price, units};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Three days of minutes: a Friday, a Monday and a Tuesday.
fn minutes() -> Vec<Candle> {
    let (mut dice, mut steps) = (7_u64, 0_i64);
    let mut candles = Vec::new();
    for (days, minute) in [2, 5, 6]
        .into_iter()
        .flat_map(|day| (0..375).map(move |it| (day, it)))
    {
        let mut course = [0; 4];
        for place in &mut course {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            steps += i64::try_from(dice >> 61).unwrap() - 3 - steps.signum();
            *place = steps;
        }
        let told = course.map(|steps| step().steps_from(price("1500"), steps).unwrap());
        candles.push(Candle {
            timestamp: at("09:15:00")
                .plus(chrono::Duration::days(days))
                .plus(chrono::Duration::minutes(minute)),
            open: told[0],
            high: told.into_iter().max().unwrap(),
            low: told.into_iter().min().unwrap(),
            close: told[3],
            volume: i64::try_from(dice >> 50).unwrap(),
            oi: None,
        });
    }
    candles
}

fn track(interval: Interval, candles: Vec<Candle>) -> CandleTrack {
    CandleTrack {
        instrument: listed(),
        interval,
        candles,
    }
}

type Told = BTreeMap<Interval, Vec<Candle>>;

/// Keeps the candles that it is told, and when.
#[derive(Default)]
struct Listener {
    told: Arc<Mutex<Told>>,
    times: Arc<Mutex<Vec<Timestamp>>>,
}

#[async_trait]
impl Bot for Listener {
    async fn candle(
        &mut self,
        _context: &mut BotContext,
        series: &CandleSeries,
        candle: &Candle,
    ) -> BotResult {
        let mut told = self.told.lock().unwrap();
        told.entry(series.interval)
            .or_default()
            .push(candle.clone());
        Ok(())
    }

    async fn timer(&mut self, context: &mut BotContext, _name: &str) -> BotResult {
        self.times.lock().unwrap().push(context.now());
        Ok(())
    }
}

fn grid(interval: Interval) -> CandleGrid {
    let calendar = Arc::new(calendar_file::built_in().unwrap());
    CandleGrid::new(MarketHours::Bind(calendar), Exchange::Nse, interval)
}

#[tokio::test]
async fn a_bot_is_told_the_candles_of_history() {
    let (minutes, listener) = (minutes(), Listener::default());
    let (told, times) = (Arc::clone(&listener.told), Arc::clone(&listener.times));
    let lengths = [
        Interval::Minute1,
        Interval::Minute5,
        Interval::Hour1,
        Interval::Day,
    ];
    let setup = BotSetup::new("listener".parse().unwrap());
    let setup = lengths.into_iter().fold(setup, |setup, interval| {
        setup.candles(instrument("INFY"), interval)
    });
    let noon = Timer::Daily("12:00:00".parse().unwrap());
    let tape = Tape::candles(vec![track(Interval::Minute1, minutes.clone())]).unwrap();
    let rehearsal = Rehearsal::new(tape).run(setup.timer("noon", noon), listener);
    let rehearsed = rehearsal.await.unwrap();
    assert_eq!(rehearsed.left_out, 0);
    let told = std::mem::take(&mut *told.lock().unwrap());
    assert_eq!(told[&Interval::Minute1], minutes);
    for interval in lengths {
        let longer = resample(&minutes, Interval::Minute1, &grid(interval)).unwrap();
        assert_eq!(told[&interval], longer.candles, "{interval}");
    }
    // Also over the weekend, on which no price came.
    let noons: Vec<_> = times
        .lock()
        .unwrap()
        .iter()
        .map(|at| at.to_ist().format("%d %R").to_string())
        .collect();
    assert_eq!(
        noons,
        ["27 12:00", "28 12:00", "29 12:00", "30 12:00", "01 12:00"]
    );
}

/// Buys each time that a candle has risen.
struct Follower;

#[async_trait]
impl Bot for Follower {
    async fn candle(
        &mut self,
        context: &mut BotContext,
        _series: &CandleSeries,
        candle: &Candle,
    ) -> BotResult {
        if candle.close > candle.open {
            let order = NewOrder::market(instrument("INFY"), Side::Buy, units(1));
            context.place(order).await?;
        }
        Ok(())
    }

    async fn tick(&mut self, _context: &mut BotContext, tick: &Tick) -> BotResult {
        let quote = tick.quote.as_ref().ok_or("without figures")?;
        assert!((quote.low..=quote.high).contains(&tick.ltp));
        Ok(())
    }
}

#[tokio::test]
async fn candles_of_days_are_enough_to_trade_on() {
    let minutes = minutes();
    let days = resample(&minutes, Interval::Minute1, &grid(Interval::Day)).unwrap();
    let risen = |day: &&Candle| day.close > day.open;
    let expected = days.candles.iter().filter(risen).count();
    assert!((1..3).contains(&expected), "{expected}");
    let setup = BotSetup::new("follower".parse().unwrap())
        .prices(instrument("INFY"))
        .candles(instrument("INFY"), Interval::Day);
    let tape = Tape::candles(vec![track(Interval::Day, days.candles)]).unwrap();
    let rehearsal = Rehearsal::new(tape)
        .market_hours(openalgo::HoursRule::Always)
        .setting(SettingKey::StartingCapital, "100000");
    let rehearsed = rehearsal.run(setup, Follower).await.unwrap();
    assert_eq!(rehearsed.trades.len(), expected, "{}", rehearsed.end);
    let capital = rehearsed.funds.funds.total_capital;
    assert_eq!(capital.to_string(), "100000.00");
}

#[test]
fn candles_that_cannot_be_are_refused_by_their_time() {
    let good = minutes();
    let mut twisted = good.clone();
    twisted[2].low = price("9999");
    let refused = Tape::candles(vec![track(Interval::Minute1, twisted)]).unwrap_err();
    assert!(matches!(&refused, TapeError::Incoherent { at, .. } if *at == good[2].timestamp));
    assert!(refused.to_string().contains("NSE:INFY"), "{refused}");
    let longer = Tape::candles(vec![track(Interval::Minute5, good.clone())]);
    assert!(matches!(longer, Err(TapeError::Unordered { at, .. }) if at == good[1].timestamp));
    let none = Tape::candles(vec![track(Interval::Day, Vec::new())]);
    assert!(matches!(none, Err(TapeError::NoCandles)));
}
