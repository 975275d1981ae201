//! The world in which paper orders trade: whose prices, and at what time.

use crate::builder::{HoursRule, OpenAppError};
use crate::staged_clock::{ClockSpeed, StagedClock};
use chrono::{Duration, NaiveDate};
use openalgo_brokers::recording::RecordedCourse;
use openalgo_core::journal::JournalScope;
use openalgo_core::market::Timestamp;
use openalgo_core::port::{Clock, StoreError};
use openalgo_store::Store;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The world in which paper orders trade. Unless said, its prices are those of the simulated
/// exchange, and its time is the true one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The folder of a recorded market ([`openalgo_brokers::recorded`]), or the file of a recording
    /// ([`openalgo_brokers::recording`]), whose time is that of the world.
    pub market_data: Option<PathBuf>,
    /// When the world begins; on a recording, when that did, unless said. It goes on from there for
    /// as long as the data folder is open.
    pub clock: Option<Timestamp>,
    /// How fast its time goes by where that is not the true one: as fast as that, unless said.
    pub speed: Option<ClockSpeed>,
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

    /// The recording whose prices it has, if it has those of one.
    pub(crate) fn recording(&self) -> Option<&Path> {
        self.market_data.as_deref().filter(|path| path.is_file())
    }

    /// Whether this one has all that another one asks for.
    pub fn has_all_of(&self, asked: &Self) -> bool {
        let has_data = asked.market_data.is_none() || asked.market_data == self.market_data;
        let has_clock = asked.clock.is_none() || asked.clock == self.clock;
        has_data && has_clock && (asked.speed.is_none() || asked.speed == self.speed)
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.market_data {
            Some(folder) => write!(f, "recorded in {}", folder.display())?,
            None => f.write_str("simulated")?,
        }
        if let Some(start) = self.clock {
            write!(f, ", from {}", start.to_ist().format("%F %T"))?;
        }
        match self.speed {
            Some(ClockSpeed::STANDING) => f.write_str(", at a time that stands"),
            Some(speed) => write!(f, ", {speed} times as fast"),
            None => Ok(()),
        }
    }
}

/// The time of a world.
#[derive(Debug, Clone)]
pub(crate) enum WorldClock {
    True(Arc<dyn Clock>),
    Staged {
        clock: Arc<StagedClock>,
        /// The last date on which the world may be gone on with, where nobody said when it begins.
        until: Option<NaiveDate>,
    },
}

impl WorldClock {
    /// The clock of a world, whose prices are those of a recording or others.
    pub(crate) fn new(
        world: &World,
        course: Option<&RecordedCourse>,
        real: &Arc<dyn Clock>,
    ) -> Result<Self, OpenAppError> {
        let Some(start) = world.clock.or_else(|| course.map(RecordedCourse::begun)) else {
            return match world.speed {
                Some(speed) => Err(OpenAppError::SpeedOfTrueTime { speed }),
                None => Ok(Self::True(Arc::clone(real))),
            };
        };
        let speed = world.speed.unwrap_or(ClockSpeed::REAL);
        let last = course.map(|course| course.last().to_ist().date_naive());
        Ok(Self::Staged {
            clock: Arc::new(StagedClock::new(start, speed, Arc::clone(real))),
            until: last.filter(|_date| world.clock.is_none()),
        })
    }

    pub(crate) fn get(&self) -> Arc<dyn Clock> {
        match self {
            Self::True(clock) => Arc::clone(clock),
            Self::Staged { clock, .. } => Arc::<StagedClock>::clone(clock),
        }
    }

    /// Sees that the world does not go back behind what has happened in it. One that is opened
    /// again on its first day goes on where it was left; a recording, on any of its days.
    pub(crate) async fn go_on(&self, store: &Store) -> Result<(), OpenAppError> {
        let Self::Staged { clock, until } = self else {
            return Ok(());
        };
        let start = clock.now();
        let Some(last) = last_event(store).await? else {
            return Ok(());
        };
        if last < start {
            return Ok(());
        }
        let until = until.unwrap_or_else(|| start.to_ist().date_naive());
        if last.to_ist().date_naive() > until {
            return Err(OpenAppError::ClockBehind { start, last });
        }
        clock.put_forward(last.plus(Duration::microseconds(1)));
        Ok(())
    }
}

/// When an order was heard of last, or an account on paper changed.
async fn last_event(store: &Store) -> Result<Option<Timestamp>, OpenAppError> {
    let read = async {
        let journal = store.journal();
        let all = JournalScope::default();
        let before = journal.extent(&all).await?.last.saturating_sub(1);
        let last = journal.entries(&all, before, 1).await?;
        // A time that makes no sense is the business of whoever proves the journal.
        let last = last.first();
        let order = last.and_then(|entry| Timestamp::parse_stored(&entry.at).ok());
        Ok(order.max(store.last_paper_entry().await?))
    };
    let last: Result<_, StoreError> = read.await;
    Ok(last.map_err(openalgo_engine::StartError::from)?)
}
