//! Orders whose answer nobody waits for any more, because the task that did has ended early.

use super::{FakeBroker, Way};
use crate::in_memory::{Place, traded};
use crate::tapped::{Call, Tap, Tapped};
use crate::world::World;
use async_trait::async_trait;
use openalgo::core::market::Exchange;
use openalgo::core::order::{NewOrder, OrderStatus, Side};
use openalgo::core::port::StoreError;
use openalgo::engine::{EngineConfig, Ports};
use openalgo_core::testing::sample;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::yield_now;

/// A journal that panics at its next entry when it is told to.
#[derive(Debug, Default)]
struct Breaks(AtomicBool);

#[async_trait]
impl Tap for Breaks {
    async fn before(&self, call: Call<'_>) -> Result<(), StoreError> {
        let breaks = matches!(call, Call::Append) && self.0.swap(false, Ordering::SeqCst);
        assert!(!breaks, "a mistake in a store");
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_strands_no_order() {
    let broker = FakeBroker::new(&World::new(), true, Way::Held);
    let place = Place::new(vec![broker.session()]).await;
    let journal = Arc::new(Tapped {
        orders: Arc::clone(&place.store) as _,
        tap: Breaks::default(),
    });
    let ports = Ports {
        orders: Arc::clone(&journal) as _,
        ..place.ports()
    };
    let engine = place.start_on(ports, EngineConfig::default()).await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let buy = || {
        let order = NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(1));
        orders.place(owner, order)
    };
    let breaking = async {
        while broker.count() == 0 {
            yield_now().await;
        }
        *broker.way.lock().unwrap() = Way::Answered;
        journal.tap.0.store(true, Ordering::SeqCst);
        buy().await
    };
    let (first, second) = tokio::join!(buy(), breaking);
    assert!(first.is_err() && second.is_err(), "{first:?} {second:?}");
    buy().await.unwrap();
    engine.reconcile().await.unwrap();
    let known = orders.list(owner, 10).await.unwrap();
    assert_eq!(known.len(), 3);
    assert!(
        known
            .iter()
            .all(|order| order.status() == OrderStatus::Open),
        "{known:?}"
    );
    engine.stop().await;
}
