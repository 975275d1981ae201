//! Whether the clock can be right.

use super::Finding;
use crate::show::clock_time;
use openalgo::core::market::Timestamp;

/// How far the newest entry may lie ahead, in seconds: clocks are set a little back now and then.
const TOLERANCE: i64 = 5;

/// A clock that shows less than the newest entry has been set back, or was wrong before.
pub(crate) fn examine(now: Timestamp, newest: Option<Timestamp>) -> Finding {
    let shows = format!("it is {} in India", clock_time(now));
    match newest {
        Some(newest) if newest.since(now).num_seconds() > TOLERANCE => Finding::failed(
            "clock",
            format!(
                "{shows}, and the newest entry is of {}: the clock was set back, or it was wrong when that was written",
                clock_time(newest)
            ),
            "set the clock of this machine, best by NTP; the trading day of orders depends on it",
        ),
        Some(_) | None => Finding::ok("clock", shows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_stored(text).unwrap()
    }

    #[test]
    fn a_clock_behind_the_newest_entry_is_wrong() {
        let newest = Some(at("2026-11-25 05:00:10"));
        let verdict = |now| examine(at(now), newest).verdict;
        assert_eq!(verdict("2026-11-25 05:00:11"), Verdict::Ok);
        assert_eq!(verdict("2026-11-25 05:00:05"), Verdict::Ok);
        assert_eq!(verdict("2026-11-25 05:00:04"), Verdict::Failed);
        assert_eq!(
            examine(at("2026-11-25 05:00:00"), None).verdict,
            Verdict::Ok
        );
    }
}
