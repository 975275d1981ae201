//! Lengths of candles.

use crate::wire::wire_enum;

wire_enum! {
    /// The length of a candle (`docs/vocabulary.md`).
    pub enum Interval as "interval" {
        /// One second.
        Second1 = "1s",
        /// Five seconds.
        Second5 = "5s",
        /// Ten seconds.
        Second10 = "10s",
        /// Fifteen seconds.
        Second15 = "15s",
        /// Thirty seconds.
        Second30 = "30s",
        /// Forty-five seconds.
        Second45 = "45s",
        /// One minute.
        Minute1 = "1m",
        /// Two minutes.
        Minute2 = "2m",
        /// Three minutes.
        Minute3 = "3m",
        /// Five minutes.
        Minute5 = "5m",
        /// Ten minutes.
        Minute10 = "10m",
        /// Fifteen minutes.
        Minute15 = "15m",
        /// Twenty minutes.
        Minute20 = "20m",
        /// Half an hour.
        Minute30 = "30m",
        /// One hour.
        Hour1 = "1h",
        /// Two hours.
        Hour2 = "2h",
        /// Three hours.
        Hour3 = "3h",
        /// Four hours.
        Hour4 = "4h",
        /// One day.
        Day = "D",
        /// One week.
        Week = "W",
        /// One month.
        Month = "M",
        /// One quarter.
        Quarter = "Q",
        /// One year.
        Year = "Y",
    }
}

impl Interval {
    /// Seconds of an interval within a day; `None` for a day and longer.
    pub fn seconds(self) -> Option<i64> {
        match self {
            Self::Second1 => Some(1),
            Self::Second5 => Some(5),
            Self::Second10 => Some(10),
            Self::Second15 => Some(15),
            Self::Second30 => Some(30),
            Self::Second45 => Some(45),
            Self::Minute1 => Some(60),
            Self::Minute2 => Some(120),
            Self::Minute3 => Some(180),
            Self::Minute5 => Some(300),
            Self::Minute10 => Some(600),
            Self::Minute15 => Some(900),
            Self::Minute20 => Some(1_200),
            Self::Minute30 => Some(1_800),
            Self::Hour1 => Some(3_600),
            Self::Hour2 => Some(7_200),
            Self::Hour3 => Some(10_800),
            Self::Hour4 => Some(14_400),
            Self::Day | Self::Week | Self::Month | Self::Quarter | Self::Year => None,
        }
    }

    /// Whether candles of a day or longer are meant, which are named by a date.
    pub fn is_by_date(self) -> bool {
        self.seconds().is_none()
    }

    /// Whether each candle of `coarser` is made of whole candles of this interval.
    pub fn makes_up(self, coarser: Self) -> bool {
        match (self.seconds(), coarser.seconds()) {
            (Some(fine), Some(coarse)) => coarse.checked_rem(fine) == Some(0),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            // Weeks run across the ends of months.
            (None, None) if self == Self::Week => coarser == Self::Week,
            (None, None) => self <= coarser,
        }
    }
}
