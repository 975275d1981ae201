//! Logins that are slowed down, and those that never are.

use chrono::Duration;
use openalgo_core::account::LoginAddress;
use openalgo_core::id::SessionId;
use openalgo_core::market::Timestamp;
use openalgo_core::port::Clock;
use openalgo_core::rule::throttle::{
    FORGOTTEN_AFTER, LONGEST_WAIT, LoginAttempt, LoginPlace, LoginThrottle, REMEMBERED,
};
use openalgo_core::testing::FakeClock;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// The free ones, the six on the way to the longest wait, and one a minute.
const GUESSES_AN_HOUR: usize = 5 + 6 + 60;

fn start() -> Timestamp {
    FakeClock::at("2026-11-25T10:30:00+05:30").now()
}

fn seconds(seconds: i64) -> Duration {
    Duration::seconds(seconds)
}

fn from(place: LoginPlace) -> LoginAttempt {
    LoginAttempt {
        account: "owner".parse().unwrap(),
        place,
    }
}

/// Somebody at the address of this number.
fn stranger(number: u32) -> LoginAttempt {
    let address = IpAddr::from(Ipv4Addr::from(0x0a00_0000 + number));
    from(LoginPlace::Address(address.into()))
}

fn device(session: i64) -> LoginAttempt {
    from(LoginPlace::Device(SessionId::new(session)))
}

/// What comes of it does not matter here.
fn ask(_: Result<(), Duration>) {}

/// How many of `attempts` are let through one after the other at the same moment.
fn at_once(throttle: &mut LoginThrottle, attempt: &LoginAttempt, now: Timestamp) -> usize {
    (0..100)
        .take_while(|_| throttle.admit(attempt, now).is_ok())
        .count()
}

#[test]
fn a_few_failures_cost_nothing_and_then_each_doubles_the_wait() {
    let mut throttle = LoginThrottle::default();
    let mut now = start();
    assert_eq!(at_once(&mut throttle, &stranger(1), now), 5);
    for wait in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        assert_eq!(throttle.admit(&stranger(1), now), Err(seconds(wait)));
        let early = now.plus(seconds(wait)).plus(-Duration::milliseconds(1));
        assert!(throttle.admit(&stranger(1), early).is_err());
        now = now.plus(seconds(wait));
        assert_eq!(throttle.admit(&stranger(1), now), Ok(()));
    }
}

#[test]
fn one_that_was_right_costs_nothing_however_often() {
    let mut throttle = LoginThrottle::default();
    for _ in 0..100 {
        assert_eq!(throttle.admit(&stranger(1), start()), Ok(()));
        assert_eq!(throttle.admit_code(&stranger(1), start()), Ok(()));
        throttle.forgive_code(&stranger(1));
        throttle.forgive(&stranger(1));
    }
}

#[test]
fn a_right_one_does_not_make_up_for_the_wrong_ones_before() {
    let mut throttle = LoginThrottle::default();
    assert_eq!(at_once(&mut throttle, &stranger(1), start()), 5);
    let later = start().plus(seconds(1));
    let insider = LoginAttempt {
        account: "insider".parse().unwrap(),
        ..stranger(1)
    };
    throttle.admit(&insider, later).unwrap();
    throttle.forgive(&insider);
    assert!(throttle.admit(&stranger(1), later).is_err());
}

#[test]
fn quiet_time_makes_up_for_failures() {
    let mut throttle = LoginThrottle::default();
    let mut now = start();
    while now < start().plus(Duration::hours(2)) {
        ask(throttle.admit(&stranger(1), now));
        now = now.plus(seconds(1));
    }
    let waits = |minutes| {
        let later = now.plus(Duration::minutes(minutes));
        at_once(&mut throttle.clone(), &stranger(1), later)
    };
    assert_eq!((waits(59), waits(85)), (1, 2));
    assert_eq!(waits(FORGOTTEN_AFTER.num_minutes()), 5);
}

#[test]
fn a_device_of_the_owner_does_not_notice_strangers() {
    let mut throttle = LoginThrottle::default();
    for number in 0..200 {
        at_once(&mut throttle, &stranger(number), start());
    }
    assert!(throttle.admit(&stranger(201), start()).is_err());
    assert_eq!(at_once(&mut throttle, &device(1), start()), 5);
    assert_eq!(at_once(&mut throttle, &device(2), start()), 5);
}

#[test]
fn strangers_share_one_turn_for_codes_and_devices_do_not() {
    let mut throttle = LoginThrottle::default();
    let mut now = start();
    let mut looked_at = 0;
    for second in 0..3_600 {
        now = now.plus(seconds(1));
        let who = stranger(second % 200);
        looked_at += usize::from(throttle.admit_code(&who, now).is_ok());
    }
    assert!(looked_at <= 3 + 6 + 60, "{looked_at} codes in an hour");
    assert_eq!(throttle.admit_code(&device(1), now), Ok(()));
}

#[test]
fn a_restart_does_not_shorten_the_way() {
    let mut throttle = LoginThrottle::default();
    at_once(&mut throttle, &stranger(1), start());
    at_once(&mut throttle, &stranger(2), start());
    ask(throttle.admit_code(&stranger(1), start()));
    let kept = [1, 2].map(|number| throttle.tallies_of(&stranger(number)));
    let mut again = LoginThrottle::restore(kept.into_iter().flatten());
    for number in [1, 2, 3] {
        let attempt = stranger(number);
        let (before, after) = (
            throttle.admit(&attempt, start()),
            again.admit(&attempt, start()),
        );
        assert!(before.is_err());
        assert_eq!(before, after);
    }
    assert_eq!(throttle.tallies_of(&stranger(1)).len(), 3);
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out() {
    let mut throttle = LoginThrottle::default();
    at_once(&mut throttle, &stranger(1), start());
    let yesterday = start().plus(-Duration::days(1));
    let wait = throttle.admit(&stranger(1), yesterday).unwrap_err();
    assert_eq!(wait, seconds(1));
    assert_eq!(throttle.admit(&stranger(1), yesterday.plus(wait)), Ok(()));
}

/// A botnet larger than what is remembered: each of its hosts that waits is forgotten for another.
#[test]
fn all_strangers_together_get_no_more_than_is_remembered_in_a_minute() {
    let mut throttle = LoginThrottle::default();
    let mut admitted = Vec::new();
    for second in 0..600 {
        let now = start().plus(seconds(second));
        for host in 0..40 {
            let host = stranger(u32::try_from(second).unwrap() * 40 % 1_200 + host);
            if throttle.admit(&host, now).is_ok() {
                admitted.push(second);
            }
        }
    }
    // The first minute has the free ones.
    let settled = |minute: i64| {
        let seconds = minute * 60..(minute + 1) * 60;
        admitted.iter().filter(|at| seconds.contains(at)).count()
    };
    assert!((1..10).all(|minute| settled(minute) <= REMEMBERED));
}

#[test]
fn an_ipv6_network_is_one_address() {
    let address = |text: &str| LoginAddress::from(text.parse::<IpAddr>().unwrap());
    assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
    assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
    assert_eq!(address("::ffff:203.0.113.7"), address("203.0.113.7"));
    assert_eq!(address("2001:db8:1:2::1").to_string(), "2001:db8:1:2::/64");
}

proptest! {
    /// However an attacker at one address times the attempts, and from whatever state they begin.
    #[test]
    fn an_address_gets_few_guesses_in_any_hour(
        gaps in prop::collection::vec(prop_oneof![0_i64..3, 20_i64..70, 500_i64..2_000], 1..600),
    ) {
        let mut throttle = LoginThrottle::default();
        let mut now = start();
        let mut admitted: Vec<Timestamp> = Vec::new();
        for gap in gaps {
            now = now.plus(seconds(gap));
            if throttle.admit(&stranger(1), now).is_ok() {
                admitted.push(now);
            }
        }
        for begin in &admitted {
            let end = begin.plus(Duration::hours(1));
            let within = admitted.iter().filter(|at| (*begin..end).contains(at)).count();
            prop_assert!(within <= GUESSES_AN_HOUR, "{within} in an hour");
        }
    }

    /// Whatever strangers do before the owner comes and while the owner waits.
    #[test]
    fn the_owner_waits_once_and_never_longer_than_the_bound(
        before in prop::collection::vec((0_u32..200, 0_i64..5_000), 0..400),
        while_waiting in prop::collection::vec(0_u32..200, 0..200),
        known in any::<bool>(),
    ) {
        let mut throttle = LoginThrottle::default();
        let mut now = start();
        for (who, millis) in before {
            now = now.plus(Duration::milliseconds(millis));
            ask(throttle.admit(&stranger(who), now));
        }
        let owner = if known { device(1) } else { stranger(1_000) };
        let begin = now;
        let mut strangers = while_waiting.into_iter();
        // The wait grows while strangers go on; what counts is the whole of it.
        while let Err(wait) = throttle.admit(&owner, now) {
            prop_assert!(!known);
            for who in strangers.by_ref().take(20) {
                ask(throttle.admit(&stranger(who), now));
            }
            now = now.plus(wait);
            prop_assert!(now.since(begin) <= LONGEST_WAIT);
        }
    }
}
