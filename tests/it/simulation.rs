//! Two hundred days in a world where everything goes wrong that can, and the proof that the world
//! would notice a missing safeguard.

#[path = "../../examples/simulate/world.rs"]
mod world;

use crate::memory;
use std::collections::BTreeMap;
use world::{Fault, Options, Report, Sabotage, live};

const DAYS: u64 = 200;

/// The day of each seed, on two threads.
fn days() -> Vec<(u64, Report)> {
    let half = |first: u64| {
        let seeds = (first..=DAYS).step_by(2);
        let days = seeds.map(|seed| (seed, live(seed, Options::default())));
        days.collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let odd = scope.spawn(move || half(1));
        let mut days = half(2);
        days.extend(odd.join().unwrap());
        days
    })
}

#[test]
fn every_order_is_decided_exactly_once_whatever_goes_wrong() {
    let mut on_days: BTreeMap<Fault, u64> = BTreeMap::new();
    for (seed, report) in days() {
        let Report {
            violations,
            operations,
            faults,
            ..
        } = report;
        assert!(
            violations.is_empty(),
            "`cargo run --example simulate -- --seed {seed} --trace` shows: {violations:#?}"
        );
        assert!(operations >= 300, "seed {seed} has {operations} operations");
        for fault in faults.into_keys() {
            *on_days.entry(fault).or_default() += 1;
        }
    }
    for fault in Fault::ALL {
        let days = on_days.get(&fault).copied().unwrap_or_default();
        assert!(days * 5 >= DAYS, "{fault} occurs on {days} of {DAYS} days");
    }
}

/// A pass over the order book and the retry of an answer waited for each other.
#[test]
fn a_day_on_which_everybody_waited_comes_to_its_end() {
    let report = live(1_257, Options::default());
    assert_eq!(report.violations, Vec::<String>::new());
}

/// Two people let the same order go, one in vain, the other at the very same instant.
#[test]
fn a_day_on_which_one_of_two_approvals_was_in_vain_is_no_violation() {
    let report = live(7_258, Options::default());
    assert_eq!(report.violations, Vec::<String>::new());
}

#[test]
fn the_same_seed_writes_the_same_journal() {
    for seed in 1..=10 {
        let options = Options {
            trace: true,
            ..Options::default()
        };
        let [one, other] = [(); 2].map(|()| live(seed, options));
        assert!(!one.journal.is_empty());
        assert_eq!(one.journal, other.journal, "seed {seed}");
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(one.steps, other.steps, "seed {seed}");
    }
}

#[test]
fn a_missing_safeguard_is_noticed() {
    for sabotage in [
        Sabotage::Idempotency,
        Sabotage::Claim,
        Sabotage::Journal,
        Sabotage::GttClaim,
        Sabotage::Decision,
    ] {
        let options = Options {
            sabotage: Some(sabotage),
            ..Options::default()
        };
        let is_noticed = (1..=60).any(|seed| !live(seed, options).violations.is_empty());
        assert!(is_noticed, "{sabotage:?}");
    }
}
