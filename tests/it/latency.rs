//! How long orders took, and where that time went.

use crate::exchange::{Exchange as Broker, Manner};
use crate::flaky::Flaky;
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::wire::{CANCEL, MODIFY, SUBMIT, Slow, session};
use crate::world::MORNING;
use futures_util::future::join_all;
use openalgo::core::account::LimitName;
use openalgo::core::id::UserId;
use openalgo::core::market::Exchange;
use openalgo::core::monitor::{LatencyMetric, LatencySplit, Operation};
use openalgo::core::order::{NewOrder, OrderKind, Side};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::Quantity;
use openalgo::engine::{Engine, EngineConfig, Ports};
use openalgo_core::testing::{FakeClock, sample};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

fn limit(price: &str) -> NewOrder {
    let price = sample::price(price);
    NewOrder {
        kind: OrderKind::Limit { price },
        ..NewOrder::market(traded(Exchange::Nse), Side::Buy, Quantity::ONE)
    }
}

/// What was kept, the oldest first, once the writer has come to it.
async fn kept(engine: &Engine, user: UserId) -> Vec<LatencyMetric> {
    sleep(Duration::from_secs(1)).await;
    assert_eq!(engine.latency().lost(), 0);
    let mut kept = engine.latency().list(user, None, 100).await.unwrap();
    kept.reverse();
    kept
}

fn at_the_broker(broker: Duration) -> LatencySplit {
    LatencySplit {
        broker,
        ..LatencySplit::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_broker_is_told_from_our_own() {
    let place = Place::new(vec![session(Arc::new(Slow))]).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let placed = orders.place(owner, limit("99")).await.unwrap();
    let id = placed.order.public_id();
    let dearer = Modification {
        price: Some(sample::price("99.5")),
        ..Modification::default()
    };
    orders.modify(owner, &id, dearer).await.unwrap();
    orders.cancel(owner, &id).await.unwrap();
    let kept = kept(&engine, owner).await;
    let told: Vec<_> = kept.iter().map(|it| (it.operation, it.split)).collect();
    assert_eq!(
        told,
        [
            (Operation::Place, Some(at_the_broker(SUBMIT))),
            (Operation::Modify, Some(at_the_broker(MODIFY))),
            (Operation::Cancel, Some(at_the_broker(CANCEL))),
        ]
    );
    for metric in &kept {
        assert_eq!(metric.broker.as_str(), "fake");
        assert_eq!(metric.order_id.as_deref(), Some(&*id));
        assert_eq!(metric.user, Some(owner));
        assert_eq!(Some(metric.latency), metric.split.map(|it| it.total()));
    }
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_waits_for_its_turn_is_in_the_queue_meanwhile() {
    let place = Place::new(vec![session(Arc::new(Slow))]).await;
    let engine = place.start().await;
    let one_a_second = LimitName::OrdersPerSecond.parse("1").unwrap();
    let owner = &place.owner;
    let risk = engine.risk();
    let set = risk.change_limit(owner.id, one_a_second, by(owner)).await;
    set.unwrap();
    let orders = [limit("99"), limit("98")];
    let placing = orders.map(|order| engine.orders().place(owner.id, order));
    for placed in join_all(placing).await {
        placed.unwrap();
    }
    let queued = kept(&engine, owner.id)
        .await
        .into_iter()
        .map(|it| it.split.unwrap());
    let queued: Vec<_> = queued.map(|it| it.queue).collect();
    let [first, second] = queued[..] else {
        panic!("{queued:?}")
    };
    assert_eq!(first, Duration::ZERO);
    assert!(second >= Duration::from_secs(1), "{second:?}");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_paper_order_waits_for_no_broker_and_a_refused_one_is_not_measured() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    orders.place(owner, limit("99")).await.unwrap();
    let refused = orders.cancel(owner, "nothing").await;
    assert!(refused.is_err());
    let kept = kept(&engine, owner).await;
    let [metric] = &kept[..] else {
        panic!("{kept:?}")
    };
    assert_eq!(metric.broker.as_str(), "paper");
    assert_eq!(metric.split, Some(at_the_broker(Duration::ZERO)));
    engine.stop().await;
}

/// A journal that takes its time for each entry: one before and one after the broker has its turn.
#[tokio::test(start_paused = true)]
async fn what_the_journal_takes_is_our_own_time() {
    let place = Place::new(vec![session(Arc::new(Slow))]).await;
    let entry = Duration::from_millis(7);
    let ports = Ports {
        orders: Flaky::new(&place.store, entry),
        ..place.ports()
    };
    let engine = place.start_on(ports, EngineConfig::default()).await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let placed = orders.place(owner, limit("99")).await.unwrap();
    let dearer = Modification {
        price: Some(sample::price("99.5")),
        ..Modification::default()
    };
    let id = placed.order.public_id();
    orders.modify(owner, &id, dearer).await.unwrap();
    let kept = kept(&engine, owner).await;
    let told: Vec<_> = kept.iter().map(|it| (it.operation, it.split)).collect();
    let with_two_entries = |broker| {
        Some(LatencySplit {
            own: entry * 2,
            ..at_the_broker(broker)
        })
    };
    assert_eq!(
        told,
        [
            (Operation::Place, with_two_entries(SUBMIT)),
            (Operation::Modify, with_two_entries(MODIFY)),
        ]
    );
    engine.stop().await;
}

/// An answer that was lost is looked for again and again: the pauses are not the broker's.
#[tokio::test(start_paused = true)]
async fn what_we_wait_between_two_looks_is_not_the_brokers_time() {
    let broker = Broker::with_clock(Arc::new(FakeClock::at(MORNING)));
    let place = Place::new(vec![broker.session()]).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let open = orders.place(owner, limit("99")).await.unwrap().order;
    broker.change(|ledger| ledger.hides_orders = true);
    broker.behaves(Manner::OrderLost);
    orders.place(owner, limit("98")).await.unwrap();
    let dearer = Modification {
        price: Some(sample::price("99.5")),
        ..Modification::default()
    };
    let id = open.public_id();
    orders.modify(owner, &id, dearer).await.unwrap_err();
    let kept = kept(&engine, owner).await;
    let told: Vec<_> = kept.iter().map(|it| (it.operation, it.split)).collect();
    let waited = LatencySplit {
        queue: Duration::from_secs(4),
        ..LatencySplit::default()
    };
    assert_eq!(
        told,
        [
            (Operation::Place, Some(at_the_broker(Duration::ZERO))),
            (Operation::Place, Some(waited)),
        ]
    );
    engine.stop().await;
}
