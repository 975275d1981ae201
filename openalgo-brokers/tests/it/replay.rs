//! Recordings that are played again.

use crate::recording::{begun, instruments, ltp, written};
use openalgo_brokers::recording::{
    Ending, Pace, RecordingReader, Replay, ReplayEnd, ReplayTask, Speed,
};
use openalgo_core::market::{FeedMode, Tick, TickSource};
use openalgo_core::port::{Clock, MarketError, Subscription, TickStream};
use openalgo_core::testing::sample::{self, price};
use std::io::Cursor;
use std::time::Duration;
use tokio::time::{Instant, timeout};

fn replay(ticks: &[Tick], pace: Pace) -> (Replay, ReplayTask) {
    let bytes = Cursor::new(written(ticks));
    Replay::new(RecordingReader::open(Box::new(bytes) as _).unwrap(), pace)
}

fn running(speed: u32, longest_pause: Option<Duration>) -> Pace {
    Pace::Running {
        speed: Speed::try_new(speed).unwrap(),
        longest_pause,
    }
}

async fn subscribed(replay: &Replay, places: &[usize]) -> Box<dyn TickStream> {
    let feed = replay.source().feed.unwrap();
    let stream = feed.open().await.unwrap();
    let wanted = places.iter().map(|place| Subscription {
        instrument: instruments()[*place].key.clone(),
        mode: FeedMode::Quote,
    });
    feed.subscribe(&wanted.collect::<Vec<_>>()).await.unwrap();
    stream
}

async fn waits(stream: &mut dyn TickStream) -> bool {
    timeout(Duration::from_hours(100), stream.next())
        .await
        .is_err()
}

#[tokio::test(start_paused = true)]
async fn stepped_it_tells_one_price_at_a_time() {
    let ticks = [ltp(0, "1500", 5), ltp(1, "3000", 5), ltp(0, "1501", 9)];
    let (replay, task) = replay(&ticks, Pace::Stepped);
    let mut stream = subscribed(&replay, &[0]).await;
    replay.begin();
    assert!(waits(&mut *stream).await, "time stands");
    assert_eq!(replay.clock().now(), begun());
    assert_eq!(replay.step().await, Some(sample::at(5)));
    let told = stream.next().await.unwrap();
    assert_eq!(
        (told.ltp, told.source),
        (price("1500"), TickSource::Recorded)
    );
    replay.step().await;
    assert!(waits(&mut *stream).await, "nobody asked for TCS");
    assert_eq!(replay.step().await, Some(sample::at(9)));
    assert_eq!(stream.next().await.unwrap().ltp, price("1501"));
    assert_eq!(replay.clock().now(), sample::at(9));
    assert_eq!(replay.step().await, None);
    assert_eq!(replay.told(), 3);
    assert!(matches!(
        *replay.ended().await,
        ReplayEnd::Over(Ending::Whole)
    ));
    assert!(
        waits(&mut *stream).await,
        "a market that has closed is quiet"
    );
    task.end().await;
}

#[tokio::test(start_paused = true)]
async fn time_goes_by_as_fast_as_was_said() {
    let ticks = [ltp(0, "1500", 60), ltp(0, "1501", 3_600)];
    for (speed, first, last) in [(1, 60, 3_600), (60, 1, 60)] {
        let (replay, task) = replay(&ticks, running(speed, None));
        let mut stream = subscribed(&replay, &[0]).await;
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert_eq!(replay.clock().now(), begun(), "it was not begun");
        let began = Instant::now();
        replay.begin();
        for (second, after) in [(60, first), (3_600, last)] {
            stream.next().await.unwrap();
            assert_eq!(began.elapsed().as_secs(), after);
            let gone = replay.clock().now().since(sample::at(second));
            assert!(gone.num_milliseconds() < 100, "{gone}");
        }
        task.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_night_is_as_long_as_the_longest_pause() {
    let ticks = [
        ltp(0, "1500", 0),
        ltp(0, "1501", 30),
        ltp(0, "1502", 64_800),
    ];
    let (replay, task) = replay(&ticks, running(1, Some(Duration::from_mins(1))));
    let mut stream = subscribed(&replay, &[0]).await;
    let began = Instant::now();
    replay.begin();
    for (second, after) in [(0, 0), (30, 30), (64_800, 90)] {
        stream.next().await.unwrap();
        assert_eq!(began.elapsed().as_secs(), after);
        assert!(replay.clock().now() >= sample::at(second));
    }
    task.end().await;
}

#[tokio::test(start_paused = true)]
async fn quotes_are_what_the_last_price_that_can_be_says() {
    let mut ahead = ltp(0, "1502", 4);
    ahead.exchange_time = Some(sample::at(40_000));
    let mut older = ltp(0, "1503", 5);
    older.exchange_time = Some(sample::at(1));
    let ticks = [ltp(0, "1500", 2), ltp(0, "0", 3), ahead, older];
    let (replay, task) = replay(&ticks, Pace::Stepped);
    let source = replay.source();
    let key = instruments()[0].key.clone();
    let early = source.quotes.quote(&key).await.unwrap_err();
    assert!(matches!(early, MarketError::Failed(_)), "{early}");
    while replay.step().await.is_some() {}
    assert_eq!(source.quotes.quote(&key).await.unwrap().ltp, price("1500"));
    let unknown = source.quotes.quote(&sample::instrument("SBIN")).await;
    assert!(matches!(unknown, Err(MarketError::UnknownInstrument(_))));
    // What is asked for anew is told the last price at once.
    let mut stream = subscribed(&replay, &[0]).await;
    assert_eq!(stream.next().await.unwrap().ltp, price("1500"));
    task.end().await;
}

#[tokio::test(start_paused = true)]
async fn contracts_are_listed_until_they_expire() {
    let (replay, task) = replay(&[], Pace::Stepped);
    let listed = async |date: &str| {
        let instruments = replay.source().instruments;
        instruments
            .instruments(date.parse().unwrap())
            .await
            .unwrap()
            .len()
    };
    assert_eq!(listed("2026-12-29").await, 3);
    assert_eq!(listed("2026-12-30").await, 2);
    task.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_was_cut_is_played_up_to_there_and_that_is_told() {
    let mut bytes = written(&[ltp(0, "1500", 1)]);
    bytes.extend([1, 0, 0]);
    let reader = RecordingReader::open(Box::new(Cursor::new(bytes)) as _).unwrap();
    let (replay, task) = Replay::new(reader, running(60, None));
    replay.begin();
    assert!(matches!(
        *replay.ended().await,
        ReplayEnd::Over(Ending::Torn { block: 2, .. })
    ));
    assert_eq!(replay.told(), 1);
    task.end().await;
}

#[test]
fn speeds_are_whole_and_bounded() {
    assert_eq!("60".parse::<Speed>().unwrap(), Speed::try_new(60).unwrap());
    for text in ["0", "-1", "1.5", "100001", "fast", ""] {
        let error = text.parse::<Speed>().unwrap_err().to_string();
        assert!(error.contains("from 1 to 100000"), "{error}");
    }
}
