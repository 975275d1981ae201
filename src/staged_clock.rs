//! A clock for rehearsals: it starts at an instant of one's choice and runs on.

use openalgo_core::market::Timestamp;
use openalgo_core::port::Clock;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use thiserror::Error;

/// How many times as fast as the true time a clock goes; it may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockSpeed(u32);

impl ClockSpeed {
    /// It stands: time is what the next one says who opens the data folder.
    pub const STANDING: Self = Self(0);
    /// As fast as the true time.
    pub const REAL: Self = Self(1);
    /// The highest: a day in less than a second.
    pub const FASTEST: u32 = 100_000;
}

/// A number that is no speed of a clock.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "it must be a whole number from 0 to {}: 10 is ten times as fast, and 0 lets the clock stand",
    ClockSpeed::FASTEST
)]
pub struct ClockSpeedError;

impl FromStr for ClockSpeed {
    type Err = ClockSpeedError;

    fn from_str(text: &str) -> Result<Self, ClockSpeedError> {
        let times = text.parse().map_err(|_no_number| ClockSpeedError)?;
        if times > Self::FASTEST {
            return Err(ClockSpeedError);
        }
        Ok(Self(times))
    }
}

impl fmt::Display for ClockSpeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A clock that showed a chosen instant when it was made, and goes on since, at a speed of its own.
#[derive(Debug)]
pub struct StagedClock {
    real: Arc<dyn Clock>,
    /// When it was made, by the real one.
    since: Timestamp,
    speed: ClockSpeed,
    /// What it would have shown then, in microseconds, had it not been put forward since.
    begun: AtomicI64,
}

impl StagedClock {
    /// A clock that shows `start` now, and goes so many times as fast as `real`.
    pub fn new(start: Timestamp, speed: ClockSpeed, real: Arc<dyn Clock>) -> Self {
        Self {
            since: real.now(),
            real,
            speed,
            begun: AtomicI64::new(start.to_micros()),
        }
    }

    /// Puts the clock forward to an instant; one that is over changes nothing.
    pub(crate) fn put_forward(&self, to: Timestamp) {
        let begun = to.to_micros().saturating_sub(self.gone());
        self.begun.fetch_max(begun, Ordering::SeqCst);
    }

    /// How many microseconds have gone by here.
    fn gone(&self) -> i64 {
        let real = self.real.now().to_micros();
        let gone = real.saturating_sub(self.since.to_micros());
        gone.saturating_mul(self.speed.0.into())
    }
}

impl Clock for StagedClock {
    fn now(&self) -> Timestamp {
        let now = self
            .begun
            .load(Ordering::SeqCst)
            .saturating_add(self.gone());
        Timestamp::from_micros(now).unwrap_or(self.since)
    }

    fn is_staged(&self) -> bool {
        true
    }

    fn time_until(&self, at: Timestamp) -> Option<Duration> {
        let left = at.since(self.now()).to_std().unwrap_or_default();
        left.checked_div(self.speed.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;
    use openalgo_core::testing::FakeClock;
    use std::time::Duration as Span;

    fn shown(clock: &StagedClock) -> String {
        clock.now().to_ist().format("%F %T").to_string()
    }

    #[test]
    fn it_starts_where_it_is_told_and_goes_as_fast_as_the_real_one() {
        let real = Arc::new(FakeClock::at("2027-03-01T12:00:00+05:30"));
        let start = FakeClock::at("2026-11-25T10:30:00+05:30").now();
        let clock = StagedClock::new(start, ClockSpeed::REAL, Arc::clone(&real) as _);
        assert_eq!(shown(&clock), "2026-11-25 10:30:00");
        real.advance(Duration::seconds(90));
        assert_eq!(shown(&clock), "2026-11-25 10:31:30");
        clock.put_forward(start);
        assert_eq!(shown(&clock), "2026-11-25 10:31:30", "it never goes back");
        clock.put_forward(start.plus(Duration::minutes(5)));
        assert_eq!(shown(&clock), "2026-11-25 10:35:00");
        assert!(clock.is_staged());
        let soon = clock.now().plus(Duration::seconds(30));
        assert_eq!(clock.time_until(soon), Some(Span::from_secs(30)));
        let fast = |speed| StagedClock::new(start, ClockSpeed(speed), Arc::clone(&real) as _);
        let soon = start.plus(Duration::seconds(30));
        assert_eq!(fast(60).time_until(soon), Some(Span::from_millis(500)));
        assert_eq!(fast(0).time_until(soon), None, "it stands");
    }

    #[test]
    fn it_goes_as_fast_as_it_is_told_or_stands() {
        let start = FakeClock::at("2026-11-25T10:30:00+05:30").now();
        for (speed, after_a_minute, later) in [
            ("10", "10:40:00", "11:05:00"),
            ("0", "10:30:00", "10:55:00"),
        ] {
            let real = Arc::new(FakeClock::at("2027-03-01T12:00:00+05:30"));
            let clock = StagedClock::new(start, speed.parse().unwrap(), Arc::clone(&real) as _);
            real.advance(Duration::minutes(1));
            assert_eq!(shown(&clock), format!("2026-11-25 {after_a_minute}"));
            clock.put_forward(clock.now().plus(Duration::minutes(15)));
            real.advance(Duration::minutes(1));
            clock.put_forward(start.plus(Duration::minutes(25)));
            assert_eq!(shown(&clock), format!("2026-11-25 {later}"));
        }
        for none in ["-1", "100001", "1.5", "fast"] {
            assert_eq!(none.parse::<ClockSpeed>(), Err(ClockSpeedError));
        }
    }
}
