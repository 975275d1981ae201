//! Calls about limits of risk and the kill switch.

use super::answer::plain;
use super::call::someone;
use openalgo::core::account::{Halt, LimitAmount, RiskLimits, SymbolRule};
use openalgo::core::id::UserId;
use openalgo::core::monitor::{AuditAction, AuditEntry, Author, Surface};
use openalgo_core::testing::contract::Repositories;
use openalgo_core::testing::sample::{at, instrument, money, units};
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::num::NonZeroU32;

#[derive(Debug, Clone)]
pub(super) enum Risk {
    Limits(UserId),
    SetLimits(UserId, RiskLimits, UserId),
    Halt(UserId),
    SetHalt(UserId, Option<&'static str>, UserId),
}

fn limits() -> impl Strategy<Value = RiskLimits> {
    let amount = || {
        let amount = select(vec!["0.0001", "50000.05"]);
        option::of(amount.prop_map(|it| LimitAmount::try_new(money(it)).unwrap()))
    };
    let symbol = select(vec!["INFY", "M&M"]).prop_map(instrument);
    let symbols = btree_map(symbol, select(SymbolRule::ALL), 0..3);
    let counts = (
        option::of(0..3_i64),
        option::of(0..3_u32),
        option::of(1..3_u32),
    );
    let limits = (amount(), amount(), counts, symbols);
    limits.prop_map(|(order_value, daily_loss, counts, symbols)| RiskLimits {
        order_value,
        order_quantity: counts.0.map(units),
        daily_loss,
        daily_orders: counts.1,
        orders_per_second: counts.2.and_then(NonZeroU32::new),
        symbols,
    })
}

pub(super) fn risk() -> impl Strategy<Value = Risk> {
    let reason = option::of(select(vec!["enough", "restored"]));
    prop_oneof![
        1 => someone().prop_map(Risk::Limits),
        3 => (someone(), limits(), someone())
            .prop_map(|(user, limits, by)| Risk::SetLimits(user, limits, by)),
        1 => someone().prop_map(Risk::Halt),
        2 => (someone(), reason, someone())
            .prop_map(|(user, reason, by)| Risk::SetHalt(user, reason, by)),
    ]
}

pub(super) fn entry(by: UserId, action: AuditAction) -> AuditEntry {
    AuditEntry {
        by: Author {
            user: Some(by),
            surface: Surface::Rest,
        },
        action,
        object: "user 1".into(),
        detail: None,
        at: at(0),
    }
}

impl Risk {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        let risk = &store.risk;
        match self {
            Self::Limits(user) => plain(risk.limits(*user).await),
            Self::SetLimits(user, limits, by) => {
                let entry = entry(*by, AuditAction::RiskLimit);
                plain(risk.set_limits(*user, limits, &entry).await)
            }
            Self::Halt(user) => plain(risk.halt(*user).await),
            Self::SetHalt(user, reason, by) => {
                let halt = reason.map(|reason| Halt {
                    reason: reason.parse().unwrap(),
                    since: at(0),
                });
                let entry = entry(*by, AuditAction::RiskHalt);
                plain(risk.set_halt(*user, halt, &entry).await)
            }
        }
    }
}
