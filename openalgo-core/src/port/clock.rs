//! Time, injected so that a whole day runs in a test in milliseconds.

use crate::market::Timestamp;
use std::fmt;

/// Tells the time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Whether it shows another time than the true one, as for a rehearsal: nothing that trades
    /// real money may go by it.
    fn is_staged(&self) -> bool {
        false
    }
}
