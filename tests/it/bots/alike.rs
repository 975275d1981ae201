//! The same bot on the same recorded day: on recorded data, in steps and in faster time through the
//! running engine.

use super::restless::{Restless, at, day, reader, recorded, setup};
use crate::in_memory::Place;
use openalgo::bot::{BotEnd, Bots, Rehearsal, Rehearsed, Tape, trade_list};
use openalgo::brokers::calendar_file;
use openalgo::brokers::recording::{Pace, Replay, Speed};
use openalgo::core::market::MarketHours;
use openalgo::core::order::Trade;
use openalgo::engine::EngineConfig;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::sleep;

/// On a runtime of its own, whose time is not the one of the test.
async fn apart(recording: &[u8]) -> String {
    let recording = recording.to_vec();
    let traded = tokio::task::spawn_blocking(move || {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(rehearsed(&recording)).trade_list()
    });
    traded.await.unwrap()
}

async fn rehearsed(recording: &[u8]) -> Rehearsed {
    let rehearsal = Rehearsal::new(Tape::recording(reader(recording)));
    rehearsal.run(setup(), Restless::default()).await.unwrap()
}

/// What the bot trades while the recording is played to an engine that runs.
async fn replayed(recording: &[u8], going: Pace) -> String {
    let place = Place::new(Vec::new()).await;
    let (replay, task) = Replay::new(reader(recording), going);
    let mut ports = place.ports();
    ports.market = replay.source();
    ports.market.hours = MarketHours::Bind(Arc::new(calendar_file::built_in().unwrap()));
    ports.clock = Arc::new(replay.clock());
    let config = EngineConfig {
        watch_every: Some(Duration::from_secs(1)),
        ..EngineConfig::default()
    };
    let engine = Arc::new(place.start_on(ports, config).await);
    let bots = Bots::new(Arc::clone(&engine), Arc::clone(&place.store) as _);
    let bot = bots.start(place.owner.id, setup(), Restless::default());
    let bot = bot.await.unwrap();
    replay.begin();
    if going == Pace::Stepped {
        while replay.step().await.is_some() {
            sleep(Duration::from_millis(20)).await;
        }
    }
    let end = bot.ended().await;
    assert!(matches!(*end, BotEnd::Finished), "{end}");
    assert_eq!(bot.missed(), 0);
    let mut trades = engine
        .orders()
        .trades(place.owner.id, u32::MAX)
        .await
        .unwrap();
    trades.reverse();
    bots.end().await;
    engine.stop().await;
    task.end().await;
    trade_list(&trades)
}

/// Without what is finer than a second.
fn seconds(list: &str) -> String {
    let line = |line: &str| {
        let (time, rest) = line.split_once(',').unwrap();
        let (second, _) = time.split_once('.').unwrap();
        format!("{second},{rest}\n")
    };
    list.lines().map(line).collect()
}

#[tokio::test]
async fn the_same_recording_and_the_same_bot_give_the_same_trades_byte_for_byte() {
    let recording = recorded(&day());
    let first = rehearsed(&recording).await;
    assert!(matches!(first.end, BotEnd::Finished), "{}", first.end);
    assert_eq!(first.left_out, 0);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("day.ticks");
    std::fs::write(&path, &recording).unwrap();
    let rehearsal = Rehearsal::new(Tape::open(&path).await.unwrap());
    let second = rehearsal.run(setup(), Restless::default()).await.unwrap();
    assert_eq!(first.trade_list(), second.trade_list());
    assert_eq!(first.funds, second.funds);
    // It did all that it can, and the account ended the day.
    assert!(first.trades.len() > 50, "{}", first.trade_list());
    let strategy = |it: &openalgo::core::order::Order| it.intent.order.strategy.clone();
    let ended = first
        .orders
        .iter()
        .filter(|it| strategy(it).as_deref() == Some("AUTO_SQUARE_OFF"));
    assert_eq!(
        ended.map(|it| it.intent.at).collect::<Vec<_>>(),
        [at("15:15:00")]
    );
    let during = |trade: &Trade| trade.execution.at <= at("15:15:00");
    assert!(first.trades.iter().all(during));
}

#[tokio::test(start_paused = true)]
async fn a_replay_in_steps_gives_the_trades_of_the_recording_byte_for_byte() {
    let recording = recorded(&day());
    let stepped = replayed(&recording, Pace::Stepped).await;
    assert_eq!(stepped, apart(&recording).await);
}

#[tokio::test(start_paused = true)]
async fn a_replay_in_faster_time_gives_the_trades_of_the_recording() {
    let recording = recorded(&day());
    let going = Pace::Running {
        speed: Speed::try_new(60).unwrap(),
        longest_pause: None,
    };
    let running = replayed(&recording, going).await;
    assert_eq!(seconds(&running), seconds(&apart(&recording).await));
}
