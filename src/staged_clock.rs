//! A clock for rehearsals: it starts at an instant of one's choice and runs on.

use chrono::Duration;
use openalgo_core::market::Timestamp;
use openalgo_core::port::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that showed a chosen instant when it was made, and goes as fast as another one since.
#[derive(Debug)]
pub struct StagedClock {
    real: Arc<dyn Clock>,
    /// How many microseconds it is ahead of the real one.
    ahead: AtomicI64,
}

impl StagedClock {
    /// A clock that shows `start` now, and goes as fast as `real`.
    pub fn new(start: Timestamp, real: Arc<dyn Clock>) -> Self {
        let ahead = start.to_micros().saturating_sub(real.now().to_micros());
        Self {
            real,
            ahead: AtomicI64::new(ahead),
        }
    }

    /// Puts the clock forward to an instant; one that is over changes nothing.
    pub(crate) fn put_forward(&self, to: Timestamp) {
        let ahead = to.to_micros().saturating_sub(self.real.now().to_micros());
        self.ahead.fetch_max(ahead, Ordering::SeqCst);
    }
}

impl Clock for StagedClock {
    fn now(&self) -> Timestamp {
        let ahead = Duration::microseconds(self.ahead.load(Ordering::SeqCst));
        self.real.now().plus(ahead)
    }

    fn is_staged(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openalgo_core::testing::FakeClock;

    fn shown(clock: &StagedClock) -> String {
        clock.now().to_ist().format("%F %T").to_string()
    }

    #[test]
    fn it_starts_where_it_is_told_and_goes_as_fast_as_the_real_one() {
        let real = Arc::new(FakeClock::at("2027-03-01T12:00:00+05:30"));
        let start = FakeClock::at("2026-11-25T10:30:00+05:30").now();
        let clock = StagedClock::new(start, Arc::clone(&real) as _);
        assert_eq!(shown(&clock), "2026-11-25 10:30:00");
        real.advance(Duration::seconds(90));
        assert_eq!(shown(&clock), "2026-11-25 10:31:30");
        clock.put_forward(start);
        assert_eq!(shown(&clock), "2026-11-25 10:31:30", "it never goes back");
        clock.put_forward(start.plus(Duration::minutes(5)));
        assert_eq!(shown(&clock), "2026-11-25 10:35:00");
        assert!(clock.is_staged());
    }
}
