//! Indian market time: instants, the IST wall clock and the trading day.

mod stored;
mod time_of_day;

pub use time_of_day::TimeOfDay;

use chrono::{DateTime, Days, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Two days after the year 1 begins and two before the year 9999 ends, so that every time zone's
/// date is in range, too.
const EARLIEST: i64 = -62_135_424_000_000_000;
const LATEST: i64 = 253_402_128_000_000_000;

/// A text or number that is no instant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{text}' is not a time such as {example}")]
pub struct TimestampError {
    /// The text as given.
    pub text: Box<str>,
    /// What it should look like.
    pub example: &'static str,
}

/// An instant in UTC with microseconds, the precision that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Takes an instant, without what is finer than a microsecond; one outside the range of
    /// [`Timestamp::from_micros`] becomes the nearest end of it.
    pub fn new(instant: DateTime<Utc>) -> Self {
        let micros = instant.timestamp_micros().clamp(EARLIEST, LATEST);
        Self::from_micros(micros).unwrap_or(Self(DateTime::UNIX_EPOCH))
    }

    /// The instant `micros` microseconds after 1970; `None` outside the years 1 to 9999, whose
    /// dates have the four digits that the stored form needs.
    pub fn from_micros(micros: i64) -> Option<Self> {
        if !(EARLIEST..=LATEST).contains(&micros) {
            return None;
        }
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    /// Microseconds since 1970.
    pub fn to_micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// Whole seconds since 1970.
    pub fn to_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// The instant as a date and time of chrono.
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The wall clock in India at this instant.
    pub fn to_ist(self) -> IstTime {
        self.0.with_timezone(&IST)
    }

    /// The date of the session of this instant, which ends at 03:00 in India. Contracts live until
    /// the session of their expiry ends.
    pub fn session_date(self) -> NaiveDate {
        SessionBoundary::default().day_of(self).date()
    }

    /// The instant at which clocks in India show this.
    pub fn of_ist(local: NaiveDateTime) -> Self {
        let at = local.and_local_timezone(IST).single().map(|at| at.to_utc());
        Self::new(at.unwrap_or_else(|| local.and_utc()))
    }

    /// This instant plus a span; stays at the end of time instead of leaving it.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        self.0.checked_add_signed(span).map_or(self, Self::new)
    }

    /// The span from `earlier` to this instant; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.signed_duration_since(earlier.0)
    }

    /// Reads the stored form, `YYYY-MM-DD HH:MM:SS` in UTC with or without a fraction.
    pub fn parse_stored(text: &str) -> Result<Self, TimestampError> {
        let instant = stored::parse(text).ok_or_else(|| TimestampError {
            text: text.into(),
            example: "2026-11-25 05:00:00.000000",
        })?;
        Ok(Self::new(instant.and_utc()))
    }
}

impl fmt::Display for Timestamp {
    /// The stored form: UTC, always six decimals, so that texts sort as instants do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = stored::format(self.0);
        f.pad(std::str::from_utf8(&text).map_err(|_no_text| fmt::Error)?)
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> Self {
        at.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, TimestampError> {
        Self::parse_stored(&text)
    }
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends.
    pub until: Timestamp,
}

/// A date and time on Indian clocks.
pub type IstTime = DateTime<FixedOffset>;

/// The Indian time zone: five and a half hours ahead of UTC, without daylight saving.
pub const IST: FixedOffset = match FixedOffset::east_opt(19_800) {
    Some(offset) => offset,
    None => unreachable!(),
};

/// The time of day in India at which one trading day ends and the next begins.
///
/// Brokers end their sessions then; order book, trade book and "today" follow it. The setting
/// `session_expiry_time` holds it, `03:00` unless changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionBoundary(NaiveTime);

impl Default for SessionBoundary {
    fn default() -> Self {
        Self(NaiveTime::from_hms_opt(3, 0, 0).unwrap_or(NaiveTime::MIN))
    }
}

impl FromStr for SessionBoundary {
    type Err = TimestampError;

    /// Reads `HH:MM`.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let time = text.parse().map_err(|error| TimestampError {
            example: "03:00",
            ..error
        });
        time.map(|time: TimeOfDay| Self(time.to_naive()))
    }
}

impl SessionBoundary {
    /// The trading day that an instant belongs to.
    pub fn day_of(self, at: Timestamp) -> TradingDay {
        let local = at.to_ist();
        let date = local.date_naive();
        if local.time() < self.0 {
            TradingDay(date.checked_sub_days(Days::new(1)).unwrap_or(date))
        } else {
            TradingDay(date)
        }
    }

    /// The end of the trading day that an instant belongs to.
    pub fn next_after(self, at: Timestamp) -> Timestamp {
        let day = self.day_of(at).date();
        self.start_of(TradingDay(
            day.checked_add_days(Days::new(1)).unwrap_or(day),
        ))
    }

    /// The first instant of a trading day.
    pub fn start_of(self, day: TradingDay) -> Timestamp {
        Timestamp::of_ist(day.0.and_time(self.0))
    }
}

/// The date of a trading session, from one session boundary to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TradingDay(NaiveDate);

impl TradingDay {
    /// The session of a date.
    pub const fn new(date: NaiveDate) -> Self {
        Self(date)
    }

    /// The date.
    pub const fn date(self) -> NaiveDate {
        self.0
    }
}

impl fmt::Display for TradingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl FromStr for TradingDay {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let date = stored::parse_date(text.as_bytes()).ok_or_else(|| TimestampError {
            text: text.into(),
            example: "2026-11-25",
        })?;
        Ok(Self(date))
    }
}
