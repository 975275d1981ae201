//! A bot that is slower than the prices: it is told the latest ones, and every candle.

use super::restless::{day, reader, recorded};
use crate::in_memory::Place;
use async_trait::async_trait;
use openalgo::bot::{BotSetup, Bots};
use openalgo::brokers::recording::{Pace, Replay, Speed};
use openalgo::core::market::{Candle, CandleSeries, Interval, Tick};
use openalgo::engine::EngineConfig;
use openalgo::prelude::{Bot, BotContext, BotResult};
use openalgo_core::testing::sample::instrument;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

#[derive(Debug, Default)]
struct Seen {
    ticks: Vec<Tick>,
    candles: Vec<Candle>,
    missed: u64,
}

struct Slow(Arc<Mutex<Seen>>);

#[async_trait]
impl Bot for Slow {
    async fn tick(&mut self, context: &mut BotContext, tick: &Tick) -> BotResult {
        {
            let mut seen = self.0.lock().unwrap();
            seen.ticks.push(tick.clone());
            seen.missed = context.missed();
        }
        sleep(Duration::from_secs(2)).await;
        Ok(())
    }

    async fn candle(
        &mut self,
        _context: &mut BotContext,
        _series: &CandleSeries,
        candle: &Candle,
    ) -> BotResult {
        self.0.lock().unwrap().candles.push(candle.clone());
        Ok(())
    }
}

/// A minute goes by in a second, so 24 prices come while the bot looks at one.
#[tokio::test(start_paused = true)]
async fn a_slow_bot_gets_the_latest_prices_and_every_candle() {
    let ticks = day();
    let place = Place::new(Vec::new()).await;
    let going = Pace::Running {
        speed: Speed::try_new(60).unwrap(),
        longest_pause: None,
    };
    let (replay, task) = Replay::new(reader(&recorded(&ticks)), going);
    let mut ports = place.ports();
    ports.market = replay.source();
    ports.clock = Arc::new(replay.clock());
    let engine = Arc::new(place.start_on(ports, EngineConfig::default()).await);
    let bots = Bots::new(Arc::clone(&engine), Arc::clone(&place.store) as _);
    let seen = Arc::new(Mutex::new(Seen::default()));
    let setup = BotSetup::new("slow".parse().unwrap())
        .prices(instrument("INFY"))
        .candles(instrument("INFY"), Interval::Minute1);
    let bot = bots.start(place.owner.id, setup, Slow(Arc::clone(&seen)));
    let bot = bot.await.unwrap();
    replay.begin();
    replay.ended().await;
    sleep(Duration::from_secs(10)).await;
    bot.stop().await;

    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(seen.candles.len(), 375);
    assert!(seen.ticks.len() < 300, "{}", seen.ticks.len());
    let told = u64::try_from(seen.ticks.len()).unwrap();
    assert_eq!(told + seen.missed, 4_500);
    assert_eq!(bot.missed(), seen.missed);
    assert_eq!(seen.ticks.last().unwrap().ltp, ticks.last().unwrap().ltp);
    let lowest = |candle: &Candle| {
        let until = candle.timestamp.plus(chrono::Duration::minutes(1));
        let inside = |tick: &&Tick| (candle.timestamp..until).contains(&tick.received_at);
        ticks.iter().filter(inside).map(|tick| tick.ltp).min()
    };
    assert!(seen.candles.iter().all(|it| Some(it.low) == lowest(it)));
    bots.end().await;
    engine.stop().await;
    task.end().await;
}
