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
