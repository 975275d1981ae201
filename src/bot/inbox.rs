//! What waits for a bot: of each instrument the latest price, and all candles and timers.

use super::clockwork::News;
use super::task::Closed;
use openalgo_core::market::{InstrumentKey, Tick};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// So many candles may wait for a bot. One that is further behind is ended: what it would do is
/// about prices of long ago.
pub(super) const MOST: usize = 4_096;

/// A candle was lost, since too much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

#[derive(Debug, Clone)]
enum Waiting {
    Kept(News),
    Tick(InstrumentKey),
}

#[derive(Debug, Default)]
struct Inside {
    queue: VecDeque<Waiting>,
    ticks: BTreeMap<InstrumentKey, Arc<Tick>>,
    /// How many candles and timers there are in the queue.
    kept: usize,
    /// Prices that were replaced before they were taken.
    missed: u64,
    closed: Option<Closed>,
}

impl Inside {
    /// A price replaces the one of its instrument, and comes after what came before it.
    fn put_tick(&mut self, tick: Arc<Tick>) {
        let key = tick.instrument.clone();
        let is_it = |it: &Waiting| matches!(it, Waiting::Tick(other) if *other == key);
        if self.ticks.insert(key.clone(), tick).is_some() {
            self.missed = self.missed.saturating_add(1);
            if let Some(place) = self.queue.iter().position(is_it) {
                self.queue.remove(place);
            }
        }
        self.queue.push_back(Waiting::Tick(key));
    }

    fn has_timer(&self, name: &str) -> bool {
        let is_it =
            |it: &Waiting| matches!(it, Waiting::Kept(News::Timer(other)) if **other == *name);
        self.queue.iter().any(is_it)
    }

    fn put(&mut self, news: News) -> Result<(), Full> {
        match news {
            News::Tick(tick) => self.put_tick(tick),
            // A timer that was not answered yet is not called twice.
            News::Timer(name) if self.has_timer(&name) => {}
            News::Timer(_) | News::Candle(..) if self.kept >= MOST => return Err(Full),
            News::Timer(_) | News::Candle(..) => {
                self.kept = self.kept.saturating_add(1);
                self.queue.push_back(Waiting::Kept(news));
            }
        }
        Ok(())
    }

    fn take(&mut self) -> Option<News> {
        loop {
            match self.queue.pop_front()? {
                Waiting::Kept(news) => {
                    self.kept = self.kept.saturating_sub(1);
                    return Some(news);
                }
                Waiting::Tick(key) => {
                    if let Some(tick) = self.ticks.remove(&key) {
                        return Some(News::Tick(tick));
                    }
                }
            }
        }
    }
}

/// What waits for a bot.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    inside: Mutex<Inside>,
    bell: Notify,
}

impl Inbox {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts news there.
    pub(super) fn put(&self, news: Vec<News>) -> Result<(), Full> {
        let put = {
            let mut inside = self.inside();
            news.into_iter().try_for_each(|news| inside.put(news))
        };
        self.bell.notify_one();
        put
    }

    /// Waits for the next news; once it is closed and empty, why. A call that is abandoned loses
    /// nothing.
    pub(super) async fn next(&self) -> Result<News, Closed> {
        loop {
            let rung = self.bell.notified();
            {
                let mut inside = self.inside();
                if let Some(news) = inside.take() {
                    return Ok(news);
                }
                if let Some(closed) = inside.closed {
                    return Err(closed);
                }
            }
            rung.await;
        }
    }

    /// There will be no more.
    pub(super) fn close(&self, closed: Closed) {
        self.inside().closed = Some(closed);
        self.bell.notify_one();
    }

    /// Prices that were replaced by later ones before they were taken.
    pub(super) fn missed(&self) -> u64 {
        self.inside().missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::market::TickSource;
    use openalgo_core::testing::sample::{at, instrument, price};

    fn tick(symbol: &str, ltp: &str) -> News {
        let (key, source) = (instrument(symbol), TickSource::Simulated);
        News::Tick(Arc::new(Tick::ltp(key, price(ltp), at(0), source)))
    }

    fn timer(name: &str) -> News {
        News::Timer(name.into())
    }

    fn all(inbox: &Inbox) -> Vec<String> {
        let mut inside = inbox.inside();
        let news = std::iter::from_fn(|| inside.take());
        let shown = news.map(|news| match news {
            News::Tick(tick) => format!("{} {}", tick.instrument.symbol, tick.ltp),
            News::Timer(name) => name.to_string(),
            News::Candle(series, _) => series.to_string(),
        });
        shown.collect()
    }

    #[test]
    fn of_prices_the_latest_waits_behind_what_came_before_it() {
        let inbox = Inbox::default();
        let news = [
            tick("INFY", "1"),
            tick("TCS", "2"),
            timer("a"),
            tick("INFY", "3"),
        ];
        inbox.put(news.to_vec()).unwrap();
        assert_eq!(inbox.missed(), 1);
        assert_eq!(all(&inbox), ["TCS 2.00", "a", "INFY 3.00"]);
        inbox.put(vec![tick("INFY", "4")]).unwrap();
        assert_eq!((all(&inbox), inbox.missed()), (vec!["INFY 4.00".into()], 1));
    }

    #[test]
    fn a_timer_waits_once_and_too_much_is_said() {
        let inbox = Inbox::default();
        inbox.put(vec![timer("a"), timer("b"), timer("a")]).unwrap();
        assert_eq!(all(&inbox), ["a", "b"]);
        for number in 0..MOST {
            inbox.put(vec![timer(&number.to_string())]).unwrap();
        }
        assert_eq!(inbox.put(vec![timer("one more")]), Err(Full));
        inbox.put(vec![tick("INFY", "1")]).unwrap();
        assert_eq!(all(&inbox).len(), MOST + 1);
        inbox.put(vec![timer("one more")]).unwrap();
    }
}
