//! Times on Indian clocks, without a date.

use super::{Timestamp, TimestampError};
use chrono::{NaiveTime, Timelike};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A time of day in India, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(NaiveTime);

impl TimeOfDay {
    /// When a day begins.
    pub const MIDNIGHT: Self = Self(NaiveTime::MIN);

    /// A time by its hour and minute; `None` where a day has none such.
    pub const fn of(hour: u32, minute: u32) -> Option<Self> {
        match NaiveTime::from_hms_opt(hour, minute, 0) {
            Some(time) => Some(Self(time)),
            None => None,
        }
    }

    /// What clocks in India show at an instant, to the minute.
    pub fn at(instant: Timestamp) -> Self {
        let local = instant.to_ist();
        Self::of(local.hour(), local.minute()).unwrap_or(Self::MIDNIGHT)
    }

    /// The time as one of chrono.
    pub const fn to_naive(self) -> NaiveTime {
        self.0
    }
}

impl FromStr for TimeOfDay {
    type Err = TimestampError;

    /// Reads `HH:MM`.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok().map(Self);
        // chrono takes `3:0`, too, which would be kept as it is and puzzle people.
        time.filter(|time| time.to_string() == text)
            .ok_or_else(|| TimestampError {
                text: text.into(),
                example: "09:15",
            })
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%H:%M").fmt(f)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, TimestampError> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}
