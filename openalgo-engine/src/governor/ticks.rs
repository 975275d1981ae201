//! The time that the governor goes by.
//!
//! A second here is a second that has really passed, or that a test has let pass: not one by the
//! wall clock, which somebody may set.

use openalgo_core::market::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// Time since the engine was started, as instants that a window understands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticks(Instant);

impl Ticks {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// Now, in whole microseconds that are over.
    pub(super) fn now(self) -> Timestamp {
        after(self.0.elapsed())
    }

    /// Now, in whole microseconds, the one that has begun among them: nothing that happens now
    /// happened later.
    pub(super) fn no_later(self) -> Timestamp {
        let elapsed = self.0.elapsed();
        after(elapsed.saturating_add(Duration::from_nanos(999)))
    }

    /// When the runtime's clock shows an instant of these.
    pub(super) fn instant(self, at: Timestamp) -> Instant {
        let since = at.since(beginning()).to_std().unwrap_or_default();
        self.0.checked_add(since).unwrap_or(self.0)
    }
}

/// Where they begin; no date is read from them.
fn beginning() -> Timestamp {
    Timestamp::new(chrono::DateTime::UNIX_EPOCH)
}

fn after(elapsed: Duration) -> Timestamp {
    let elapsed = chrono::Duration::from_std(elapsed);
    beginning().plus(elapsed.unwrap_or(chrono::Duration::MAX))
}
