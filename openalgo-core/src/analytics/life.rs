//! How long an option still lives.

use crate::market::{Exchange, TimeOfDay, Timestamp};
use chrono::{Duration, NaiveDate, NaiveTime};

/// A year, as the models count it.
const YEAR: Duration = Duration::days(365);

/// From now until an option's last instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionLife {
    ends: Timestamp,
    left: Duration,
}

impl OptionLife {
    /// When options of an exchange end on their last day (OpenAlgo's API reference, section 5.3):
    /// 15:30, on MCX 23:30, on CDS 12:30, in India.
    pub fn cut_off(exchange: Exchange) -> NaiveTime {
        let (hour, minute) = if exchange == Exchange::Mcx {
            (23, 30)
        } else if exchange == Exchange::Cds {
            (12, 30)
        } else {
            (15, 30)
        };
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
    }

    /// The life of an option that expires on a date, at `time` where that is not the usual one.
    pub fn at(
        now: Timestamp,
        (exchange, expiry): (Exchange, NaiveDate),
        time: Option<TimeOfDay>,
    ) -> Self {
        let time = time.map_or_else(|| Self::cut_off(exchange), TimeOfDay::to_naive);
        let ends = Timestamp::of_ist(expiry.and_time(time));
        let left = ends.since(now);
        Self { ends, left }
    }

    /// Its last instant.
    pub fn ends(&self) -> Timestamp {
        self.ends
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.left <= Duration::zero()
    }

    /// Years left, of 365 days each; negative for what is over.
    #[expect(
        clippy::float_arithmetic,
        reason = "a model of prices takes time as a real number"
    )]
    pub fn years(&self) -> f64 {
        self.left.as_seconds_f64() / YEAR.as_seconds_f64()
    }

    /// Days left; negative for what is over.
    #[expect(
        clippy::float_arithmetic,
        reason = "a model of prices takes time as a real number"
    )]
    pub fn days(&self) -> f64 {
        self.left.as_seconds_f64() / Duration::days(1).as_seconds_f64()
    }
}
