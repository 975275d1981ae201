//! Users, where it matters that one writer decides, and failed logins.

use crate::support::{Place, now, user};
use chrono::Duration;
use openalgo_core::rule::throttle::{Subject, SubjectKind, Tally};

#[tokio::test]
async fn one_of_those_who_ask_at_once_is_the_admin() {
    let place = Place::new();
    let store = place.create();
    let (one, two) = tokio::join!(user(&store, "one"), user(&store, "two"));
    assert_ne!(one.is_admin, two.is_admin);
    let later = user(&store, "later").await;
    assert!(!later.is_admin);
    let users = store.users();
    for inserted in [&one, &two, &later] {
        let stored = users.get(inserted.id).await.unwrap();
        assert_eq!(stored.is_admin, inserted.is_admin);
    }
    let owner = if one.is_admin { one } else { two };
    assert_eq!(users.owner().await.unwrap().unwrap().id, owner.id);
}

#[tokio::test]
async fn a_one_time_code_is_used_by_one_of_two() {
    let place = Place::new();
    let store = place.create();
    let users = store.users();
    let id = user(&store, "owner").await.id;
    let (one, two) = tokio::join!(users.use_totp_step(id, 7), users.use_totp_step(id, 7));
    assert_ne!(one.unwrap(), two.unwrap());
}

#[tokio::test]
async fn failed_logins_are_kept_until_they_are_old() {
    let place = Place::new();
    let store = place.create();
    let failures = store.login_failures();
    let begin = now(&place);
    let tally = |name: &str, failures, seconds| {
        let subject = Subject {
            kind: SubjectKind::Address,
            name: name.into(),
        };
        let last = begin.plus(Duration::seconds(seconds));
        (subject, Tally { failures, last })
    };
    let (old, kept) = (tally("192.0.2.1", 1, 0), tally("192.0.2.2", 2, 10));
    failures.keep(&[old, kept.clone()], begin).await.unwrap();
    let again = [tally("192.0.2.2", 3, 20)];
    let since = begin.plus(Duration::seconds(5));
    failures.keep(&again, since).await.unwrap();
    assert_eq!(failures.recent(begin).await.unwrap(), again);
    store.close().await;
    let store = place.open();
    let failures = store.login_failures();
    assert_eq!(failures.recent(since).await.unwrap(), again);
    let later = begin.plus(Duration::seconds(21));
    assert_eq!(failures.recent(later).await.unwrap(), []);
}
