//! The suite of [`PendingOrderRepository`](crate::port::PendingOrderRepository).

use super::Repositories;
use super::given::{broker, is_missing, nobody, share, user};
use crate::id::{PendingOrderId, UserId};
use crate::market::Timestamp;
use crate::monitor::{AuditAction, AuditEntry, Author, BodyHash, REMEMBERED, Reason, Surface};
use crate::order::{
    GttLeg, GttLegs, NewOrder, OrderKind, OrderRequest, OrderSource, Product, RequestKey,
    RequestKind, Side, TradingMode, TriggerSide,
};
use crate::port::{AuditQuery, Clock, StoreError};
use crate::strategy::{
    Approval, ApprovalStatus, BasketPlace, Decision, NewPendingOrder, PendingGtt, PendingOrder,
};
use crate::value::{NetQuantity, Price, Quantity};
use chrono::Duration;

/// Runs the suite of orders that wait for approval; see
/// [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! pending_order_contract {
    ($run:path) => {
        $crate::contract_cases! { pending_orders on $run:
            a_pending_order_is_found_as_asked_for,
            every_kind_of_order_can_wait,
            what_waits_for_a_price_then_keeps_its_legs,
            orders_asked_for_at_once_wait_together_or_not_at_all,
            pending_orders_are_listed_from_the_newest,
            pending_orders_are_listed_by_status,
            a_person_approves_once,
            nothing_to_do_is_a_decision,
            a_person_rejects_with_a_reason,
            who_decided_is_on_record_with_the_decision,
            a_pending_order_is_found_by_its_senders_id,
            pending_orders_are_found_by_the_request_they_came_from,
            what_has_lapsed_can_no_longer_be_decided,
            orders_lapse_when_their_time_has_come,
            the_next_time_to_lapse_is_known,
            only_what_is_over_can_be_removed,
            a_pending_order_that_is_not_there_is_named,
        }
    };
}

/// A market order that never lapses.
fn asked(user: UserId) -> NewPendingOrder {
    NewPendingOrder {
        user,
        broker: broker(),
        mode: TradingMode::Live,
        order: NewOrder::market(share("INFY"), Side::Buy, Quantity::ONE),
        position_size: None,
        gtt: None,
        basket: None,
        request: None,
        last_price: None,
        expires_at: None,
    }
}

fn lapsing(user: UserId, at: Timestamp) -> NewPendingOrder {
    NewPendingOrder {
        expires_at: Some(at),
        ..asked(user)
    }
}

async fn queued(store: &Repositories, order: NewPendingOrder) -> PendingOrder {
    let orders = store.pending_orders.insert(&[order]).await.unwrap();
    let [order] = <[_; 1]>::try_from(orders).unwrap();
    order
}

async fn approval(store: &Repositories, id: PendingOrderId) -> Approval {
    store.pending_orders.get(id).await.unwrap().approval
}

fn entry(store: &Repositories, action: AuditAction) -> AuditEntry {
    AuditEntry {
        by: Author {
            user: None,
            surface: Surface::Embedded,
        },
        action,
        object: "pending order 1".into(),
        detail: None,
        at: store.clock.now(),
    }
}

async fn decided(store: &Repositories, id: PendingOrderId, decision: &Decision) -> bool {
    let entry = entry(store, AuditAction::PendingApprove);
    let decided = store.pending_orders.decide(id, decision, &entry).await;
    decided.unwrap()
}

async fn removed(store: &Repositories, id: PendingOrderId) -> Result<bool, StoreError> {
    let entry = entry(store, AuditAction::PendingDelete);
    store.pending_orders.delete(id, &entry).await
}

async fn on_record(store: &Repositories) -> usize {
    let query = AuditQuery {
        user: None,
        limit: 100,
    };
    store.audit_log.list(query).await.unwrap().len()
}

/// Every field comes back, the mode that was decided among them.
pub async fn a_pending_order_is_found_as_asked_for(store: &Repositories) {
    let user = user(store, "owner").await;
    let now = store.clock.now();
    let full = NewPendingOrder {
        mode: TradingMode::Paper,
        order: NewOrder {
            strategy: Some("momentum".into()),
            source: OrderSource::Strategy,
            client_order_id: Some("client-1".parse().unwrap()),
            product: Product::Nrml,
            ..NewOrder::market(share("TCS"), Side::Sell, Quantity::ONE)
        },
        position_size: Some(NetQuantity::try_new(-5).unwrap()),
        request: Some(OrderRequest {
            kind: RequestKind::Smart,
            id: "client-1".parse().unwrap(),
            body: BodyHash::new([0xa7; 32]),
        }),
        last_price: Some("1500.05".parse().unwrap()),
        basket: Some(BasketPlace {
            basket: "basket-1".parse().unwrap(),
            row: 0,
        }),
        expires_at: Some(now.plus(Duration::hours(1))),
        ..asked(user)
    };
    for asked in [full, asked(user)] {
        let answer = queued(store, asked.clone()).await;
        let expected = PendingOrder {
            id: answer.id,
            asked,
            approval: Approval::Pending,
            created_at: now,
        };
        assert_eq!(answer, expected);
        let found = store.pending_orders.get(answer.id).await.unwrap();
        assert_eq!(found, expected);
    }
}

/// An order keeps exactly the prices that its kind has.
pub async fn every_kind_of_order_can_wait(store: &Repositories) {
    let user = user(store, "owner").await;
    let (price, trigger) = ("1500.05".parse().unwrap(), "1499.95".parse().unwrap());
    for kind in [
        OrderKind::Market,
        OrderKind::Limit { price },
        OrderKind::StopLimit { trigger, price },
        OrderKind::StopMarket { trigger },
    ] {
        let mut asked = asked(user);
        asked.order.kind = kind;
        let found = queued(store, asked.clone()).await;
        assert_eq!(found.asked, asked);
    }
}

/// Its legs come back as they were asked for, one or two, with limits or without.
pub async fn what_waits_for_a_price_then_keeps_its_legs(store: &Repositories) {
    let user = user(store, "owner").await;
    let price = |text: &str| -> Price { text.parse().unwrap() };
    let below = GttLeg::new(TriggerSide::Below, price("1400.05"), Some(price("1395.10")));
    let above = GttLeg::new(TriggerSide::Above, price("1600"), None);
    let end = store.clock.now().plus(Duration::days(30));
    for (legs, trigger_id, expires_at) in [
        (vec![below], Some("mine".parse().unwrap()), Some(end)),
        (vec![above], None, None),
        (vec![below, above], None, Some(end)),
    ] {
        let asked = NewPendingOrder {
            gtt: Some(PendingGtt {
                legs: GttLegs::try_new(legs).unwrap(),
                trigger_id,
                expires_at,
            }),
            ..asked(user)
        };
        let answer = queued(store, asked.clone()).await;
        assert_eq!(answer.asked, asked);
        let listed = listed(store, user, None).await;
        assert_eq!(listed.first(), Some(&answer));
    }
}

/// A basket of which a part was lost would be another basket.
pub async fn orders_asked_for_at_once_wait_together_or_not_at_all(store: &Repositories) {
    let user = user(store, "owner").await;
    let row = |row, user| NewPendingOrder {
        basket: Some(BasketPlace {
            basket: "basket-1".parse().unwrap(),
            row,
        }),
        ..asked(user)
    };
    let broken = [row(0, user), row(1, nobody())];
    let refused = store.pending_orders.insert(&broken).await;
    assert!(is_missing(&refused), "{refused:?}");
    assert_eq!(listed(store, user, None).await, []);
    let basket = [row(0, user), row(1, user), row(2, user)];
    let queued = store.pending_orders.insert(&basket).await.unwrap();
    let asked: Vec<_> = queued.into_iter().map(|it| it.asked).collect();
    assert_eq!(asked, basket);
    let none = store.pending_orders.insert(&[]).await.unwrap();
    assert_eq!(none, []);
}

async fn listed(
    store: &Repositories,
    user: UserId,
    status: Option<ApprovalStatus>,
) -> Vec<PendingOrder> {
    let listed = store.pending_orders.list(user, status).await.unwrap();
    listed.into_iter().map(Result::unwrap).collect()
}

/// The list is one user's, and so is the count.
pub async fn pending_orders_are_listed_from_the_newest(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let first = queued(store, asked(owner)).await;
    queued(store, asked(other)).await;
    let second = queued(store, asked(owner)).await;
    assert_eq!(listed(store, owner, None).await, [second, first]);
    let waiting = ApprovalStatus::Pending;
    let count = store.pending_orders.count(owner, waiting).await.unwrap();
    assert_eq!(count, 2);
    let none = store.pending_orders.count(owner, ApprovalStatus::Approved);
    assert_eq!(none.await.unwrap(), 0);
}

/// Each order is in the list of its own status and in no other.
pub async fn pending_orders_are_listed_by_status(store: &Repositories) {
    let user = user(store, "owner").await;
    let now = store.clock.now();
    let expired = queued(store, lapsing(user, now)).await.id;
    store.pending_orders.expire(now).await.unwrap();
    let pending = queued(store, asked(user)).await.id;
    let approved = queued(store, asked(user)).await.id;
    decided(store, approved, &Decision::Approve).await;
    let rejected = queued(store, asked(user)).await.id;
    decided(store, rejected, &Decision::Reject { reason: None }).await;
    for (status, expected) in [
        (ApprovalStatus::Pending, pending),
        (ApprovalStatus::Approved, approved),
        (ApprovalStatus::Rejected, rejected),
        (ApprovalStatus::Expired, expired),
    ] {
        let of_status = listed(store, user, Some(status)).await;
        let ids: Vec<_> = of_status.iter().map(|it| it.id).collect();
        assert_eq!(ids, [expected], "{status}");
        assert!(of_status.iter().all(|it| it.approval.status() == status));
        let count = store.pending_orders.count(user, status).await.unwrap();
        assert_eq!(count, 1, "{status}");
    }
}

/// Who approves second is told that somebody was first, and nothing changes.
pub async fn a_person_approves_once(store: &Repositories) {
    let user = user(store, "owner").await;
    let (order, other) = (
        queued(store, asked(user)).await,
        queued(store, asked(user)).await,
    );
    store.clock.advance(Duration::seconds(5));
    let at = store.clock.now();
    assert!(decided(store, order.id, &Decision::Approve).await);
    store.clock.advance(Duration::seconds(5));
    for late in [Decision::Approve, Decision::Reject { reason: None }] {
        assert!(!decided(store, order.id, &late).await);
    }
    let approved = PendingOrder {
        approval: Approval::Approved { at },
        ..order
    };
    let found = store.pending_orders.get(approved.id).await.unwrap();
    assert_eq!(found, approved);
    assert_eq!(approval(store, other.id).await, Approval::Pending);
}

/// What was let go with nothing to do for it is over, and says why.
pub async fn nothing_to_do_is_a_decision(store: &Repositories) {
    let user = user(store, "owner").await;
    let id = queued(store, asked(user)).await.id;
    let why: Reason = "No action needed.".parse().unwrap();
    let decision = Decision::NothingToDo { why: why.clone() };
    assert!(decided(store, id, &decision).await);
    assert!(!decided(store, id, &Decision::Approve).await);
    let at = store.clock.now();
    assert_eq!(approval(store, id).await, Approval::NothingToDo { at, why });
    let approved = listed(store, user, Some(ApprovalStatus::Approved)).await;
    assert_eq!(approved.len(), 1);
}

/// A rejection keeps its time, and its reason if there is one.
pub async fn a_person_rejects_with_a_reason(store: &Repositories) {
    let user = user(store, "owner").await;
    for reason in [None, Some("too large".parse().unwrap())] {
        let id = queued(store, asked(user)).await.id;
        let decision = Decision::Reject {
            reason: reason.clone(),
        };
        assert!(decided(store, id, &decision).await);
        assert!(!decided(store, id, &Decision::Approve).await);
        let at = store.clock.now();
        assert_eq!(approval(store, id).await, Approval::Rejected { at, reason });
    }
}

/// A decision that nobody made, and a record of one that was not made, are both lies.
pub async fn who_decided_is_on_record_with_the_decision(store: &Repositories) {
    let user = user(store, "owner").await;
    let id = queued(store, asked(user)).await.id;
    let unknown = AuditEntry {
        by: Author {
            user: Some(nobody()),
            surface: Surface::Cli,
        },
        ..entry(store, AuditAction::PendingApprove)
    };
    let orders = &store.pending_orders;
    let refused = orders.decide(id, &Decision::Approve, &unknown).await;
    assert!(is_missing(&refused), "{refused:?}");
    assert_eq!(approval(store, id).await, Approval::Pending);
    assert!(!removed(store, id).await.unwrap());
    assert_eq!(on_record(store).await, 0);
    assert!(decided(store, id, &Decision::Approve).await);
    assert!(!decided(store, id, &Decision::Approve).await);
    assert_eq!(on_record(store).await, 1);
    let refused = orders.delete(id, &unknown).await;
    assert!(is_missing(&refused), "{refused:?}");
    assert!(removed(store, id).await.unwrap());
    assert_eq!(on_record(store).await, 2);
}

/// Of several orders with one id the last one counts, whatever became of it.
pub async fn a_pending_order_is_found_by_its_senders_id(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let named = |user, id: &str| {
        let mut asked = asked(user);
        asked.order.client_order_id = Some(id.parse().unwrap());
        asked
    };
    let first = queued(store, named(owner, "one")).await;
    queued(store, asked(owner)).await;
    queued(store, named(other, "one")).await;
    let found = async |id: &str, since| {
        let id = id.parse().unwrap();
        let orders = &store.pending_orders;
        orders.find_by_client_id(owner, &id, since).await.unwrap()
    };
    let begin = store.clock.now();
    assert_eq!(found("one", begin).await, Some(first.clone()));
    assert_eq!(found("two", begin).await, None);
    store.clock.advance(REMEMBERED);
    store.clock.advance(Duration::seconds(1));
    assert_eq!(
        found("one", store.clock.now().plus(-REMEMBERED)).await,
        None
    );
    let second = queued(store, named(owner, "one")).await;
    assert!(decided(store, second.id, &Decision::Reject { reason: None }).await);
    assert_eq!(found("one", begin).await.map(|it| it.id), Some(second.id));
}

/// All of a request are found, those of others are not, and one that came by itself with the same
/// id is another.
pub async fn pending_orders_are_found_by_the_request_they_came_from(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let part = |user, kind, id: &str, part: &str| {
        let mut asked = asked(user);
        asked.order.client_order_id = Some(part.parse().unwrap());
        asked.request = Some(OrderRequest {
            kind,
            id: id.parse().unwrap(),
            body: BodyHash::new([1; 32]),
        });
        asked
    };
    let first = queued(store, part(owner, RequestKind::Split, "one", "one-1")).await;
    let second = queued(store, part(owner, RequestKind::Split, "one", "one-2")).await;
    queued(store, part(other, RequestKind::Split, "one", "one-1")).await;
    queued(store, part(owner, RequestKind::Basket, "one", "one-1")).await;
    queued(store, part(owner, RequestKind::Split, "one-1", "one-1-1")).await;
    let key = RequestKey {
        user: owner,
        kind: RequestKind::Split,
        id: "one".parse().unwrap(),
    };
    let orders = &store.pending_orders;
    let found = async |since| orders.find_by_request(&key, since).await.unwrap();
    let begin = store.clock.now();
    assert_eq!(found(begin).await, [first, second]);
    assert_eq!(found(begin.plus(Duration::seconds(1))).await, []);
    let alone = "one-1".parse().unwrap();
    let alone = orders.find_by_client_id(owner, &alone, begin).await;
    assert_eq!(alone.unwrap(), None);
}

/// An order lapses at its time, even before anybody has marked it.
pub async fn what_has_lapsed_can_no_longer_be_decided(store: &Repositories) {
    let user = user(store, "owner").await;
    let time = store.clock.now().plus(Duration::minutes(1));
    let (early, late) = (
        queued(store, lapsing(user, time)).await.id,
        queued(store, lapsing(user, time)).await.id,
    );
    assert!(decided(store, early, &Decision::Approve).await);
    store.clock.advance(Duration::minutes(1));
    assert!(!decided(store, late, &Decision::Approve).await);
    assert_eq!(approval(store, late).await, Approval::Pending);
}

/// Only orders that wait lapse, and only those whose time has come.
pub async fn orders_lapse_when_their_time_has_come(store: &Repositories) {
    let user = user(store, "owner").await;
    let now = store.clock.now();
    let due = queued(store, lapsing(user, now)).await.id;
    let later = queued(store, lapsing(user, now.plus(Duration::seconds(1)))).await;
    let never = queued(store, asked(user)).await.id;
    let approved = queued(store, lapsing(user, now.plus(Duration::seconds(1)))).await;
    assert!(decided(store, approved.id, &Decision::Approve).await);
    assert_eq!(marked(store, now).await, [due]);
    assert_eq!(marked(store, now).await, []);
    assert_eq!(approval(store, due).await, Approval::Expired);
    assert_eq!(approval(store, later.id).await, Approval::Pending);
    let end = now.plus(Duration::days(1));
    assert_eq!(marked(store, end).await, [later.id]);
    assert_eq!(approval(store, never).await, Approval::Pending);
    let approval = approval(store, approved.id).await;
    assert_eq!(approval, Approval::Approved { at: now });
    assert!(!decided(store, due, &Decision::Approve).await);
}

async fn marked(store: &Repositories, now: Timestamp) -> Vec<PendingOrderId> {
    let marked = store.pending_orders.expire(now).await.unwrap();
    let marked: Vec<_> = marked.into_iter().map(Result::unwrap).collect();
    assert!(marked.iter().all(|it| it.approval == Approval::Expired));
    marked.iter().map(|it| it.id).collect()
}

/// Only orders that wait count, of whichever user.
pub async fn the_next_time_to_lapse_is_known(store: &Repositories) {
    let (owner, other) = (user(store, "owner").await, user(store, "other").await);
    let next = async || store.pending_orders.next_expiry().await.unwrap();
    assert_eq!(next().await, None);
    queued(store, asked(owner)).await;
    assert_eq!(next().await, None);
    let after = |minutes| store.clock.now().plus(Duration::minutes(minutes));
    let [soon, later] = [after(1), after(2)];
    queued(store, lapsing(owner, later)).await;
    let first = queued(store, lapsing(other, soon)).await;
    assert_eq!(next().await, Some(soon));
    assert!(decided(store, first.id, &Decision::Approve).await);
    assert_eq!(next().await, Some(later));
    marked(store, later).await;
    assert_eq!(next().await, None);
}

/// What waits is not swept away.
pub async fn only_what_is_over_can_be_removed(store: &Repositories) {
    let user = user(store, "owner").await;
    let waiting = queued(store, asked(user)).await.id;
    let over = queued(store, asked(user)).await.id;
    decided(store, over, &Decision::Approve).await;
    assert!(!removed(store, waiting).await.unwrap());
    assert!(removed(store, over).await.unwrap());
    let again = removed(store, over).await;
    assert!(is_missing(&again), "{again:?}");
    let left = listed(store, user, None).await;
    assert!(matches!(left.as_slice(), [only] if only.id == waiting));
}

/// What cannot be decided because it is not there is an error, not a silence.
pub async fn a_pending_order_that_is_not_there_is_named(store: &Repositories) {
    let missing = PendingOrderId::new(99);
    let orders = &store.pending_orders;
    let entry = entry(store, AuditAction::PendingApprove);
    for refused in [
        orders.get(missing).await.map(drop),
        orders
            .decide(missing, &Decision::Approve, &entry)
            .await
            .map(drop),
        removed(store, missing).await.map(drop),
    ] {
        assert!(is_missing(&refused), "{refused:?}");
    }
}
