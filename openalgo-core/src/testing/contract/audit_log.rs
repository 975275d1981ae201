//! The suite of [`AuditRepository`](crate::port::AuditRepository).

use super::Repositories;
use super::given::{is_missing, nobody, user};
use crate::id::UserId;
use crate::monitor::{AuditAction, AuditEntry, Author, Surface};
use crate::port::{AuditQuery, Clock};

/// Runs the suite of the audit log; see [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! audit_contract {
    ($run:path) => {
        $crate::contract_cases! { audit_log on $run:
            entries_come_back_the_newest_first,
            entries_of_one_user_can_be_listed,
            only_somebody_does_something,
        }
    };
}

fn entry(store: &Repositories, user: Option<UserId>, object: &str) -> AuditEntry {
    AuditEntry {
        by: Author {
            user,
            surface: Surface::Rest,
        },
        action: AuditAction::RiskResume,
        object: object.into(),
        detail: user.map(|_| "as agreed".into()),
        at: store.clock.now(),
    }
}

async fn listed(store: &Repositories, user: Option<UserId>, limit: u32) -> Vec<AuditEntry> {
    let query = AuditQuery { user, limit };
    store.audit_log.list(query).await.unwrap()
}

/// The newest come first, also of the same instant, and no more than asked for.
pub async fn entries_come_back_the_newest_first(store: &Repositories) {
    let user = user(store, "owner").await;
    let entries = [
        entry(store, Some(user), "user 1"),
        entry(store, None, "user 2"),
        entry(store, Some(user), "user 3"),
    ];
    for entry in &entries {
        store.audit_log.append(entry).await.unwrap();
    }
    let [first, second, third] = entries;
    let newest = [third.clone(), second.clone()];
    assert_eq!(listed(store, None, 2).await, newest);
    assert_eq!(listed(store, None, 9).await, [third, second, first]);
}

/// What others did, and what the program did by itself, is left out.
pub async fn entries_of_one_user_can_be_listed(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    for user in [Some(one), Some(other), None] {
        let entry = entry(store, user, "user 1");
        store.audit_log.append(&entry).await.unwrap();
    }
    let of_one = [entry(store, Some(one), "user 1")];
    assert_eq!(listed(store, Some(one), 9).await, of_one);
}

/// A user who is not there did nothing.
pub async fn only_somebody_does_something(store: &Repositories) {
    let entry = entry(store, Some(nobody()), "user 1");
    assert!(is_missing(&store.audit_log.append(&entry).await));
    assert_eq!(listed(store, None, 9).await, []);
}
