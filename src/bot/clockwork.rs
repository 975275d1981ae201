//! Candles and timers out of prices and time. It has no clock of its own: the same prices and times
//! give the same news in the same order, whoever tells them.

use super::{BotSetup, Timer};
use openalgo_core::market::{
    Candle, CandleBuilder, CandleGrid, CandleSeries, InstrumentKey, MarketHours, Slot, Tick,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long after the end of a candle its last price may still arrive. A later price of the
/// instrument ends the candle at once.
const LATE: chrono::Duration = chrono::Duration::milliseconds(1_500);

/// How long a timer waits for a price that came at its time, so that both come in this order:
/// timer, price.
const TOGETHER: chrono::Duration = chrono::Duration::milliseconds(250);

/// Something that a bot is told.
#[derive(Debug, Clone)]
pub(super) enum News {
    Timer(Arc<str>),
    Candle(Arc<CandleSeries>, Candle),
    Tick(Arc<Tick>),
}

/// Makes the candles of one series.
#[derive(Debug)]
struct Maker {
    series: Arc<CandleSeries>,
    grid: CandleGrid,
    builder: CandleBuilder,
    /// The candle that is not over yet, and when it will be.
    forming: Option<(Timestamp, Timestamp)>,
    /// The end of the last one that is; what comes of the time before is too late.
    ended: Option<Timestamp>,
}

impl Maker {
    fn new(series: CandleSeries, hours: &MarketHours, since: Timestamp) -> Self {
        let key = series.instrument.clone();
        let grid = CandleGrid::new(hours.clone(), key.exchange, series.interval);
        Self {
            builder: CandleBuilder::new(key, grid.clone(), since),
            series: Arc::new(series),
            grid,
            forming: None,
            ended: None,
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.forming.map(|(_, ends)| ends.plus(LATE))
    }

    fn over(&mut self, candle: Candle, news: &mut Vec<News>) {
        self.ended = self.forming.take().map(|(_, ends)| ends);
        news.push(News::Candle(Arc::clone(&self.series), candle));
    }

    fn advance(&mut self, now: Timestamp, news: &mut Vec<News>) {
        if self.due().is_some_and(|due| due <= now)
            && let Some(made) = self.builder.finish()
        {
            self.over(made.candle, news);
        }
    }

    fn take(&mut self, tick: &Tick, news: &mut Vec<News>) {
        if self.ended.is_some_and(|ended| tick.at() < ended) {
            return;
        }
        // What is refused is of no candle: it came at a time without trading.
        if let Ok(Some(made)) = self.builder.take(tick) {
            self.over(made.candle, news);
        }
        let starts = self.builder.forming().map(|candle| candle.timestamp);
        if starts != self.forming.map(|(starts, _)| starts) {
            let slot = self.builder.forming();
            let slot: Option<Slot> = slot.and_then(|candle| self.grid.slot_of(candle));
            self.forming = slot.map(|slot| (slot.starts, self.grid.closing(slot)));
        }
    }
}

#[derive(Debug)]
struct Due {
    name: Arc<str>,
    timer: Timer,
    at: Timestamp,
}

/// Candles and timers of a bot.
#[derive(Debug)]
pub(super) struct Clockwork {
    /// Of which instruments it is told each price.
    prices: BTreeSet<InstrumentKey>,
    makers: BTreeMap<InstrumentKey, Vec<Maker>>,
    timers: Vec<Due>,
}

impl Clockwork {
    /// Begins at an instant.
    pub(super) fn new(setup: &BotSetup, hours: &MarketHours, since: Timestamp) -> Self {
        let mut makers: BTreeMap<_, Vec<Maker>> = BTreeMap::new();
        for series in &setup.candles {
            let of_instrument = makers.entry(series.instrument.clone()).or_default();
            of_instrument.push(Maker::new(series.clone(), hours, since));
        }
        let due = |(name, timer): &(Arc<str>, Timer)| Due {
            name: Arc::clone(name),
            timer: *timer,
            at: timer.after(since),
        };
        Self {
            prices: setup.prices.keys().cloned().collect(),
            makers,
            timers: setup.timers.iter().map(due).collect(),
        }
    }

    /// When there will be news without a price, if none comes before.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let candles = self.makers.values().flatten().filter_map(Maker::due);
        let timers = self.timers.iter().map(|due| due.at.plus(TOGETHER));
        candles.chain(timers).min()
    }

    /// When the last of the candles that have begun will be over.
    pub(super) fn last_candle_due(&self) -> Option<Timestamp> {
        let candles = self.makers.values().flatten();
        candles.filter_map(Maker::due).max()
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, now: Timestamp) -> Vec<News> {
        let mut news = Vec::new();
        self.pass(now, now.plus(-TOGETHER), &mut news);
        news
    }

    /// Takes a price, at the time at which it arrived.
    pub(super) fn take(&mut self, tick: &Arc<Tick>) -> Vec<News> {
        let mut news = Vec::new();
        self.pass(tick.received_at, tick.received_at, &mut news);
        for maker in self.makers.get_mut(&tick.instrument).into_iter().flatten() {
            maker.take(tick, &mut news);
        }
        if self.prices.contains(&tick.instrument) {
            news.push(News::Tick(Arc::clone(tick)));
        }
        news
    }

    /// Ends candles that are over by `now`, and calls timers that are due by `timers`. One that was
    /// missed several times is called once.
    fn pass(&mut self, now: Timestamp, timers: Timestamp, news: &mut Vec<News>) {
        for maker in self.makers.values_mut().flatten() {
            maker.advance(now, news);
        }
        let mut due: Vec<_> = self
            .timers
            .iter_mut()
            .filter(|due| due.at <= timers)
            .collect();
        due.sort_by_key(|due| due.at);
        for due in due {
            news.push(News::Timer(Arc::clone(&due.name)));
            due.at = due.timer.after(timers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::market::{Interval, TickSource};
    use openalgo_core::testing::sample::{instrument, price};

    fn at(time: &str) -> Timestamp {
        Timestamp::of_ist(format!("2026-11-25T{time}").parse().unwrap())
    }

    fn clockwork() -> Clockwork {
        let setup = BotSetup::new("first".parse().unwrap())
            .prices(instrument("INFY"))
            .candles(instrument("INFY"), Interval::Minute1)
            .candles(instrument("TCS"), Interval::Minute1)
            .timer("minute", Timer::Every(std::time::Duration::from_mins(1)));
        Clockwork::new(&setup, &MarketHours::Always, at("09:15:00"))
    }

    fn shown(news: &[News]) -> Vec<String> {
        let shown = news.iter().map(|news| match news {
            News::Timer(name) => name.to_string(),
            News::Tick(tick) => tick.ltp.to_string(),
            News::Candle(series, candle) => {
                format!(
                    "{} {}-{}",
                    series.instrument.symbol, candle.low, candle.high
                )
            }
        });
        shown.collect()
    }

    fn told(clockwork: &mut Clockwork, symbol: &str, ltp: &str, time: [&str; 2]) -> Vec<String> {
        let [of, received] = time.map(at);
        let (key, source) = (instrument(symbol), TickSource::Simulated);
        let tick = Tick::ltp(key, price(ltp), of, source);
        let tick = Tick {
            received_at: received,
            ..tick
        };
        shown(&clockwork.take(&Arc::new(tick)))
    }

    #[test]
    fn what_is_due_comes_before_the_price_of_its_time() {
        let mut clockwork = clockwork();
        assert_eq!(
            told(&mut clockwork, "INFY", "10", ["09:15:00"; 2]),
            ["10.00"]
        );
        assert_eq!(
            told(&mut clockwork, "INFY", "12", ["09:15:59"; 2]),
            ["12.00"]
        );
        let news = told(&mut clockwork, "INFY", "11", ["09:16:00"; 2]);
        assert_eq!(news, ["minute", "INFY 10.00-12.00", "11.00"]);
    }

    #[test]
    fn without_a_price_it_comes_a_little_late() {
        let mut clockwork = clockwork();
        told(&mut clockwork, "TCS", "10", ["09:15:30"; 2]);
        assert_eq!(clockwork.due(), Some(at("09:16:00.25")));
        assert!(clockwork.advance(at("09:16:00.2")).is_empty());
        assert_eq!(shown(&clockwork.advance(at("09:16:00.25"))), ["minute"]);
        assert_eq!(clockwork.due(), Some(at("09:16:01.5")));
        // A price of the candle that arrived late, and then one that is too late.
        told(&mut clockwork, "TCS", "13", ["09:15:59", "09:16:01"]);
        assert_eq!(
            shown(&clockwork.advance(at("09:16:01.5"))),
            ["TCS 10.00-13.00"]
        );
        assert!(told(&mut clockwork, "TCS", "99", ["09:15:59", "09:16:02"]).is_empty());
        assert_eq!(clockwork.last_candle_due(), None);
    }

    #[test]
    fn a_timer_that_was_missed_often_is_called_once() {
        let mut clockwork = clockwork();
        assert_eq!(shown(&clockwork.advance(at("11:00:30"))), ["minute"]);
        assert_eq!(clockwork.due(), Some(at("11:01:00.25")));
    }
}
