//! The world in which paper orders trade: whose prices, and at what time.

use crate::builder::{HoursRule, OpenAppError};
use crate::staged_clock::StagedClock;
use chrono::Duration;
use openalgo_core::journal::JournalScope;
use openalgo_core::market::Timestamp;
use openalgo_core::port::{Clock, StoreError};
use openalgo_store::Store;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The world in which paper orders trade. Unless said, its prices are those of the simulated
/// exchange, and its time is the true one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The folder of a recorded market; see [`openalgo_brokers::recorded`].
    pub market_data: Option<PathBuf>,
    /// When the world begins. It goes on from there, as fast as the true time, for as long as the
    /// data folder is open.
    pub clock: Option<Timestamp>,
}

impl World {
    /// The word for where its prices come from.
    pub fn price_source(&self) -> &'static str {
        match self.market_data {
            Some(_) => "recorded",
            None => "simulated",
        }
    }

    /// Whether orders in it keep the hours of the exchanges: the simulated exchange never closes,
    /// unless it has a time of its own.
    pub fn hours_rule(&self) -> HoursRule {
        match (&self.market_data, self.clock) {
            (None, None) => HoursRule::Always,
            (Some(_), _) | (_, Some(_)) => HoursRule::Bind,
        }
    }

    /// Whether this one has all that another one asks for.
    pub fn has_all_of(&self, asked: &Self) -> bool {
        let has_data = asked.market_data.is_none() || asked.market_data == self.market_data;
        has_data && (asked.clock.is_none() || asked.clock == self.clock)
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.market_data {
            Some(folder) => write!(f, "recorded in {}", folder.display())?,
            None => f.write_str("simulated")?,
        }
        match self.clock {
            Some(start) => write!(f, ", from {}", start.to_ist().format("%F %T")),
            None => Ok(()),
        }
    }
}

/// The time of a world.
#[derive(Debug, Clone)]
pub(crate) enum WorldClock {
    True(Arc<dyn Clock>),
    Staged(Arc<StagedClock>),
}

impl WorldClock {
    pub(crate) fn new(world: &World, real: &Arc<dyn Clock>) -> Self {
        match world.clock {
            Some(start) => Self::Staged(Arc::new(StagedClock::new(start, Arc::clone(real)))),
            None => Self::True(Arc::clone(real)),
        }
    }

    pub(crate) fn get(&self) -> Arc<dyn Clock> {
        match self {
            Self::True(clock) => Arc::clone(clock),
            Self::Staged(clock) => Arc::<StagedClock>::clone(clock),
        }
    }

    /// Sees that the world does not go back behind what has happened in it. One that is opened
    /// again on its first day goes on where it was left.
    pub(crate) async fn go_on(&self, store: &Store) -> Result<(), OpenAppError> {
        let Self::Staged(clock) = self else {
            return Ok(());
        };
        let start = clock.now();
        let Some(last) = last_event(store).await? else {
            return Ok(());
        };
        if last < start {
            return Ok(());
        }
        if last.to_ist().date_naive() > start.to_ist().date_naive() {
            return Err(OpenAppError::ClockBehind { start, last });
        }
        clock.put_forward(last.plus(Duration::microseconds(1)));
        Ok(())
    }
}

/// When an order was heard of last.
async fn last_event(store: &Store) -> Result<Option<Timestamp>, OpenAppError> {
    let read = async {
        let journal = store.journal();
        let all = JournalScope::default();
        let before = journal.extent(&all).await?.last.saturating_sub(1);
        journal.entries(&all, before, 1).await
    };
    let last: Result<_, StoreError> = read.await;
    let last = last.map_err(openalgo_engine::StartError::from)?;
    // A time that makes no sense is the business of whoever proves the journal.
    Ok(last
        .first()
        .and_then(|entry| Timestamp::parse_stored(&entry.at).ok()))
}
