//! The suite of [`RiskRepository`](crate::port::RiskRepository).

use super::Repositories;
use super::given::{is_missing, nobody, share, user};
use crate::account::{Halt, LimitAmount, RiskLimits, SymbolRule};
use crate::id::UserId;
use crate::monitor::{AuditAction, AuditEntry, Author, Surface};
use crate::port::{AuditQuery, Clock};
use crate::value::Quantity;
use std::num::NonZeroU32;

/// Runs the suite of limits and the kill switch; see
/// [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! risk_contract {
    ($run:path) => {
        $crate::contract_cases! { risk on $run:
            a_new_user_has_no_limits_and_may_trade,
            limits_are_replaced_as_a_whole,
            a_change_of_limits_and_its_audit_entry_are_one,
            a_halt_is_kept_until_it_ends,
            a_halt_and_its_audit_entry_are_one,
            limits_and_the_switch_do_not_touch_each_other,
            a_halt_is_of_one_user,
            only_somebody_has_limits,
        }
    };
}

fn amount(text: &str) -> LimitAmount {
    LimitAmount::try_new(text.parse().unwrap()).unwrap()
}

fn limits() -> RiskLimits {
    let rules = [
        (share("INFY"), SymbolRule::Allow),
        (share("RELIANCE"), SymbolRule::Deny),
    ];
    RiskLimits {
        order_value: Some(amount("100000.05")),
        order_quantity: Some(Quantity::try_new(500).unwrap()),
        daily_loss: Some(amount("0.0001")),
        daily_orders: Some(40),
        orders_per_second: NonZeroU32::new(7),
        symbols: rules.into_iter().collect(),
    }
}

fn halt(store: &Repositories) -> Halt {
    Halt {
        reason: "prices look wrong".parse().unwrap(),
        since: store.clock.now(),
    }
}

fn entry(store: &Repositories, by: Option<UserId>) -> AuditEntry {
    AuditEntry {
        by: Author {
            user: by,
            surface: Surface::Cli,
        },
        action: AuditAction::RiskHalt,
        object: "user 1".into(),
        detail: None,
        at: store.clock.now(),
    }
}

async fn set(store: &Repositories, user: UserId, limits: &RiskLimits) {
    let entry = AuditEntry {
        action: AuditAction::RiskLimit,
        ..entry(store, Some(user))
    };
    store.risk.set_limits(user, limits, &entry).await.unwrap();
}

async fn turn(store: &Repositories, user: UserId, halt: Option<Halt>) {
    let entry = entry(store, Some(user));
    store.risk.set_halt(user, halt, &entry).await.unwrap();
}

/// Nothing binds a user of whom nothing was said.
pub async fn a_new_user_has_no_limits_and_may_trade(store: &Repositories) {
    let user = user(store, "owner").await;
    let found = store.risk.limits(user).await.unwrap();
    assert_eq!(found, RiskLimits::default());
    assert_eq!(store.risk.halt(user).await.unwrap(), None);
}

/// What was said comes back exactly, and what is said next takes its place.
pub async fn limits_are_replaced_as_a_whole(store: &Repositories) {
    let user = user(store, "owner").await;
    set(store, user, &limits()).await;
    assert_eq!(store.risk.limits(user).await.unwrap(), limits());
    let fewer = RiskLimits {
        daily_orders: Some(1),
        symbols: [(share("INFY"), SymbolRule::Deny)].into_iter().collect(),
        ..RiskLimits::default()
    };
    set(store, user, &fewer).await;
    assert_eq!(store.risk.limits(user).await.unwrap(), fewer);
}

/// A change is on record; one that cannot be put on record does not happen.
pub async fn a_change_of_limits_and_its_audit_entry_are_one(store: &Repositories) {
    let user = user(store, "owner").await;
    let nobodys = entry(store, Some(nobody()));
    let refused = store.risk.set_limits(user, &limits(), &nobodys).await;
    assert!(is_missing(&refused));
    let found = store.risk.limits(user).await.unwrap();
    assert_eq!(found, RiskLimits::default());
    set(store, user, &limits()).await;
    let query = AuditQuery {
        user: None,
        limit: 9,
    };
    let listed = store.audit_log.list(query).await.unwrap();
    let actions: Vec<_> = listed.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [AuditAction::RiskLimit]);
}

/// The switch is on with reason and time until it goes off.
pub async fn a_halt_is_kept_until_it_ends(store: &Repositories) {
    let (user, halt) = (user(store, "owner").await, halt(store));
    turn(store, user, Some(halt.clone())).await;
    assert_eq!(store.risk.halt(user).await.unwrap(), Some(halt));
    turn(store, user, None).await;
    assert_eq!(store.risk.halt(user).await.unwrap(), None);
}

/// A halt is on record; one that cannot be put on record does not happen.
pub async fn a_halt_and_its_audit_entry_are_one(store: &Repositories) {
    let (user, halt) = (user(store, "owner").await, halt(store));
    let nobodys = entry(store, Some(nobody()));
    let refused = store
        .risk
        .set_halt(user, Some(halt.clone()), &nobodys)
        .await;
    assert!(is_missing(&refused));
    assert_eq!(store.risk.halt(user).await.unwrap(), None);
    let query = AuditQuery {
        user: None,
        limit: 9,
    };
    assert_eq!(store.audit_log.list(query).await.unwrap(), []);
    turn(store, user, Some(halt)).await;
    let listed = store.audit_log.list(query).await.unwrap();
    assert_eq!(listed, [entry(store, Some(user))]);
}

/// Neither is lost when the other changes, whichever was there first.
pub async fn limits_and_the_switch_do_not_touch_each_other(store: &Repositories) {
    let (first, halt) = (user(store, "first").await, halt(store));
    turn(store, first, Some(halt.clone())).await;
    set(store, first, &limits()).await;
    assert_eq!(store.risk.halt(first).await.unwrap(), Some(halt.clone()));
    let second = user(store, "second").await;
    set(store, second, &limits()).await;
    turn(store, second, Some(halt)).await;
    assert_eq!(store.risk.limits(second).await.unwrap(), limits());
}

/// Others go on trading, without the limits of one.
pub async fn a_halt_is_of_one_user(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    turn(store, one, Some(halt(store))).await;
    set(store, one, &limits()).await;
    assert_eq!(store.risk.halt(other).await.unwrap(), None);
    let found = store.risk.limits(other).await.unwrap();
    assert_eq!(found, RiskLimits::default());
}

/// A user who is not there is named, not invented.
pub async fn only_somebody_has_limits(store: &Repositories) {
    let entry = entry(store, None);
    let refused = store.risk.set_limits(nobody(), &limits(), &entry).await;
    assert!(is_missing(&refused));
    let refused = store
        .risk
        .set_halt(nobody(), Some(halt(store)), &entry)
        .await;
    assert!(is_missing(&refused));
}
