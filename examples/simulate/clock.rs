//! The time of the world: that of the paused runtime, going on from life to life.

use openalgo::core::market::Timestamp;
use openalgo::core::port::Clock;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Tells the time of the world. While a process lives it runs as the runtime's clock does, which
/// jumps to the next thing that anybody waits for; between two lives it is moved by hand.
#[derive(Debug)]
pub(crate) struct WorldClock(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    base: Timestamp,
    /// When the present life began, by the clock of its runtime.
    born: Option<Instant>,
}

impl State {
    fn now(self) -> Timestamp {
        let lived = self.born.map_or(Duration::ZERO, |born| born.elapsed());
        self.base.plus(chrono(lived))
    }
}

impl WorldClock {
    pub(crate) fn starting_at(base: Timestamp) -> Self {
        Self(Mutex::new(State { base, born: None }))
    }

    /// A life begins in the present runtime.
    pub(crate) fn begin_life(&self) {
        self.change(|state| state.born = Some(Instant::now()));
    }

    /// The life is over, and the time stands still.
    pub(crate) fn end_life(&self) {
        self.change(|state| {
            state.base = state.now();
            state.born = None;
        });
    }

    /// Lets time go by between two lives.
    pub(crate) fn skip(&self, span: Duration) {
        self.change(|state| state.base = state.base.plus(chrono(span)));
    }

    /// Waits until an instant.
    pub(crate) async fn sleep_until(&self, at: Timestamp) {
        let left = at.since(self.now()).to_std().unwrap_or_default();
        tokio::time::sleep(left).await;
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).now()
    }
}

/// A span as the domain counts it.
pub(crate) fn chrono(span: Duration) -> chrono::Duration {
    chrono::Duration::from_std(span).unwrap()
}
