//! The kill switch and the audit log: what only somebody with the key can do to their rows.

use crate::support::{Place, now, only_finding, user};
use diesel::connection::SimpleConnection;
use openalgo_core::account::{Halt, User};
use openalgo_core::monitor::{AuditAction, AuditEntry, Author, Surface};
use openalgo_core::port::{AuditQuery, StoreError};
use openalgo_store::Store;

/// A user who is halted.
async fn halted() -> (Place, Store, User) {
    let place = Place::new();
    let store = place.create();
    let owner = user(&store, "owner").await;
    let halt = Halt {
        reason: "enough".parse().unwrap(),
        since: now(&place),
    };
    let entry = entry(&place, &owner);
    let risk = store.risk();
    risk.set_halt(owner.id, Some(halt), &entry).await.unwrap();
    assert!(store.check().await.unwrap().is_sound());
    (place, store, owner)
}

fn entry(place: &Place, owner: &User) -> AuditEntry {
    AuditEntry {
        by: Author {
            user: Some(owner.id),
            surface: Surface::Cli,
        },
        action: AuditAction::RiskHalt,
        object: "user 1".into(),
        detail: None,
        at: now(place),
    }
}

/// What is put into cells, and what is found then.
const DAMAGES: [(&str, &str); 8] = [
    (
        "kill_switch = 2",
        "kill_switch of row 1 is damaged: it is neither 0 nor 1",
    ),
    (
        "kill_switch = -1",
        "kill_switch of row 1 is damaged: it is neither 0 nor 1",
    ),
    (
        "kill_switch = 'off'",
        "kill_switch of row 1 is damaged: it is not a whole number",
    ),
    (
        "kill_switch = x'00'",
        "kill_switch of row 1 is damaged: it is not a whole number",
    ),
    (
        "kill_reason = NULL",
        "kill_reason of row 1 is damaged: it is missing though the switch is on",
    ),
    (
        "kill_reason = ''",
        "kill_reason of row 1 is damaged: a reason must be one line",
    ),
    (
        "kill_since = NULL",
        "kill_since of row 1 is damaged: it is missing though the switch is on",
    ),
    (
        "kill_since = 'soon'",
        "kill_since of row 1 is damaged: 'soon' is not a time",
    ),
];

/// None of them reads as a switch that is off.
#[tokio::test]
async fn a_damaged_switch_is_an_error_and_named() {
    let (place, store, owner) = halted().await;
    let good = store.risk().halt(owner.id).await.unwrap().unwrap();
    let good = format!(
        "kill_switch = 1, kill_reason = 'enough', kill_since = '{}'",
        good.since
    );
    let mut c = place.raw();
    for (damage, expected) in DAMAGES {
        let set = |cells: &str| format!("UPDATE risk_limits SET {cells}");
        c.batch_execute(&set(damage)).unwrap();
        let read = store.risk().halt(owner.id).await;
        let is_named = matches!(
            read,
            Err(StoreError::Corrupt {
                table: "risk_limits",
                ..
            })
        );
        assert!(is_named, "{damage}: {read:?}");
        let finding = only_finding(&store, "values").await;
        let expected = format!("risk_limits.{expected}");
        assert!(finding.starts_with(&expected), "{finding}");
        c.batch_execute(&set(&good)).unwrap();
    }
    assert!(store.check().await.unwrap().is_sound());
}

const BAD_LIMITS: [(&str, &str); 5] = [
    ("max_order_value = 0", "max_order_value of row 1 is damaged"),
    (
        "max_order_quantity = -1",
        "max_order_quantity of row 1 is damaged",
    ),
    (
        "max_daily_loss = 'much'",
        "max_daily_loss of row 1 is damaged",
    ),
    (
        "max_daily_orders = 1.5",
        "max_daily_orders of row 1 is damaged",
    ),
    (
        "max_orders_per_second = 0",
        "max_orders_per_second of row 1 is damaged: it is zero",
    ),
];

/// None of them reads as the absence of a limit.
#[tokio::test]
async fn a_damaged_limit_is_an_error_and_named() {
    let (place, store, owner) = halted().await;
    let mut c = place.raw();
    for (damage, expected) in BAD_LIMITS {
        let (column, _) = damage.split_once(' ').unwrap();
        let set = |cells: &str| format!("UPDATE risk_limits SET {cells}");
        c.batch_execute(&set(damage)).unwrap();
        let read = store.risk().limits(owner.id).await;
        assert!(
            matches!(read, Err(StoreError::Corrupt { column: named, .. }) if named == column),
            "{damage}: {read:?}"
        );
        let finding = only_finding(&store, "values").await;
        let expected = format!("risk_limits.{expected}");
        assert!(finding.starts_with(&expected), "{finding}");
        c.batch_execute(&set(&format!("{column} = NULL"))).unwrap();
    }
    assert!(store.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn the_audit_log_refuses_changes() {
    let (place, store, owner) = halted().await;
    for change in ["UPDATE audit_log SET at = at", "DELETE FROM audit_log"] {
        let refused = place.raw().batch_execute(change).unwrap_err();
        assert_eq!(refused.to_string(), "audit_log is append-only", "{change}");
    }
    let all = AuditQuery {
        user: None,
        limit: 9,
    };
    let listed = store.audit_log().list(all).await.unwrap();
    assert_eq!(listed, [entry(&place, &owner)]);
}

#[tokio::test]
async fn a_user_who_is_in_the_audit_log_stays() {
    let (place, store, owner) = halted().await;
    let other = user(&store, "other").await;
    let mut c = place.raw();
    c.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    let delete = |id| format!("DELETE FROM users WHERE id = {id}");
    c.batch_execute(&delete(other.id)).unwrap();
    let refused = c.batch_execute(&delete(owner.id)).unwrap_err();
    assert!(refused.to_string().contains("FOREIGN KEY"), "{refused}");
    assert_eq!(store.users().list().await.unwrap().len(), 1);
}
