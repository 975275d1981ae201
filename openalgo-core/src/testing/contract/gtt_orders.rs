//! The suite of [`GttRepository`](crate::port::GttRepository).

use super::Repositories;
use super::given::{broker, is_duplicate, is_missing, nobody, share, user};
use crate::id::{GttId, UserId};
use crate::order::{
    Gtt, GttKeeper, GttLeg, GttLegs, GttProduct, GttStatus, LegState, Side, TradingMode,
    TriggerSide,
};
use crate::port::{Clock, GttQuery};
use crate::value::{Money, Price, Quantity};
use chrono::Duration;

/// Runs the suite of orders that wait for a price; see
/// [`repository_contract`](crate::repository_contract).
#[macro_export]
macro_rules! gtt_contract {
    ($run:path) => {
        $crate::contract_cases! { gtt_orders on $run:
            one_that_waits_comes_back_as_it_was_kept,
            they_are_listed_by_user_and_status,
            a_trigger_id_is_taken_once_at_a_broker,
            what_may_change_is_replaced,
            a_leg_is_claimed_once,
            only_a_leg_of_an_untouched_one_is_claimed,
            one_that_is_not_there_is_missing,
        }
    };
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn oco() -> GttLegs {
    GttLegs::try_new(vec![
        GttLeg::new(TriggerSide::Above, price("1600.05"), Some(price("1599.95"))),
        GttLeg::new(TriggerSide::Below, price("1400"), None),
    ])
    .unwrap()
}

fn waiting(store: &Repositories, user: UserId, id: &str) -> Gtt {
    let now = store.clock.now();
    Gtt {
        id: GttId::new(0),
        user,
        broker: broker(),
        trigger_id: id.parse().unwrap(),
        mode: TradingMode::Live,
        keeper: GttKeeper::Local,
        instrument: share("INFY"),
        side: Side::Sell,
        quantity: Quantity::try_new(100).unwrap(),
        product: GttProduct::Cnc,
        legs: oco(),
        status: GttStatus::Active,
        message: None,
        strategy: Some("swing".into()),
        last_price: Some(price("1500.0001")),
        margin: Money::ZERO,
        expires_at: now.plus(Duration::days(365)),
        created_at: now,
        updated_at: now,
    }
}

async fn kept(store: &Repositories, user: UserId, id: &str) -> Gtt {
    let mut gtt = waiting(store, user, id);
    gtt.id = store.gtt_orders.insert(&gtt).await.unwrap();
    gtt
}

async fn found(store: &Repositories, gtt: &Gtt) -> Option<Gtt> {
    let found = store.gtt_orders.find(gtt.user, &gtt.trigger_id).await;
    found.unwrap()
}

/// Terms, legs and times come back, the lower leg first.
pub async fn one_that_waits_comes_back_as_it_was_kept(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    let gtt = kept(store, one, "GTT-1").await;
    let read = found(store, &gtt).await.unwrap();
    assert_eq!(read, gtt);
    let sides: Vec<_> = read.legs.as_slice().iter().map(|leg| leg.side).collect();
    assert_eq!(sides, [TriggerSide::Below, TriggerSide::Above]);
    let elsewhere = store.gtt_orders.find(other, &gtt.trigger_id).await;
    assert_eq!(elsewhere.unwrap(), None);
}

/// The newest come first; a question about one user or one status leaves the rest out.
pub async fn they_are_listed_by_user_and_status(store: &Repositories) {
    let (one, other) = (user(store, "one").await, user(store, "other").await);
    let mut first = kept(store, one, "GTT-1").await;
    let second = kept(store, one, "GTT-2").await;
    let third = kept(store, other, "GTT-1").await;
    first.status = GttStatus::Expired;
    store.gtt_orders.update(&first).await.unwrap();
    let active = GttQuery {
        status: Some(GttStatus::Active),
        ..GttQuery::default()
    };
    let of_one = GttQuery {
        user: Some(one),
        ..GttQuery::default()
    };
    let listed = store.gtt_orders.list(active).await.unwrap();
    assert_eq!(listed, [third, second.clone()]);
    let each = store.gtt_orders.active().await.unwrap();
    let each: Vec<Gtt> = each.into_iter().map(Result::unwrap).collect();
    assert_eq!(each, listed);
    let listed = store.gtt_orders.list(of_one).await.unwrap();
    assert_eq!(listed, [second, first]);
}

/// The same id again would be another order under a name in use.
pub async fn a_trigger_id_is_taken_once_at_a_broker(store: &Repositories) {
    let user = user(store, "owner").await;
    kept(store, user, "GTT-1").await;
    let mut again = waiting(store, user, "GTT-1");
    assert!(is_duplicate(&store.gtt_orders.insert(&again).await));
    again.broker = "angel".parse().unwrap();
    store.gtt_orders.insert(&again).await.unwrap();
}

/// Legs with their states, status, message, margin and times are what they were changed to.
pub async fn what_may_change_is_replaced(store: &Repositories) {
    let user = user(store, "owner").await;
    let mut gtt = kept(store, user, "GTT-1").await;
    let states = [
        LegState::Pending { attempts: 3 },
        LegState::Triggering {
            attempts: 1,
            since: store.clock.now(),
        },
        LegState::Triggered { order: None },
        LegState::Cancelled,
    ];
    store.clock.advance(Duration::seconds(5));
    for state in states {
        let leg = GttLeg {
            state,
            ..GttLeg::new(TriggerSide::Below, price("1399.95"), Some(price("1390")))
        };
        gtt.legs = GttLegs::try_new(vec![leg]).unwrap();
        gtt.quantity = Quantity::try_new(50).unwrap();
        gtt.status = GttStatus::Rejected;
        gtt.message = Some("no funds".into());
        gtt.margin = "0.0001".parse().unwrap();
        gtt.updated_at = store.clock.now();
        store.gtt_orders.update(&gtt).await.unwrap();
        assert_eq!(found(store, &gtt).await.as_ref(), Some(&gtt));
    }
}

/// Two who see the same price do not both place its order, nor that of the other leg.
pub async fn a_leg_is_claimed_once(store: &Repositories) {
    let user = user(store, "owner").await;
    let gtt = kept(store, user, "GTT-1").await;
    let now = store.clock.now();
    let claim = |side| store.gtt_orders.claim(gtt.id, side, now);
    assert!(claim(TriggerSide::Above).await.unwrap());
    assert!(!claim(TriggerSide::Above).await.unwrap());
    assert!(!claim(TriggerSide::Below).await.unwrap());
    let read = found(store, &gtt).await.unwrap();
    let states: Vec<_> = read.legs.as_slice().iter().map(|leg| leg.state).collect();
    let claimed = LegState::Triggering {
        attempts: 0,
        since: now,
    };
    assert_eq!(states, [LegState::Pending { attempts: 0 }, claimed]);
}

/// One that is over is not brought back, and a leg that is not there is not made.
pub async fn only_a_leg_of_an_untouched_one_is_claimed(store: &Repositories) {
    let user = user(store, "owner").await;
    let mut over = kept(store, user, "GTT-1").await;
    over.status = GttStatus::Cancelled;
    store.gtt_orders.update(&over).await.unwrap();
    let mut single = kept(store, user, "GTT-2").await;
    let leg = GttLeg::new(TriggerSide::Below, price("1400"), None);
    single.legs = GttLegs::try_new(vec![leg]).unwrap();
    store.gtt_orders.update(&single).await.unwrap();
    let now = store.clock.now();
    for (gtt, side) in [(&over, TriggerSide::Below), (&single, TriggerSide::Above)] {
        let claimed = store.gtt_orders.claim(gtt.id, side, now).await;
        assert!(!claimed.unwrap());
        assert_eq!(found(store, gtt).await.as_ref(), Some(gtt));
    }
}

/// Nothing is made by changing or claiming what is not there, nor for a user who is not there.
pub async fn one_that_is_not_there_is_missing(store: &Repositories) {
    let user = user(store, "owner").await;
    let gtt = waiting(store, user, "GTT-1");
    assert_eq!(found(store, &gtt).await, None);
    assert!(is_missing(&store.gtt_orders.update(&gtt).await));
    let now = store.clock.now();
    let claimed = store
        .gtt_orders
        .claim(gtt.id, TriggerSide::Below, now)
        .await;
    assert!(is_missing(&claimed));
    let nobodys = waiting(store, nobody(), "GTT-1");
    assert!(is_missing(&store.gtt_orders.insert(&nobodys).await));
}
