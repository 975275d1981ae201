//! What happens to an account by itself, and when.

use super::{PaperTerms, ResetDay};
use crate::market::{IST, TimeOfDay, Timestamp};
use chrono::{Datelike, NaiveDate, NaiveTime};

/// What happens to an account by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaperJobKind {
    /// Shares bought for delivery become holdings, when the next day begins in India.
    Deliver,
    /// The account starts anew.
    Reset,
}

/// Something that is due at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperJob {
    /// When it is due.
    pub at: Timestamp,
    /// What it is.
    pub kind: PaperJobKind,
}

/// When accounts start anew by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeeklyReset {
    /// On which day.
    pub day: ResetDay,
    /// At which time in India.
    pub time: TimeOfDay,
}

impl PaperTerms {
    /// The first thing that is due after `after`, and by `until`.
    pub fn next_job(&self, after: Timestamp, until: Timestamp) -> Option<PaperJob> {
        let (first, last) = (date_of(after), date_of(until));
        let dates = std::iter::successors(Some(first), NaiveDate::succ_opt);
        let dates = dates.take_while(|date| *date <= last);
        dates
            .flat_map(|date| self.jobs_on(date))
            .find(|job| after < job.at && job.at <= until)
    }

    /// What is due on a date, in the order in which it is.
    fn jobs_on(&self, date: NaiveDate) -> impl Iterator<Item = PaperJob> {
        let deliver = PaperJob {
            at: instant(date, NaiveTime::MIN),
            kind: PaperJobKind::Deliver,
        };
        let weekly = self.weekly_reset;
        let is_day = weekly.day.weekday() == Some(date.weekday());
        let reset = is_day.then(|| PaperJob {
            at: instant(date, weekly.time.to_naive()),
            kind: PaperJobKind::Reset,
        });
        [deliver].into_iter().chain(reset)
    }
}

fn date_of(at: Timestamp) -> NaiveDate {
    at.to_ist().date_naive()
}

/// A time of day in India.
fn instant(date: NaiveDate, time: NaiveTime) -> Timestamp {
    let local = date.and_time(time);
    let at = local.and_local_timezone(IST).single().map(|at| at.to_utc());
    Timestamp::new(at.unwrap_or_else(|| local.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample::money;
    use chrono::Duration;

    fn at(text: &str) -> Timestamp {
        let instant = chrono::DateTime::parse_from_rfc3339(text).unwrap();
        Timestamp::new(instant.to_utc())
    }

    #[test]
    fn every_job_of_a_span_is_due_once_and_in_order() {
        let mut terms = PaperTerms::with_capital(money("100000"));
        terms.weekly_reset = WeeklyReset {
            day: ResetDay::Saturday,
            time: "09:30".parse().unwrap(),
        };
        // A Wednesday morning to the Tuesday after next.
        let (mut after, until) = (
            at("2026-11-25T10:30:00+05:30"),
            at("2026-12-08T00:00:00+05:30"),
        );
        let mut jobs = Vec::new();
        while let Some(job) = terms.next_job(after, until) {
            after = job.at;
            jobs.push(job);
        }
        let of = |kind| {
            let those = jobs.iter().filter(move |job| job.kind == kind);
            those.map(|job| job.at).collect::<Vec<_>>()
        };
        assert_eq!(
            of(PaperJobKind::Deliver).len(),
            13,
            "both ends of the fortnight"
        );
        assert_eq!(
            of(PaperJobKind::Reset),
            [
                at("2026-11-28T09:30:00+05:30"),
                at("2026-12-05T09:30:00+05:30")
            ]
        );
        assert!(jobs.windows(2).all(|pair| pair[0].at < pair[1].at));
    }

    #[test]
    fn what_is_due_at_the_very_end_is_due_and_at_the_very_beginning_is_over() {
        let terms = PaperTerms::with_capital(money("100000"));
        let midnight = at("2026-11-26T00:00:00+05:30");
        let before = midnight.plus(-Duration::seconds(1));
        assert_eq!(terms.next_job(before, midnight).unwrap().at, midnight);
        let later = midnight.plus(Duration::hours(23));
        assert_eq!(terms.next_job(midnight, later), None);
    }
}
