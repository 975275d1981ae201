//! A recording as the market of an engine: resting paper orders meet its prices as they came.

use crate::in_memory::Place;
use openalgo::brokers::recording::{
    Ending, Pace, Preamble, RecordingReader, RecordingWriter, Replay, ReplayEnd, ReplayTask, Speed,
};
use openalgo::core::market::{
    IST, Instrument, InstrumentKey, InstrumentKind, Tick, TickQuote, TickSource, Timestamp,
};
use openalgo::core::order::{Execution, NewOrder, OrderKind, OrderStatus, Product, Side};
use openalgo::core::paper::PriceBand;
use openalgo::core::port::Clock;
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::hub::Impossible;
use openalgo::engine::{Engine, EngineConfig};
use openalgo_core::testing::sample::{self, price};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

const SYMBOLS: [&str; 2] = ["INFY", "TCS"];

/// What the recordings list.
fn listed(symbol: &str) -> Instrument {
    Instrument {
        key: sample::instrument(symbol),
        name: symbol.into(),
        kind: InstrumentKind::Equity,
        expiry: None,
        strike: None,
        lot_size: Quantity::ONE,
        tick: openalgo::core::value::Tick::try_new(price("0.05")).unwrap(),
        token: None,
        freeze_quantity: None,
    }
}

fn recorded(begun: Timestamp, ticks: &[Tick]) -> Vec<u8> {
    let preamble = Preamble {
        begun,
        instruments: SYMBOLS.map(listed).to_vec(),
    };
    let mut writer = RecordingWriter::begin(Vec::new(), &preamble).unwrap();
    for tick in ticks {
        writer.push(tick).unwrap();
    }
    writer.finish().unwrap()
}

fn india(date: u32, hour: u32, minute: u32) -> Timestamp {
    let date = chrono::NaiveDate::from_ymd_opt(2026, 11, date).unwrap();
    let local = date.and_hms_opt(hour, minute, 0).unwrap();
    Timestamp::new(local.and_local_timezone(IST).unwrap().to_utc())
}

/// Two weeks of a price that wanders, one every half minute from 09:15 to 15:30.
fn two_weeks() -> Vec<Tick> {
    let mut dice = 0x9e37_79b9_u64;
    let mut ticks = Vec::new();
    let mut steps = [0_i64; 2];
    for date in (16..=20).chain(23..=27) {
        for half_minute in 0..750 {
            let at = india(date, 9, 15).plus(chrono::Duration::seconds(30 * half_minute));
            for (symbol, step) in SYMBOLS.iter().zip(&mut steps) {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *step += i64::try_from(dice >> 61).unwrap() - 3 - step.signum();
                let paise = 150_000 + 5 * *step;
                let ltp = price(&format!("{}.{:02}", paise / 100, paise % 100));
                ticks.push(Tick::ltp(
                    sample::instrument(symbol),
                    ltp,
                    at,
                    TickSource::Simulated,
                ));
            }
        }
    }
    ticks
}

/// A life of an engine on a recording.
struct Life {
    place: Place,
    engine: Engine,
    replay: Replay,
    task: ReplayTask,
}

impl Life {
    async fn new(recording: Vec<u8>, speed: Pace) -> Self {
        let place = Place::new(Vec::new()).await;
        let reader = RecordingReader::open(Box::new(Cursor::new(recording)) as _).unwrap();
        let (replay, task) = Replay::new(reader, speed);
        let mut ports = place.ports();
        ports.market = replay.source();
        ports.clock = Arc::new(replay.clock());
        let config = EngineConfig {
            watch_every: Some(Duration::from_hours(1)),
            ..EngineConfig::default()
        };
        let engine = place.start_on(ports, config).await;
        replay.begin();
        Self {
            place,
            engine,
            replay,
            task,
        }
    }

    async fn limit(&self, symbol: &str, (side, product): (Side, Product), price: Price) {
        let order = NewOrder {
            kind: OrderKind::Limit { price },
            product,
            ..NewOrder::market(sample::instrument(symbol), side, sample::units(10))
        };
        let placed = self.engine.orders().place(self.place.owner.id, order).await;
        placed.unwrap();
    }

    async fn end(self) -> Vec<Execution> {
        let orders = self.engine.orders();
        let trades = orders.trades(self.place.owner.id, 10_000).await.unwrap();
        self.engine.stop().await;
        self.task.end().await;
        trades.into_iter().map(|trade| trade.execution).collect()
    }
}

/// Buys below and sells above the price, again and again through the days.
async fn traded(recording: Vec<u8>) -> Vec<Execution> {
    let pace = Pace::Running {
        speed: Speed::try_new(60).unwrap(),
        longest_pause: Some(Duration::from_mins(5)),
    };
    let life = Life::new(recording, pace).await;
    for round in 0_i64.. {
        // Half an hour of the recording.
        let over = tokio::time::timeout(Duration::from_secs(30), life.replay.ended()).await;
        if let Ok(end) = over {
            assert!(matches!(*end, ReplayEnd::Over(Ending::Whole)));
            break;
        }
        for (symbol, away) in SYMBOLS.into_iter().zip([1 + round % 4, 2]) {
            let market = life
                .engine
                .market()
                .quote(&sample::instrument(symbol))
                .await
                .unwrap();
            for (side, away) in [(Side::Buy, -away), (Side::Sell, away)] {
                let limit = listed(symbol).tick.steps_from(market.ltp, away).unwrap();
                life.limit(symbol, (side, Product::Mis), limit).await;
            }
        }
    }
    life.end().await
}

#[tokio::test(start_paused = true)]
async fn ten_recorded_days_played_twice_give_the_same_fills() {
    let ticks = two_weeks();
    let recording = recorded(india(16, 9, 0), &ticks);
    let first = traded(recording.clone()).await;
    let second = traded(recording).await;
    assert_eq!(first, second);
    assert!(first.len() > 100, "{}", first.len());
    let days = |fill: &Execution| fill.at.to_ist().date_naive();
    let mut dates: Vec<_> = first.iter().map(days).collect();
    dates.sort_unstable();
    dates.dedup();
    assert_eq!(dates.len(), 10, "{dates:?}");
    // Each filled at a price that was met when it was: the market was there, or beyond.
    let told = |key: &InstrumentKey, at: Timestamp| {
        let mut before = ticks
            .iter()
            .filter(|tick| tick.instrument == *key && tick.received_at <= at);
        before.next_back().unwrap().ltp
    };
    for fill in &first {
        let market = told(&fill.instrument, fill.at);
        match fill.side {
            Side::Buy => assert!(market <= fill.price, "{fill:?} {market}"),
            Side::Sell => assert!(market >= fill.price, "{fill:?} {market}"),
        }
    }
}

/// A day on which prices from 95 to 105 are possible.
fn day() -> TickQuote {
    let [low, high] = ["95", "105"].map(price);
    TickQuote {
        open: price("100"),
        high,
        low,
        prev_close: price("100"),
        volume: 1,
        bid: None,
        ask: None,
        bid_quantity: Quantity::ZERO,
        ask_quantity: Quantity::ZERO,
        oi: None,
        band: Some(PriceBand {
            low: Some(low),
            high: Some(high),
        }),
    }
}

#[tokio::test(start_paused = true)]
async fn recorded_prices_that_cannot_be_fill_nothing() {
    let begun = india(25, 10, 30);
    let tick = |symbol: &str, ltp: &str, (received, of): (i64, i64)| {
        let at = |seconds| begun.plus(chrono::Duration::seconds(seconds));
        let key = sample::instrument(symbol);
        let mut tick = Tick::ltp(key, price(ltp), at(received), TickSource::Simulated);
        tick.exchange_time = Some(at(of));
        tick.quote = Some(day());
        tick
    };
    let steps = [
        (tick("INFY", "100", (1, 1)), None),
        (tick("INFY", "0", (2, 2)), Some(Impossible::Mute)),
        (tick("INFY", "95.5", (3, -60)), Some(Impossible::Older)),
        (tick("INFY", "94.95", (4, 4)), Some(Impossible::OutOfBand)),
        (tick("INFY", "95.5", (5, 5_000)), Some(Impossible::Ahead)),
        // Nobody asked for this one.
        (tick("TCS", "95.5", (6, 6)), None),
    ];
    let good = tick("INFY", "95.95", (7, 7));
    let ticks = steps.iter().map(|(tick, _)| tick).chain([&good]);
    let ticks: Vec<_> = ticks.cloned().collect();
    let life = Life::new(recorded(begun, &ticks), Pace::Stepped).await;
    let status = async || {
        sleep(Duration::from_secs(1)).await;
        let orders = life.engine.orders().list(life.place.owner.id, 1).await;
        orders.unwrap()[0].status()
    };
    life.replay.step().await;
    let kind = (Side::Buy, Product::Mis);
    life.limit("INFY", kind, price("96")).await;
    assert_eq!(status().await, OrderStatus::Open);
    for (_, why) in &steps[1..] {
        life.replay.step().await;
        assert_eq!(status().await, OrderStatus::Open, "{why:?}");
        let counted = |why| life.engine.hub().health().quarantined.of(why);
        assert!(why.is_none_or(|why| counted(why) == 1), "{why:?}");
        let market = life.engine.market();
        let quote = market.quote(&sample::instrument("INFY")).await.unwrap();
        assert_eq!(quote.ltp, price("100"), "{why:?}");
    }
    life.replay.step().await;
    assert_eq!(status().await, OrderStatus::Complete);
    assert_eq!(life.engine.hub().health().quarantined.total(), 4);
    assert_eq!(
        life.replay.clock().now(),
        begun.plus(chrono::Duration::seconds(7))
    );
    let fills = life.end().await;
    assert_eq!((fills.len(), fills[0].price), (1, price("96")));
}
