//! What a bot is called, and what it wants to be told.

use super::SetupError;
use chrono::{Days, NaiveTime};
use openalgo_core::id::BotName;
use openalgo_core::market::{CandleSeries, FeedMode, InstrumentKey, Interval, Timestamp};
use openalgo_core::port::Subscription;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// When a bot wants to be called without anything having happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// Again and again, counted from midnight in India: every five minutes is at 09:15, 09:20 and
    /// so on. From a second to a day.
    Every(Duration),
    /// Every day at this time in India.
    Daily(NaiveTime),
}

impl Timer {
    fn check(self, name: &str) -> Result<(), SetupError> {
        let whole = Duration::from_secs(1)..=Duration::from_hours(24);
        match self {
            Self::Every(span) if !whole.contains(&span) => Err(SetupError::Span {
                timer: name.to_owned(),
                span,
            }),
            Self::Every(_) | Self::Daily(_) => Ok(()),
        }
    }

    /// When it is due first after an instant.
    pub(super) fn after(self, at: Timestamp) -> Timestamp {
        let local = at.to_ist().naive_local();
        let midnight = local.date().and_time(NaiveTime::MIN);
        let tomorrow = midnight.checked_add_days(Days::new(1)).unwrap_or(midnight);
        let next = match self {
            Self::Daily(time) => {
                let today = local.date().and_time(time);
                let next = today.checked_add_days(Days::new(1)).unwrap_or(today);
                if today > local { today } else { next }
            }
            Self::Every(span) => {
                let span = chrono::Duration::from_std(span).unwrap_or(chrono::Duration::MAX);
                let span = span.num_microseconds().unwrap_or(i64::MAX);
                let gone = (local - midnight).num_microseconds().unwrap_or_default();
                let turns = gone.checked_div(span).unwrap_or_default().saturating_add(1);
                let next = chrono::Duration::microseconds(turns.saturating_mul(span));
                midnight
                    .checked_add_signed(next)
                    .map_or(tomorrow, |next| next.min(tomorrow))
            }
        };
        Timestamp::of_ist(next)
    }
}

/// What a bot is called, and what it wants to be told.
#[derive(Debug, Clone)]
pub struct BotSetup {
    pub(super) name: BotName,
    /// Those of which it wants each price, and how much of it.
    pub(super) prices: BTreeMap<InstrumentKey, FeedMode>,
    pub(super) candles: Vec<CandleSeries>,
    pub(super) timers: Vec<(Arc<str>, Timer)>,
}

impl BotSetup {
    /// A bot of this name, which knows its orders and what it keeps by it. It is told nothing yet
    /// but what becomes of its orders.
    pub fn new(name: BotName) -> Self {
        Self {
            name,
            prices: BTreeMap::new(),
            candles: Vec::new(),
            timers: Vec::new(),
        }
    }

    /// It is told each price of an instrument, with the day's figures and the best bid and offer
    /// where the source has them.
    #[must_use]
    pub fn prices(self, instrument: InstrumentKey) -> Self {
        self.prices_with(instrument, FeedMode::Quote)
    }

    /// It is told each price of an instrument, and as much of it as the mode says.
    #[must_use]
    pub fn prices_with(mut self, instrument: InstrumentKey, mode: FeedMode) -> Self {
        self.prices.insert(instrument, mode);
        self
    }

    /// It is told each candle of an instrument when it is over.
    #[must_use]
    pub fn candles(mut self, instrument: InstrumentKey, interval: Interval) -> Self {
        let series = CandleSeries {
            instrument,
            interval,
        };
        if !self.candles.contains(&series) {
            self.candles.push(series);
        }
        self
    }

    /// It is called at times.
    #[must_use]
    pub fn timer(mut self, name: &str, timer: Timer) -> Self {
        self.timers.push((name.into(), timer));
        self
    }

    /// What it is called.
    pub fn name(&self) -> &BotName {
        &self.name
    }

    pub(super) fn check(&self) -> Result<(), SetupError> {
        for (place, (name, timer)) in self.timers.iter().enumerate() {
            timer.check(name)?;
            let mut earlier = self.timers.iter().take(place);
            if earlier.any(|(other, _)| other == name) {
                return Err(SetupError::TimerTwice(name.to_string()));
            }
        }
        Ok(())
    }

    /// The prices that are needed for all of it: candles need the day's volume.
    pub(super) fn subscriptions(&self) -> Vec<Subscription> {
        let mut modes = self.prices.clone();
        for series in &self.candles {
            let mode = modes
                .entry(series.instrument.clone())
                .or_insert(FeedMode::Quote);
            *mode = (*mode).max(FeedMode::Quote);
        }
        let subscription = |(instrument, mode)| Subscription { instrument, mode };
        modes.into_iter().map(subscription).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::of_ist(text.parse().unwrap())
    }

    #[test]
    fn timers_are_due_at_whole_steps_of_the_day() {
        let every = |secs| Timer::Every(Duration::from_secs(secs));
        let daily = |time: &str| Timer::Daily(time.parse().unwrap());
        let cases = [
            (every(300), "2026-11-25T09:17:30", "2026-11-25T09:20:00"),
            (every(300), "2026-11-25T09:20:00", "2026-11-25T09:25:00"),
            (every(1), "2026-11-25T09:20:00.5", "2026-11-25T09:20:01"),
            // Seven hours do not divide a day: each begins anew.
            (every(25_200), "2026-11-25T21:30:00", "2026-11-26T00:00:00"),
            (every(86_400), "2026-11-25T00:00:00", "2026-11-26T00:00:00"),
            (
                daily("15:10:00"),
                "2026-11-25T15:09:59",
                "2026-11-25T15:10:00",
            ),
            (
                daily("15:10:00"),
                "2026-11-25T15:10:00",
                "2026-11-26T15:10:00",
            ),
        ];
        for (timer, now, due) in cases {
            assert_eq!(timer.after(at(now)), at(due), "{timer:?} {now}");
        }
    }

    #[test]
    fn a_timer_that_makes_no_sense_is_refused_by_its_name() {
        let setup = BotSetup::new("first".parse().unwrap());
        let never = setup.clone().timer("look", Timer::Every(Duration::ZERO));
        let refused = never.check().unwrap_err().to_string();
        assert!(refused.contains("'look'"), "{refused}");
        let noon = Timer::Daily(NaiveTime::from_hms_opt(12, 0, 0).unwrap());
        let twice = setup.timer("noon", noon).timer("noon", noon);
        assert!(matches!(twice.check(), Err(SetupError::TimerTwice(name)) if name == "noon"));
    }
}
