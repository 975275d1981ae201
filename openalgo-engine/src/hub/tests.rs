//! What readers get, whatever comes.

use super::board::Board;
use super::quarantine::Impossible;
use super::{FeedState, MarketDataHub, NextTick, TickReader};
use crate::market::Market;
use async_trait::async_trait;
use openalgo_core::market::{FeedMode, InstrumentKey, InstrumentList, Tick, TickSource, Timestamp};
use openalgo_core::paper::PriceBand;
use openalgo_core::port::{
    BrokerReadError, Clock, MarketFeed, MarketSource, MockInstrumentSource, MockQuoteSource,
    Subscription, TickStream,
};
use openalgo_core::testing::FakeClock;
use openalgo_core::testing::sample::{instrument, price};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

const NOON: &str = "2026-11-25T12:00:00+05:30";

fn noon() -> Timestamp {
    FakeClock::at(NOON).now()
}

/// A price so many seconds after noon.
fn tick(symbol: &str, ltp: &str, seconds: i64) -> Tick {
    let at = noon().plus(chrono::Duration::seconds(seconds));
    Tick::ltp(instrument(symbol), price(ltp), at, TickSource::Recorded)
}

fn wish(board: &mut Board, symbols: &[&str]) -> Arc<super::Mailbox> {
    let (reader, mailbox) = board.join();
    for symbol in symbols {
        board.wish(reader, &instrument(symbol), FeedMode::Ltp);
    }
    mailbox
}

fn taken(mailbox: &super::Mailbox) -> Option<(String, String)> {
    match mailbox.take()? {
        NextTick::Tick(tick) => Some((tick.instrument.symbol.to_string(), tick.ltp.to_string())),
        NextTick::TooSlow | NextTick::End => None,
    }
}

fn pair(symbol: &str, ltp: &str) -> (String, String) {
    (symbol.to_owned(), ltp.to_owned())
}

#[test]
fn a_new_reader_gets_the_last_price_at_once() {
    let mut board = Board::default();
    let _first = wish(&mut board, &["INFY"]);
    board.take(tick("INFY", "1500", 0), true);
    let second = wish(&mut board, &["INFY"]);
    assert_eq!(taken(&second), Some(pair("INFY", "1500.00")));
    assert_eq!(taken(&second), None);
}

#[test]
fn prices_that_cannot_be_reach_nobody_and_are_counted() {
    let mut board = Board::default();
    let reader = wish(&mut board, &["INFY"]);
    let mut good = tick("INFY", "1500", 10);
    good.quote = Some(quote_with_band("1350", "1650"));
    board.take(good, true);
    assert_eq!(taken(&reader), Some(pair("INFY", "1500.00")));
    let bad = [
        (tick("TCS", "3000", 11), Impossible::Foreign),
        (tick("INFY", "0", 11), Impossible::Mute),
        (tick("INFY", "1501", 9), Impossible::Older),
        (tick("INFY", "1650.05", 11), Impossible::OutOfBand),
        (tick("INFY", "1349.95", 11), Impossible::OutOfBand),
        (ahead(), Impossible::Ahead),
    ];
    for (tick, _) in &bad {
        board.take(tick.clone(), false);
    }
    assert_eq!(taken(&reader), None);
    for kind in Impossible::ALL {
        let of_kind = bad.iter().filter(|(_, why)| *why == kind).count();
        let counted = board.quarantined.of(kind);
        assert_eq!(usize::try_from(counted), Ok(of_kind), "{kind}");
    }
    assert_eq!(board.quarantined.total(), 6);
    let last = board.last(&instrument("INFY")).unwrap();
    assert_eq!(
        last.quote.ltp,
        price("1500"),
        "none of them became the last price"
    );
    // The band of a day says nothing about the next one.
    board.take(tick("INFY", "1700", 86_400), true);
    assert_eq!(taken(&reader), Some(pair("INFY", "1700.00")));
}

/// A time that is hours away, as of a clock in another time zone.
fn ahead() -> Tick {
    let mut tick = tick("INFY", "1502", 11);
    let later = noon().plus(chrono::Duration::minutes(330));
    tick.exchange_time = Some(later);
    tick
}

fn quote_with_band(low: &str, high: &str) -> openalgo_core::market::TickQuote {
    openalgo_core::market::TickQuote {
        open: price("1500"),
        high: price("1500"),
        low: price("1500"),
        prev_close: price("1500"),
        volume: 0,
        bid: None,
        ask: None,
        bid_quantity: openalgo_core::value::Quantity::ZERO,
        ask_quantity: openalgo_core::value::Quantity::ZERO,
        oi: None,
        band: Some(PriceBand {
            low: Some(price(low)),
            high: Some(price(high)),
        }),
    }
}

#[test]
fn what_was_not_taken_is_replaced_by_the_latest_and_others_wait_their_turn() {
    let mut board = Board::default();
    let reader = wish(&mut board, &["INFY", "TCS"]);
    for (symbol, ltp) in [("INFY", "1"), ("TCS", "2"), ("INFY", "3"), ("INFY", "4")] {
        board.take(tick(symbol, ltp, 0), true);
    }
    assert_eq!(taken(&reader), Some(pair("INFY", "4.00")));
    assert_eq!(taken(&reader), Some(pair("TCS", "2.00")));
    assert_eq!(taken(&reader), None);
    assert_eq!(reader.conflated(), 2);
}

#[test]
fn a_reader_that_takes_nothing_is_dropped_and_keeps_nobody_waiting() {
    let mut board = Board::default();
    let stuck = wish(&mut board, &["INFY", "TCS"]);
    let alive = wish(&mut board, &["INFY"]);
    for second in 0..=61 {
        board.take(tick("INFY", "1500", second), true);
        assert!(taken(&alive).is_some());
    }
    assert!(matches!(stuck.take(), Some(NextTick::TooSlow)));
    assert_eq!((board.dropped, board.reader_count()), (1, 1));
    assert_eq!(board.wanted().len(), 1, "TCS was wanted by nobody else");
    assert!(taken(&alive).is_none());
}

/// Whatever the readers do: of each instrument each sees some of its prices in their order, and
/// the last of them.
#[test]
fn each_reader_sees_a_part_of_the_prices_that_ends_with_the_last() {
    const SYMBOLS: [&str; 5] = ["A", "B", "C", "D", "E"];
    for seed in 0..50_u64 {
        let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut roll = |sides: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            dice % sides
        };
        let mut board = Board::default();
        let readers: Vec<_> = (0..4).map(|_| wish(&mut board, &SYMBOLS)).collect();
        let mut seen: Vec<BTreeMap<String, Vec<String>>> = vec![BTreeMap::new(); 4];
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for number in 1..400 {
            let symbol = SYMBOLS[usize::try_from(roll(5)).unwrap()];
            let ltp = format!("{number}.00");
            told.entry(symbol.to_owned()).or_default().push(ltp.clone());
            board.take(tick(symbol, &ltp, 0), true);
            let reader = usize::try_from(roll(4)).unwrap();
            for _ in 0..roll(4) {
                let Some((symbol, ltp)) = taken(&readers[reader]) else {
                    break;
                };
                seen[reader].entry(symbol).or_default().push(ltp);
            }
        }
        for (reader, seen) in readers.iter().zip(&mut seen) {
            while let Some((symbol, ltp)) = taken(reader) {
                seen.entry(symbol).or_default().push(ltp);
            }
            for (symbol, told) in &told {
                let mut rest = told.iter();
                assert!(
                    seen[symbol].iter().all(|ltp| rest.any(|it| it == ltp)),
                    "{seed}"
                );
                assert_eq!(seen[symbol].last(), told.last(), "{seed}");
            }
        }
    }
}

/// A feed that tells what the test says, and what it was asked for.
#[derive(Debug, Default)]
struct Scripted {
    sink: Mutex<Option<mpsc::Sender<Tick>>>,
    opened: AtomicUsize,
    wanted: Mutex<BTreeMap<InstrumentKey, FeedMode>>,
    calls: AtomicUsize,
    refuses: Mutex<bool>,
}

#[derive(Debug)]
struct Script(mpsc::Receiver<Tick>);

#[async_trait]
impl TickStream for Script {
    async fn next(&mut self) -> Option<Tick> {
        self.0.recv().await
    }
}

#[async_trait]
impl MarketFeed for Scripted {
    async fn open(&self) -> Result<Box<dyn TickStream>, BrokerReadError> {
        if *self.refuses.lock().unwrap() {
            return Err(BrokerReadError::SessionExpired);
        }
        self.opened.fetch_add(1, Ordering::SeqCst);
        self.wanted.lock().unwrap().clear();
        let (sink, script) = mpsc::channel(64);
        *self.sink.lock().unwrap() = Some(sink);
        Ok(Box::new(Script(script)))
    }

    async fn subscribe(&self, wanted: &[Subscription]) -> Result<(), BrokerReadError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut known = self.wanted.lock().unwrap();
        known.extend(wanted.iter().map(|it| (it.instrument.clone(), it.mode)));
        Ok(())
    }

    async fn unsubscribe(&self, instruments: &[InstrumentKey]) -> Result<(), BrokerReadError> {
        let mut known = self.wanted.lock().unwrap();
        known.retain(|key, _| !instruments.contains(key));
        Ok(())
    }
}

impl Scripted {
    async fn tell(&self, tick: Tick) {
        let sink = self.sink.lock().unwrap().clone();
        sink.unwrap().send(tick).await.unwrap();
        settle().await;
    }

    fn asked(&self) -> Vec<(String, FeedMode)> {
        let wanted = self.wanted.lock().unwrap();
        let wanted = wanted.iter();
        wanted
            .map(|(key, mode)| (key.symbol.to_string(), *mode))
            .collect()
    }
}

/// Lets the task do what it can.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

async fn hub() -> (Arc<Scripted>, MarketDataHub, super::HubTask) {
    let feed = Arc::new(Scripted::default());
    let told: Arc<dyn MarketFeed> = Arc::<Scripted>::clone(&feed);
    let mut instruments = MockInstrumentSource::new();
    instruments
        .expect_list()
        .returning(|_| Ok(InstrumentList::default()));
    let source = MarketSource {
        feed: Some(told),
        ..MarketSource::new(Arc::new(MockQuoteSource::new()), Arc::new(instruments))
    };
    let market = Market::open(source, Arc::new(FakeClock::at(NOON)))
        .await
        .unwrap();
    let (hub, task) = MarketDataHub::start(Arc::new(market));
    (feed, hub, task)
}

fn read(hub: &MarketDataHub, symbol: &str, mode: FeedMode) -> TickReader {
    let reader = hub.reader();
    reader.set(&BTreeMap::from([(instrument(symbol), mode)]));
    reader
}

#[tokio::test(start_paused = true)]
async fn the_feed_is_asked_once_for_the_most_that_anybody_wants() {
    let (feed, hub, task) = hub().await;
    settle().await;
    assert_eq!(
        feed.opened.load(Ordering::SeqCst),
        0,
        "nobody wants anything"
    );
    let first = read(&hub, "INFY", FeedMode::Ltp);
    settle().await;
    let second = read(&hub, "INFY", FeedMode::Depth);
    let third = read(&hub, "INFY", FeedMode::Quote);
    settle().await;
    assert_eq!(feed.asked(), [("INFY".to_owned(), FeedMode::Depth)]);
    drop((first, second));
    settle().await;
    assert_eq!(feed.asked(), [("INFY".to_owned(), FeedMode::Quote)]);
    assert_eq!(feed.calls.load(Ordering::SeqCst), 3);
    drop(third);
    settle().await;
    assert_eq!(feed.asked(), []);
    assert_eq!(hub.health().state, FeedState::Idle);
    task.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_is_lost_or_mute_is_opened_again_with_all_that_is_wanted() {
    let (feed, hub, task) = hub().await;
    let mut reader = read(&hub, "INFY", FeedMode::Ltp);
    settle().await;
    feed.tell(tick("INFY", "1500", 1)).await;
    assert_eq!(hub.health().state, FeedState::Live);
    assert!(matches!(reader.next().await, NextTick::Tick(_)));
    // The connection breaks, and the broker refuses for a while.
    *feed.refuses.lock().unwrap() = true;
    *feed.sink.lock().unwrap() = None;
    settle().await;
    assert_eq!(hub.health().state, FeedState::Lost);
    tokio::time::sleep(Duration::from_secs(20)).await;
    *feed.refuses.lock().unwrap() = false;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(feed.asked(), [("INFY".to_owned(), FeedMode::Ltp)]);
    let opened = feed.opened.load(Ordering::SeqCst);
    feed.tell(tick("INFY", "1501", 2)).await;
    assert_eq!(hub.health().state, FeedState::Live);
    // It stays open and says nothing.
    tokio::time::sleep(Duration::from_secs(90)).await;
    assert!(feed.opened.load(Ordering::SeqCst) > opened);
    assert_eq!(feed.asked(), [("INFY".to_owned(), FeedMode::Ltp)]);
    task.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_mute_foreign_old_or_impossible_price_is_never_the_price_of_anything() {
    let (feed, hub, task) = hub().await;
    let mut reader = read(&hub, "INFY", FeedMode::Ltp);
    settle().await;
    feed.tell(tick("INFY", "1500", 1)).await;
    let bad = [
        tick("TCS", "3000", 2),
        tick("INFY", "0", 2),
        tick("INFY", "1400", 0),
        ahead(),
    ];
    for bad in bad {
        feed.tell(bad).await;
    }
    assert!(matches!(reader.try_next(), Some(NextTick::Tick(_))));
    assert!(reader.try_next().is_none());
    let quote = hub.quote(&instrument("INFY")).await.unwrap();
    assert_eq!(quote.ltp, price("1500"));
    let health = hub.health();
    assert_eq!((health.ticks, health.quarantined.total()), (1, 4));
    assert_eq!(hub.ages().len(), 1);
    task.end().await;
    assert!(matches!(reader.next().await, NextTick::End));
    assert_eq!(hub.health().state, FeedState::Off);
}
