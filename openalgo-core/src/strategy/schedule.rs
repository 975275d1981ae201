//! When a strategy trades.

use crate::market::TimeOfDay;
use thiserror::Error;

/// How long a strategy keeps its positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Over the end of the day; alerts are followed at any time.
    Positional,
    /// Until the square-off time of the same day.
    Intraday(TradingHours),
}

impl Schedule {
    /// The hours, where there are some.
    pub fn hours(self) -> Option<TradingHours> {
        match self {
            Self::Positional => None,
            Self::Intraday(hours) => Some(hours),
        }
    }
}

/// The hours of an intraday strategy: entries from start to end, exits until square-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradingHours {
    start: TimeOfDay,
    end: TimeOfDay,
    square_off: TimeOfDay,
}

/// Times in an order that leaves no room to trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "start {start}, end {end} and square-off {square_off} must follow each other: \
     start before end, and end not after square-off"
)]
pub struct HoursError {
    /// The start as given.
    pub start: TimeOfDay,
    /// The end as given.
    pub end: TimeOfDay,
    /// The square-off time as given.
    pub square_off: TimeOfDay,
}

impl TradingHours {
    /// Takes times that follow each other.
    pub fn try_new(
        start: TimeOfDay,
        end: TimeOfDay,
        square_off: TimeOfDay,
    ) -> Result<Self, HoursError> {
        if start < end && end <= square_off {
            Ok(Self {
                start,
                end,
                square_off,
            })
        } else {
            Err(HoursError {
                start,
                end,
                square_off,
            })
        }
    }

    /// When the first entry may be made.
    pub fn start(self) -> TimeOfDay {
        self.start
    }

    /// When the last entry may be made.
    pub fn end(self) -> TimeOfDay {
        self.end
    }

    /// When what the strategy opened is closed.
    pub fn square_off(self) -> TimeOfDay {
        self.square_off
    }
}
