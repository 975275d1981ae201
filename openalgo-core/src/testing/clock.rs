//! A clock that stands still until it is moved.

use crate::market::Timestamp;
use crate::port::Clock;
use chrono::{DateTime, Duration};
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that a test sets.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// A clock that shows `at`, an instant in RFC 3339 such as `2026-11-25T10:30:00+05:30`.
    ///
    /// # Panics
    /// When the text is no such instant.
    #[expect(clippy::expect_used, reason = "a test's own constant")]
    pub fn at(at: &str) -> Self {
        let at = DateTime::parse_from_rfc3339(at).expect("an RFC 3339 instant");
        Self(AtomicI64::new(at.timestamp_micros()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(
            span.num_microseconds().unwrap_or_default(),
            Ordering::SeqCst,
        );
    }
}

impl Clock for FakeClock {
    #[expect(clippy::expect_used, reason = "a test's own constant")]
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).expect("an instant in range")
    }

    fn time_until(&self, _at: Timestamp) -> Option<std::time::Duration> {
        None
    }
}
