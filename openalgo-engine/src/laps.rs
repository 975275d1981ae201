//! Where the time of an order goes.
//!
//! The clock of the runtime measures: it never goes back and, where a test or a simulation owns it,
//! runs with everything else.

use openalgo_core::monitor::LatencySplit;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// What an order is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waiting for the account, or for its turn at the broker.
    Queue,
    /// Being decided, or made durable.
    Own,
    /// Waiting for the broker.
    Broker,
}

/// A stopwatch that goes with an order; each part runs while the order is in it.
#[derive(Debug, Clone)]
pub(crate) struct Laps(Arc<Mutex<Running>>);

#[derive(Debug)]
struct Running {
    phase: Phase,
    since: Instant,
    split: LatencySplit,
}

impl Running {
    /// Adds what has gone by to the part that runs.
    fn stop(&mut self) {
        let now = Instant::now();
        let gone = now.duration_since(self.since);
        let part = match self.phase {
            Phase::Queue => &mut self.split.queue,
            Phase::Own => &mut self.split.own,
            Phase::Broker => &mut self.split.broker,
        };
        *part = part.saturating_add(gone);
        self.since = now;
    }
}

impl Laps {
    /// Starts with our own part.
    pub(crate) fn start() -> Self {
        let running = Running {
            phase: Phase::Own,
            since: Instant::now(),
            split: LatencySplit::default(),
        };
        Self(Arc::new(Mutex::new(running)))
    }

    /// Ends the part that runs and begins another.
    pub(crate) fn enter(&self, phase: Phase) {
        let mut running = self.lock();
        running.stop();
        running.phase = phase;
    }

    /// The parts until now.
    pub(crate) fn split(&self) -> LatencySplit {
        let mut running = self.lock();
        running.stop();
        running.split
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        // Sums are right after each change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn each_part_is_measured_by_itself() {
        let (laps, part) = (Laps::start(), Duration::from_millis);
        for (phase, lasts) in [
            (Phase::Queue, 20),
            (Phase::Own, 3),
            (Phase::Broker, 100),
            (Phase::Own, 4),
        ] {
            laps.enter(phase);
            tokio::time::sleep(part(lasts)).await;
        }
        let split = laps.split();
        assert_eq!(
            (split.queue, split.own, split.broker),
            (part(20), part(7), part(100))
        );
        assert_eq!(split.total(), part(127));
    }
}
