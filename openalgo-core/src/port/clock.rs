//! Time, injected so that a whole day runs in a test in milliseconds.

use crate::market::Timestamp;
use std::fmt;
use std::time::Duration;

/// Tells the time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Whether it shows another time than the true one, as for a rehearsal: nothing that trades
    /// real money may go by it.
    fn is_staged(&self) -> bool {
        false
    }

    /// How long somebody has to wait until it shows an instant, if nobody sets it meanwhile; `None`
    /// while it stands. One that runs as fast as time does need not say more.
    fn time_until(&self, at: Timestamp) -> Option<Duration> {
        Some(at.since(self.now()).to_std().unwrap_or_default())
    }
}
