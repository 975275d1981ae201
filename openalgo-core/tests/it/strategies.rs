//! What strategies, sessions and approvals can be.

use openalgo_core::account::Session;
use openalgo_core::id::{SessionId, SessionTokenId, StrategyName, UserId};
use openalgo_core::market::{TimeOfDay, Timestamp};
use openalgo_core::port::Clock;
use openalgo_core::strategy::{Approval, ApprovalStatus, Schedule, TradingHours, WebhookId};
use openalgo_core::testing::FakeClock;
use secrecy::SecretString;

fn at(text: &str) -> Timestamp {
    FakeClock::at(text).now()
}

fn time(text: &str) -> TimeOfDay {
    text.parse().unwrap()
}

#[test]
fn a_time_of_day_is_read_as_it_is_written() {
    for text in ["00:00", "09:15", "23:59"] {
        assert_eq!(time(text).to_string(), text);
    }
    for text in ["", "9:15", "09:15:00", "24:00", "12:60", " 09:15", "noon"] {
        let error = text.parse::<TimeOfDay>().unwrap_err().to_string();
        assert_eq!(error, format!("'{text}' is not a time such as 09:15"));
    }
    assert!(time("09:59") < time("10:00"));
}

#[test]
fn hours_follow_each_other() {
    let hours =
        |start, end, square_off| TradingHours::try_new(time(start), time(end), time(square_off));
    for (start, end, square_off) in [
        ("09:15", "15:00", "15:15"),
        ("09:15", "09:16", "09:16"),
        ("09:00", "23:30", "23:30"),
    ] {
        let hours = hours(start, end, square_off).unwrap();
        assert_eq!(hours.start(), time(start));
        assert_eq!(hours.end(), time(end));
        assert_eq!(hours.square_off(), time(square_off));
        assert_eq!(Schedule::Intraday(hours).hours(), Some(hours));
    }
    for (start, end, square_off) in [
        ("09:15", "09:15", "15:15"),
        ("15:00", "09:15", "15:15"),
        ("09:15", "15:15", "15:00"),
    ] {
        let error = hours(start, end, square_off).unwrap_err().to_string();
        assert!(error.contains("start before end"), "{error}");
        assert!(
            error.contains(&format!("square-off {square_off}")),
            "{error}"
        );
    }
    assert_eq!(Schedule::Positional.hours(), None);
}

#[test]
fn a_webhook_id_is_never_shown() {
    let text = "3f2a9c4e-unguessable";
    let id: WebhookId = text.parse().unwrap();
    assert_eq!(id.as_str(), text);
    assert!(!format!("{id:?}").contains(text));
    for text in ["", "fifteen-letters", "with a blank in it", &"x".repeat(65)] {
        let error = text.parse::<WebhookId>().unwrap_err().to_string();
        assert!(text.is_empty() || !error.contains(text), "{error}");
    }
    assert!("x".repeat(64).parse::<WebhookId>().is_ok());
}

#[test]
fn names_of_strategies_are_short_and_plain() {
    for name in ["abc", "tradingview_Opening range-2", &"x".repeat(64)] {
        assert_eq!(name.parse::<StrategyName>().unwrap().as_str(), name);
    }
    for name in ["ab", " abc", "abc ", "a\nb", "a/b", "näh", &"x".repeat(65)] {
        assert!(name.parse::<StrategyName>().is_err(), "{name}");
    }
}

#[test]
fn a_session_token_id_is_long_enough_to_be_random() {
    assert!("0123456789abcdef".parse::<SessionTokenId>().is_ok());
    for id in ["0123456789abcde", "0123456789abcde.", &"x".repeat(65)] {
        assert!(id.parse::<SessionTokenId>().is_err(), "{id}");
    }
}

#[test]
fn a_session_holds_before_it_expires_unless_it_was_ended() {
    let expires_at = at("2026-11-26T03:00:00+05:30");
    let mut session = Session {
        id: SessionId::new(1),
        token_id: "0123456789abcdef".parse().unwrap(),
        user: UserId::new(1),
        broker: None,
        token: SecretString::from("token"),
        feed_token: None,
        device: None,
        created_at: expires_at,
        last_used_at: expires_at,
        expires_at,
        is_active: true,
    };
    let before = Timestamp::from_micros(expires_at.to_micros() - 1).unwrap();
    assert!(session.holds_at(before) && !session.holds_at(expires_at));
    session.is_active = false;
    assert!(!session.holds_at(before));
}

#[test]
fn an_approval_has_the_word_of_its_state() {
    let at = at("2026-11-25T10:30:00+05:30");
    let reason = None;
    let words = [
        Approval::Pending,
        Approval::Approved { at },
        Approval::Rejected { at, reason },
        Approval::Expired,
    ]
    .map(|approval| approval.status());
    assert_eq!(words, ApprovalStatus::ALL);
}
