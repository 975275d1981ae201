//! The suite of [`LoginFailureRepository`](crate::port::LoginFailureRepository).

use super::Repositories;
use crate::market::Timestamp;
use crate::port::Clock;
use crate::rule::throttle::{Subject, SubjectKind, Tally};
use chrono::Duration;

/// Runs the suite of failed logins; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! login_failure_contract {
    ($run:path) => {
        $crate::contract_cases! { login_failures on $run:
            tallies_come_back_from_the_oldest,
            a_tally_replaces_that_of_its_subject,
            what_is_old_is_dropped_when_others_are_kept,
        }
    };
}

fn tally(name: &str, failures: u32, last: Timestamp) -> (Subject, Tally) {
    let subject = Subject {
        kind: SubjectKind::Address,
        name: name.into(),
    };
    (subject, Tally { failures, last })
}

fn seconds_later(store: &Repositories, seconds: i64) -> Timestamp {
    store.clock.now().plus(Duration::seconds(seconds))
}

/// A tally that changed at the very instant asked for is among them.
pub async fn tallies_come_back_from_the_oldest(store: &Repositories) {
    let begin = store.clock.now();
    let (first, second) = (begin, seconds_later(store, 10));
    let (newer, older) = (tally("newer", 2, second), tally("older", 1, first));
    let both = [newer.clone(), older.clone()];
    store.login_failures.keep(&both, begin).await.unwrap();
    let recent = store.login_failures.recent(first).await.unwrap();
    assert_eq!(recent, [older, newer.clone()]);
    let recent = store.login_failures.recent(second).await.unwrap();
    assert_eq!(recent, [newer]);
    let later = seconds_later(store, 11);
    assert_eq!(store.login_failures.recent(later).await.unwrap(), []);
}

/// An account and an address of the same name are two subjects.
pub async fn a_tally_replaces_that_of_its_subject(store: &Repositories) {
    let begin = store.clock.now();
    let account = Subject {
        kind: SubjectKind::Account,
        name: "name".into(),
    };
    let (_, first) = tally("name", 1, begin);
    let kept = [tally("name", 4, begin), (account.clone(), first)];
    store.login_failures.keep(&kept, begin).await.unwrap();
    let changed = tally("name", 5, seconds_later(store, 1));
    let again = [changed.clone()];
    store.login_failures.keep(&again, begin).await.unwrap();
    let recent = store.login_failures.recent(begin).await.unwrap();
    assert_eq!(recent, [(account, first), changed]);
}

/// Keeping nothing new drops what is old, too.
pub async fn what_is_old_is_dropped_when_others_are_kept(store: &Repositories) {
    let begin = store.clock.now();
    let (old, young) = (
        tally("old", 1, begin),
        tally("young", 1, seconds_later(store, 10)),
    );
    let both = [old, young.clone()];
    store.login_failures.keep(&both, begin).await.unwrap();
    let since = seconds_later(store, 10);
    store.login_failures.keep(&[], since).await.unwrap();
    let recent = store.login_failures.recent(begin).await.unwrap();
    assert_eq!(recent, [young]);
}
