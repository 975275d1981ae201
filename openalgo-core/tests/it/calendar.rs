//! The trading day and the stored form of times.

use chrono::Duration;
use openalgo_core::market::{SessionBoundary, Timestamp};
use openalgo_core::port::Clock;
use openalgo_core::testing::FakeClock;
use proptest::prelude::*;

fn day(at: &str) -> String {
    SessionBoundary::default()
        .day_of(FakeClock::at(at).now())
        .to_string()
}

#[test]
fn the_day_changes_at_three_in_the_morning_in_india() {
    assert_eq!(day("2026-11-25T02:59:59+05:30"), "2026-11-24");
    assert_eq!(day("2026-11-25T03:00:00+05:30"), "2026-11-25");
    assert_eq!(day("2026-11-24T21:29:59Z"), "2026-11-24");
    assert_eq!(day("2026-11-24T21:30:00Z"), "2026-11-25");
}

#[test]
fn a_day_starts_at_its_boundary() {
    let boundary: SessionBoundary = "03:00".parse().unwrap();
    let start = boundary.start_of("2026-11-25".parse().unwrap());
    assert_eq!(start, FakeClock::at("2026-11-25T03:00:00+05:30").now());
    for text in ["25:00", "3:0", "03:00:00", ""] {
        assert!(text.parse::<SessionBoundary>().is_err(), "{text}");
    }
}

#[test]
fn times_are_stored_in_utc_with_six_decimals() {
    let at = FakeClock::at("2026-11-25T10:30:00.25+05:30").now();
    assert_eq!(at.to_string(), "2026-11-25 05:00:00.250000");
    assert_eq!(
        Timestamp::parse_stored("2026-11-25 05:00:00").unwrap(),
        at.plus(Duration::milliseconds(-250))
    );
    assert!(Timestamp::parse_stored("2026-11-25T05:00:00").is_err());
}

#[test]
fn only_the_stored_form_is_read() {
    let fraction = |text: &str| Timestamp::parse_stored(text).unwrap().to_micros() % 1_000_000;
    assert_eq!(fraction("2026-11-25 05:00:00.5"), 500_000);
    assert_eq!(fraction("2026-11-25 05:00:00.000001999"), 1);
    for text in [
        "",
        "2026-11-25",
        "2026-11-25 05:00",
        "2026-11-25 05:00:00.",
        "2026-11-25 05:00:00,5",
        "2026-11-25 05:00:00.1234567890",
        "2026-11-25 05:00:00Z",
        "2026-11-25 05:00:60",
        "2026-02-30 05:00:00",
        "+026-11-25 05:00:00",
        "2026-11-25 05:00:0\u{663}",
    ] {
        let refused = Timestamp::parse_stored(text).unwrap_err();
        assert_eq!(&*refused.text, text);
    }
}

proptest! {
    #[test]
    fn all_of_time_has_a_stored_form(
        micros in -62_135_424_000_000_000..=253_402_128_000_000_000_i64,
    ) {
        let at = Timestamp::from_micros(micros).unwrap();
        let text = at.to_string();
        prop_assert_eq!(&text, &at.to_utc().format("%Y-%m-%d %H:%M:%S%.6f").to_string());
        prop_assert_eq!(Timestamp::parse_stored(&text).unwrap(), at);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,40}", digits in "[0-9 .:-]{19,26}") {
        for text in [text, digits] {
            if let Ok(at) = Timestamp::parse_stored(&text) {
                prop_assert_eq!(Timestamp::parse_stored(&at.to_string()), Ok(at));
            }
        }
    }

    #[test]
    fn stored_times_read_back_and_sort_as_they_are(
        a in 0..4_102_444_800_000_000_i64,
        b in 0..4_102_444_800_000_000_i64,
    ) {
        let (a, b) = (Timestamp::from_micros(a).unwrap(), Timestamp::from_micros(b).unwrap());
        prop_assert_eq!(Timestamp::parse_stored(&a.to_string()).unwrap(), a);
        prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
    }
}
