//! The prices, when they come, and how long they took.

use openalgo::core::market::{Exchange, InstrumentKey, Tick, TickQuote, TickSource, Timestamp};
use openalgo::core::port::Clock;
use openalgo::core::value::{Price, Quantity};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

/// Instruments.
pub(crate) const SYMBOLS: usize = 3_000;
/// Prices of each in a second.
pub(crate) const PER_SECOND: usize = 5;
/// How long prices come.
pub(crate) const SECONDS: usize = 5;
/// Who reads all of them.
pub(crate) const READERS: usize = 10;

/// How often the feed tells what has come since.
const EVERY: Duration = Duration::from_millis(1);

/// Microseconds since a beginning, as the times of prices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clockwork(Instant);

impl Clockwork {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Clockwork {
    fn now(&self) -> Timestamp {
        // A morning on which the market is open.
        let begun = 1_795_581_000_000_000;
        let gone = i64::try_from(self.0.elapsed().as_micros()).unwrap();
        Timestamp::from_micros(begun + gone).unwrap()
    }
}

pub(crate) fn keys() -> impl Iterator<Item = InstrumentKey> {
    (0..SYMBOLS).map(|number| {
        let symbol = format!("SYM{number}").parse().unwrap();
        InstrumentKey::new(Exchange::Nse, symbol)
    })
}

fn tick(key: &InstrumentKey, (number, at): (usize, Timestamp)) -> Tick {
    let price = |paise: usize| -> Price {
        let text = format!("{}.{:02}", paise / 100, paise % 100);
        text.parse().unwrap()
    };
    let ltp = price(150_000 + 5 * (number % 100));
    Tick {
        quote: Some(TickQuote {
            open: ltp,
            high: price(160_000),
            low: price(140_000),
            prev_close: ltp,
            volume: i64::try_from(number).unwrap(),
            bid: Some(ltp),
            ask: Some(ltp),
            bid_quantity: Quantity::ONE,
            ask_quantity: Quantity::ONE,
            oi: None,
            band: None,
        }),
        ..Tick::ltp(key.clone(), ltp, at, TickSource::Recorded)
    }
}

/// Tells all prices in their time. Each is dated when it is handed to the feed.
pub(crate) async fn play(clockwork: Clockwork, tell: &mpsc::Sender<Tick>) {
    let keys: Vec<_> = keys().collect();
    let at_once = SYMBOLS * PER_SECOND / 1_000;
    let mut turns = tokio::time::interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut all = keys
        .iter()
        .cycle()
        .take(SYMBOLS * PER_SECOND * SECONDS)
        .enumerate();
    loop {
        turns.tick().await;
        for _ in 0..at_once {
            let Some((number, key)) = all.next() else {
                return;
            };
            let tick = tick(key, (number, clockwork.now()));
            tell.send(tick).await.unwrap();
        }
    }
}

/// How long prices took.
#[derive(Debug, Default)]
pub(crate) struct Delays(Vec<Duration>);

impl Delays {
    pub(crate) fn note(&mut self, clockwork: Clockwork, tick: &Tick) {
        let took = clockwork.now().since(tick.received_at);
        self.0.push(took.to_std().unwrap_or_default());
    }

    /// Those of all readers, the shortest first.
    pub(crate) async fn together(readers: Vec<JoinHandle<Self>>) -> Self {
        let mut all = Vec::new();
        for reader in readers {
            all.extend(reader.await.unwrap().0);
        }
        all.sort_unstable();
        Self(all)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a part of a length is a place in it"
    )]
    pub(crate) fn at(&self, part: f64) -> Duration {
        let place = (self.0.len().saturating_sub(1) as f64 * part) as usize;
        self.0.get(place).copied().unwrap_or_default()
    }

    pub(crate) fn print(&self, name: &str, conflated: u64) {
        let [p50, p99, longest] = [0.5, 0.99, 1.0].map(|part| format!("{:?}", self.at(part)));
        let count = self.0.len();
        println!("{name:<22} {p50:>10} {p99:>10} {longest:>10} {count:>12} {conflated:>10}");
    }
}
