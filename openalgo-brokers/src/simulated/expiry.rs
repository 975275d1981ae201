//! On which dates contracts expire.
//!
//! A date on which the exchange is closed moves to the trading day before it. Dates outside the
//! years 2000 to 2099 are left out: the two digits of a symbol's year cannot tell them.

use super::calendar::Calendar;
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use openalgo_core::market::Exchange;

const MONTHS_LISTED: usize = 3;
const WEEKS_LISTED: usize = 4;

/// Which day of a month the contracts of a root expire on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schedule {
    /// The last such day of the week.
    Last(Weekday),
    /// The twentieth.
    Twentieth,
    /// Two working days before the last one.
    TwoBeforeLast,
}

/// The expiries of one root.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expiries<'c> {
    pub(super) calendar: &'c Calendar,
    pub(super) exchange: Exchange,
    pub(super) schedule: Schedule,
}

impl Expiries<'_> {
    /// The next three monthly expiries, `day` itself included.
    pub(super) fn months(self, day: NaiveDate) -> Vec<NaiveDate> {
        let Some(first) = day.with_day(1) else {
            return Vec::new();
        };
        // The first month's expiry may be over, so one more is looked at.
        (0..=3)
            .filter_map(|month| self.of_month(first.checked_add_months(Months::new(month))?))
            .filter(|date| *date >= day)
            .take(MONTHS_LISTED)
            .collect()
    }

    /// The next four weekly expiries, `day` itself included; none where months have no weekday.
    pub(super) fn weeks(self, day: NaiveDate) -> Vec<NaiveDate> {
        let Schedule::Last(weekday) = self.schedule else {
            return Vec::new();
        };
        let first = day.iter_days().take(7).find(|d| d.weekday() == weekday);
        let weeks = [0, 7, 14, 21, 28].map(|days| first?.checked_add_days(Days::new(days)));
        weeks
            .into_iter()
            .filter_map(|date| self.settled(date?))
            .filter(|date| *date >= day)
            .take(WEEKS_LISTED)
            .collect()
    }

    fn of_month(self, first: NaiveDate) -> Option<NaiveDate> {
        let last = first
            .checked_add_months(Months::new(1))
            .and_then(|next| next.pred_opt())?;
        match self.schedule {
            Schedule::Last(weekday) => {
                let mut days = std::iter::successors(Some(last), NaiveDate::pred_opt).take(7);
                self.settled(days.find(|date| date.weekday() == weekday)?)
            }
            Schedule::Twentieth => self.settled(first.with_day(20)?),
            Schedule::TwoBeforeLast => {
                let before = |date: NaiveDate| self.settled(date.pred_opt()?);
                self.settled(last).and_then(before).and_then(before)
            }
        }
    }

    fn settled(self, date: NaiveDate) -> Option<NaiveDate> {
        let date = self.calendar.on_or_before(self.exchange, date)?;
        (2000..2100).contains(&date.year()).then_some(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLIDAYS: &str = include_str!("../../data/holidays-2026.csv");

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn months(exchange: Exchange, schedule: Schedule, day: &str) -> String {
        let calendar = Calendar::parse(HOLIDAYS).unwrap();
        let expiries = Expiries {
            calendar: &calendar,
            exchange,
            schedule,
        };
        joined(&expiries.months(date(day)))
    }

    fn weeks(exchange: Exchange, weekday: Weekday, day: &str) -> String {
        let calendar = Calendar::parse(HOLIDAYS).unwrap();
        let expiries = Expiries {
            calendar: &calendar,
            exchange,
            schedule: Schedule::Last(weekday),
        };
        joined(&expiries.weeks(date(day)))
    }

    fn joined(dates: &[NaiveDate]) -> String {
        let text = dates.iter().map(|date| date.format("%m-%d").to_string());
        text.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn months_end_on_the_last_tuesday_or_the_trading_day_before() {
        let tuesdays = |day: &str| months(Exchange::Nfo, Schedule::Last(Weekday::Tue), day);
        // Guru Nanak Jayanti is the last Tuesday of November.
        assert_eq!(tuesdays("2026-11-01"), "11-23 12-29 01-26");
        assert_eq!(tuesdays("2026-11-23"), "11-23 12-29 01-26");
        assert_eq!(tuesdays("2026-11-24"), "12-29 01-26 02-23");
        // Mahavir Jayanti.
        assert_eq!(tuesdays("2026-03-30"), "03-30 04-28 05-26");
        assert_eq!(tuesdays("2026-03-31"), "04-28 05-26 06-30");
        assert_eq!(tuesdays("2026-12-31"), "01-26 02-23 03-30");
    }

    #[test]
    fn sensex_months_end_on_thursdays() {
        let thursdays = |day| months(Exchange::Bfo, Schedule::Last(Weekday::Thu), day);
        // Ram Navami and Bakri Id are both the last Thursday of their month.
        assert_eq!(thursdays("2026-03-01"), "03-25 04-30 05-27");
    }

    #[test]
    fn weeks_move_from_holidays() {
        let tuesdays = |day| weeks(Exchange::Nfo, Weekday::Tue, day);
        assert_eq!(tuesdays("2026-11-03"), "11-03 11-09 11-17 11-23");
        assert_eq!(tuesdays("2026-11-04"), "11-09 11-17 11-23 12-01");
        // The holiday itself comes after the expiry that moved away from it.
        assert_eq!(tuesdays("2026-11-10"), "11-17 11-23 12-01 12-08");
        assert_eq!(tuesdays("2026-11-24"), "12-01 12-08 12-15 12-22");
        assert_eq!(
            weeks(Exchange::Bfo, Weekday::Thu, "2026-05-22"),
            "05-27 06-04 06-11 06-18"
        );
    }

    #[test]
    fn commodities_keep_their_own_holidays() {
        let twentieths = |day| months(Exchange::Mcx, Schedule::Twentieth, day);
        // Dussehra closes NSE, not MCX; 20 September and 20 December are Sundays.
        assert_eq!(twentieths("2026-09-01"), "09-18 10-20 11-20");
        assert_eq!(twentieths("2026-11-21"), "12-18 01-20 02-19");
        assert_eq!(
            months(Exchange::Nco, Schedule::Last(Weekday::Tue), "2026-11-01"),
            "11-24 12-29 01-26"
        );
    }

    #[test]
    fn currencies_end_two_working_days_before_the_last() {
        let usdinr = |day| months(Exchange::Cds, Schedule::TwoBeforeLast, day);
        // The last day and the 26th of March are holidays, as is the 28th of May.
        assert_eq!(usdinr("2026-03-01"), "03-25 04-28 05-26");
        assert_eq!(usdinr("2026-11-26"), "11-26 12-29 01-27");
    }

    #[test]
    fn nothing_is_listed_where_a_symbol_cannot_tell_the_year() {
        let tuesdays = |day: &str| months(Exchange::Nfo, Schedule::Last(Weekday::Tue), day);
        assert_eq!(tuesdays("1999-12-15"), "01-25 02-29 03-28");
        assert_eq!(tuesdays("2099-12-15"), "12-29");
        assert_eq!(tuesdays("2200-01-01"), "");
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            assert_eq!(tuesdays(&day.to_string()), "");
        }
    }
}
