//! When something is due by itself.

use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior};

/// Turns that come again and again, or never. One that was missed is not made up for.
#[derive(Debug)]
pub(crate) struct Schedule(Option<Interval>);

impl Schedule {
    /// The first turn is now.
    pub(crate) fn every(period: Option<Duration>) -> Self {
        Self(period.map(|period| {
            let mut turns = tokio::time::interval(period);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            turns
        }))
    }

    /// Waits for the next turn; for ever where there is none.
    pub(crate) async fn turn(&mut self) {
        match &mut self.0 {
            Some(turns) => drop(turns.tick().await),
            None => std::future::pending().await,
        }
    }
}

/// Waits for so long; for ever where nothing is waited for.
pub(crate) async fn sleep(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}
