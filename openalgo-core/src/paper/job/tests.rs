//! Tests of what is due, and when.

use super::*;
use crate::market::{Exchange, ExchangeHours, MarketHours, TradingCalendar, UsualHours};
use crate::testing::sample::money;

fn at(text: &str) -> Timestamp {
    Timestamp::of_ist(text.parse().unwrap())
}

fn terms() -> PaperTerms {
    PaperTerms::with_capital(money("100000"))
}

/// Everything that is due in a span, found one by one as an account does.
fn due(terms: &PaperTerms, after: &str, until: &str) -> Vec<PaperJob> {
    let (mut after, until) = (at(after), at(until));
    let next = || {
        let job = terms.next_job(after, until)?;
        after = job.done();
        Some(job)
    };
    std::iter::from_fn(next).collect()
}

fn times(jobs: &[PaperJob], kind: PaperJobKind) -> Vec<Timestamp> {
    let of_kind = jobs.iter().filter(|job| job.kind == kind);
    of_kind.map(|job| job.at).collect()
}

#[test]
fn every_job_of_a_span_is_due_once_and_in_order() {
    let mut terms = terms();
    terms.weekly_reset = WeeklyReset {
        day: ResetDay::Saturday,
        time: "09:30".parse().unwrap(),
    };
    // A Wednesday morning to the Tuesday after next.
    let jobs = due(&terms, "2026-11-25T10:30:00", "2026-12-08T00:00:00");
    let nights = times(&jobs, PaperJobKind::Deliver);
    assert_eq!(nights.len(), 13, "both ends of the fortnight");
    assert_eq!(
        times(&jobs, PaperJobKind::Reset),
        [at("2026-11-28T09:30:00"), at("2026-12-05T09:30:00")]
    );
    assert!(jobs.windows(2).all(|pair| pair[0].done() < pair[1].done()));
}

#[test]
fn what_is_due_at_the_very_end_is_due_and_at_the_very_beginning_is_over() {
    let midnight = at("2026-11-26T00:00:00");
    let before = midnight.plus(-Duration::seconds(1));
    let night = terms().next_job(before, midnight).unwrap();
    assert_eq!(night.at, midnight);
    let noon = due(&terms(), "2026-11-26T00:00:00", "2026-11-26T12:00:00");
    assert_eq!(noon, []);
}

#[test]
fn two_jobs_of_the_same_time_are_both_due() {
    let mut terms = terms();
    terms.weekly_reset.day = ResetDay::Saturday;
    let jobs = due(&terms, "2026-11-27T23:59:30", "2026-11-28T00:00:00");
    let kinds: Vec<_> = jobs.iter().map(|job| job.kind).collect();
    assert_eq!(kinds, [PaperJobKind::Deliver, PaperJobKind::Reset]);
}

#[test]
fn positions_end_only_where_hours_bind_and_only_on_trading_days() {
    let friday_to_monday = |terms: &_| due(terms, "2026-11-27T10:00:00", "2026-11-30T23:00:00");
    let always = friday_to_monday(&terms());
    assert_eq!(times(&always, PaperJobKind::SquareOff), []);
    let sums = times(&always, PaperJobKind::SumUp).len();
    assert_eq!(sums, 3, "an exchange that never closes has no other days");
    let hours = |exchange, opens: &str, closes: &str| ExchangeHours {
        exchange,
        opens: opens.parse().unwrap(),
        closes: closes.parse().unwrap(),
    };
    let usual = UsualHours {
        since: NaiveDate::MIN,
        hours: vec![
            hours(Exchange::Nse, "09:15", "15:30"),
            hours(Exchange::Nfo, "09:15", "15:40"),
            hours(Exchange::Cds, "09:00", "17:00"),
        ],
    };
    let calendar = TradingCalendar::new([usual], []);
    let bound = PaperTerms {
        hours: MarketHours::Bind(Arc::new(calendar)),
        ..terms()
    };
    let jobs = friday_to_monday(&bound);
    assert_eq!(
        times(&jobs, PaperJobKind::SquareOff),
        [
            at("2026-11-27T15:15:00"),
            at("2026-11-27T16:45:00"),
            at("2026-11-27T23:59:00"),
            at("2026-11-30T15:15:00"),
            at("2026-11-30T16:45:00"),
        ]
    );
    assert_eq!(
        times(&jobs, PaperJobKind::SumUp),
        [at("2026-11-27T23:59:00")]
    );
}

#[test]
fn contracts_settle_when_their_exchanges_close_or_when_the_next_day_begins() {
    let mut terms = terms();
    let settled = |terms: &_| {
        let jobs = due(terms, "2026-11-24T12:00:00", "2026-11-25T12:00:00");
        times(&jobs, PaperJobKind::Settle)
    };
    assert_eq!(
        settled(&terms),
        [
            at("2026-11-24T15:30:00"),
            at("2026-11-24T15:40:00"),
            at("2026-11-24T17:00:00"),
            at("2026-11-24T23:30:00"),
            at("2026-11-24T23:59:00"),
        ]
    );
    terms.expiry.timing = crate::paper::ExpiryTiming::NextDay;
    let nights = [at("2026-11-24T23:59:00"), at("2026-11-25T00:00:00")];
    assert_eq!(settled(&terms), nights);
}
