//! Calls about orders that wait for a person.

use super::answer::plain;
use super::call::{broker, number, someone};
use super::risk::entry;
use openalgo::core::id::{BrokerName, PendingOrderId, UserId};
use openalgo::core::monitor::{AuditAction, AuditEntry, BodyHash};
use openalgo::core::order::{
    GttLeg, GttLegs, NewOrder, OrderRequest, RequestKey, RequestKind, Side, TradingMode,
    TriggerSide,
};
use openalgo::core::strategy::{
    ApprovalStatus, BasketPlace, Decision, NewPendingOrder, PendingGtt,
};
use openalgo_core::testing::contract::Repositories;
use openalgo_core::testing::sample::{at, instrument, price, units};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Debug, Clone)]
pub(super) enum Pending {
    Insert(Vec<NewPendingOrder>),
    Get(i64),
    List(UserId, Option<ApprovalStatus>),
    Find(UserId, &'static str, i64),
    FindRequest(UserId, &'static str, i64),
    Decide(i64, Decision, UserId, i64),
    NextExpiry,
    Expire(i64),
    Delete(i64, UserId),
}

const CLIENT_IDS: [&str; 2] = ["client-1", "client-2"];

fn client_id() -> impl Strategy<Value = &'static str> {
    select(&CLIENT_IDS[..])
}

fn asked() -> impl Strategy<Value = NewPendingOrder> {
    let rest = (option::of(-1..6_i64), option::of(0..3_u32), any::<bool>());
    let asked = (someone(), broker(), option::of(client_id()), rest);
    asked.prop_map(
        |(user, broker, id, (minutes, row, is_smart)): (_, BrokerName, _, _)| NewPendingOrder {
            user,
            broker,
            mode: TradingMode::Live,
            order: NewOrder {
                client_order_id: id.map(|id| id.parse().unwrap()),
                ..NewOrder::market(instrument("M&M"), Side::Sell, units(3))
            },
            position_size: is_smart.then(|| (-7).try_into().unwrap()),
            gtt: row.filter(|_| is_smart).map(|_| gtt()),
            basket: row.map(|row| BasketPlace {
                basket: "basket".parse().unwrap(),
                row,
            }),
            request: id.filter(|_| is_smart).map(request),
            last_price: is_smart.then(|| price("1500.05")),
            expires_at: minutes.map(minute),
        },
    )
}

fn gtt() -> PendingGtt {
    let leg = GttLeg::new(TriggerSide::Above, price("1600.05"), Some(price("1601")));
    PendingGtt {
        legs: GttLegs::try_new(vec![leg]).unwrap(),
        trigger_id: Some("trigger".parse().unwrap()),
        expires_at: Some(minute(7)),
    }
}

/// The request that a part of it came from.
pub(super) fn request(id: &str) -> OrderRequest {
    OrderRequest {
        kind: RequestKind::Split,
        id: id.parse().unwrap(),
        body: BodyHash::new([7; 32]),
    }
}

pub(super) fn key(user: UserId, id: &str) -> RequestKey {
    RequestKey {
        user,
        kind: RequestKind::Split,
        id: id.parse().unwrap(),
    }
}

fn minute(minutes: i64) -> openalgo::core::market::Timestamp {
    at(minutes * 60)
}

pub(super) fn pending() -> impl Strategy<Value = Pending> {
    let reason = option::of(select(vec!["too large", "मत"]));
    let decision = prop_oneof![
        Just(Decision::Approve),
        Just(Decision::NothingToDo {
            why: "No action needed.".parse().unwrap()
        }),
        reason.prop_map(|reason| Decision::Reject {
            reason: reason.map(|text| text.parse().unwrap())
        }),
    ];
    let minutes = || -1..6_i64;
    prop_oneof![
        5 => prop::collection::vec(asked(), 0..3).prop_map(Pending::Insert),
        1 => number().prop_map(Pending::Get),
        1 => (someone(), option::of(select(ApprovalStatus::ALL)))
            .prop_map(|(user, status)| Pending::List(user, status)),
        2 => (someone(), client_id(), minutes())
            .prop_map(|(user, id, since)| Pending::Find(user, id, since)),
        2 => (someone(), client_id(), minutes())
            .prop_map(|(user, id, since)| Pending::FindRequest(user, id, since)),
        3 => (number(), decision, someone(), minutes())
            .prop_map(|(id, decision, by, at)| Pending::Decide(id, decision, by, at)),
        1 => Just(Pending::NextExpiry),
        1 => minutes().prop_map(Pending::Expire),
        2 => (number(), someone()).prop_map(|(id, by)| Pending::Delete(id, by)),
    ]
}

impl Pending {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        let orders = &store.pending_orders;
        let id = PendingOrderId::new;
        match self {
            Self::Insert(asked) => plain(orders.insert(asked).await),
            Self::Get(number) => plain(orders.get(id(*number)).await),
            Self::List(user, status) => plain(orders.list(*user, *status).await),
            Self::Find(user, text, since) => {
                let text = text.parse().unwrap();
                let found = orders.find_by_client_id(*user, &text, minute(*since));
                plain(found.await)
            }
            Self::FindRequest(user, text, since) => {
                let key = key(*user, text);
                plain(orders.find_by_request(&key, minute(*since)).await)
            }
            Self::Decide(number, decision, by, at) => {
                let entry = AuditEntry {
                    at: minute(*at),
                    ..entry(*by, AuditAction::PendingApprove)
                };
                plain(orders.decide(id(*number), decision, &entry).await)
            }
            Self::NextExpiry => plain(orders.next_expiry().await),
            Self::Expire(now) => plain(orders.expire(minute(*now)).await),
            Self::Delete(number, by) => {
                let entry = entry(*by, AuditAction::PendingDelete);
                plain(orders.delete(id(*number), &entry).await)
            }
        }
    }
}
