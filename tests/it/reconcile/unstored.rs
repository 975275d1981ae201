//! Answers of a broker that could not be stored: none is lost, and they do not become ever more.

use crate::flaky::Flaky;
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::tapped::{Call, Tap, Tapped};
use crate::wire::{Holds, Slow, session};
use async_trait::async_trait;
use openalgo::core::market::Exchange;
use openalgo::core::order::{NewOrder, OrderKind, OrderStatus, Product, Side};
use openalgo::core::port::{Acknowledgement, MockOrderGateway, StoreError};
use openalgo::core::port::{
    BrokerReadError, BrokerSession, OrderUpdates, ReportStream, StatusReport,
};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::service::{
    ClosePositionError, ExitOrigin, ModifyOrderError, PlaceOrderError,
};
use openalgo::engine::{AccountError, Engine, EngineConfig, Ports};
use openalgo_core::testing::sample;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

fn resting() -> NewOrder {
    let price = sample::price("99");
    NewOrder {
        kind: OrderKind::Limit { price },
        ..NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(10))
    }
}

async fn start(place: &Place, orders: &Arc<Flaky>) -> Engine {
    let ports = Ports {
        orders: Arc::clone(orders) as _,
        ..place.ports()
    };
    place.start_on(ports, EngineConfig::default()).await
}

#[tokio::test(start_paused = true)]
async fn an_account_with_too_many_sends_no_entry_until_they_are_stored() {
    let broker = BrokerSession {
        portfolio: Some(Arc::new(Holds(traded(Exchange::Nse), 5))),
        ..session(Arc::new(Slow))
    };
    let place = Place::new(vec![broker]).await;
    let journal = Flaky::new(&place.store, Duration::ZERO);
    let engine = start(&place, &journal).await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    journal.fail_after(0);
    for _ in 0..64 {
        let unstored = orders.place(owner, resting()).await;
        assert!(matches!(
            unstored,
            Err(PlaceOrderError::Account(AccountError::OutcomeNotStored(_)))
        ));
    }
    let refused = orders.place(owner, resting()).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "64 answers of the broker could not be stored yet, so no new order is sent; positions can \
         be closed; free the disk, and orders go on when the answers are stored"
    );
    // It was sent: the broker has answered.
    let slot = (traded(Exchange::Nse), Product::Mis);
    let closed = orders.close(owner, slot, ExitOrigin::api()).await;
    assert!(matches!(
        closed,
        Err(ClosePositionError::Place(PlaceOrderError::Account(
            AccountError::OutcomeNotStored(_)
        )))
    ));
    journal.mend();
    tokio::time::sleep(Duration::from_secs(2)).await;
    orders.place(owner, resting()).await.unwrap();
    let known = orders.list(owner, 100).await.unwrap();
    assert_eq!(known.len(), 66);
    assert!(
        known
            .iter()
            .all(|order| order.status() == OrderStatus::Open)
    );
    engine.stop().await;
}

/// A stream of what the test says.
#[derive(Debug)]
pub(super) struct Told(pub(super) Mutex<Option<mpsc::Receiver<StatusReport>>>);

#[derive(Debug)]
struct Stream(mpsc::Receiver<StatusReport>);

#[async_trait]
impl OrderUpdates for Told {
    async fn reports(&self) -> Result<Box<dyn ReportStream>, BrokerReadError> {
        let stream = self.0.lock().unwrap().take();
        let stream = stream.ok_or_else(|| BrokerReadError::Failed("it is over".into()))?;
        Ok(Box::new(Stream(stream)))
    }
}

#[async_trait]
impl ReportStream for Stream {
    async fn next(&mut self) -> Option<StatusReport> {
        self.0.recv().await
    }
}

/// What the broker has said before is stored before what it says now.
#[tokio::test(start_paused = true)]
async fn an_answer_that_waits_comes_before_what_is_newer() {
    let (tell, told) = mpsc::channel(1);
    let broker = BrokerSession {
        order_updates: Some(Arc::new(Told(Mutex::new(Some(told))))),
        ..session(Arc::new(Slow))
    };
    let place = Place::new(vec![broker]).await;
    let journal = Flaky::new(&place.store, Duration::ZERO);
    let engine = start(&place, &journal).await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let order = orders.place(owner, resting()).await.unwrap().order;
    let id = order.public_id();
    // That it is sent is stored, what becomes of it is not.
    journal.fail_after(1);
    let change = Modification {
        quantity: Some(sample::units(25)),
        ..Modification::default()
    };
    let modified = orders.modify(owner, &id, change).await;
    assert!(matches!(
        modified,
        Err(ModifyOrderError::Account(AccountError::OutcomeNotStored(_)))
    ));
    journal.mend();
    let cancelled = StatusReport {
        user: owner,
        broker: order.intent.broker.clone(),
        broker_order_id: id.parse().unwrap(),
        status: OrderStatus::Cancelled,
        filled: Quantity::ZERO,
        average: Price::ZERO,
        at: sample::at(30),
    };
    tell.send(cancelled).await.unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let order = orders.find(owner, &id).await.unwrap().unwrap();
    assert_eq!(order.status(), OrderStatus::Cancelled);
    assert_eq!(order.intent.order.quantity.get(), 25);
    let entries = orders.journal(order.id).await.unwrap();
    let words: Vec<_> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    let expected = [
        "planned",
        "sent",
        "accepted",
        "modification_sent",
        "modified",
        "reported",
    ];
    assert_eq!(words, expected);
    engine.stop().await;
}

/// How long each change takes to be stored.
#[derive(Debug, Default)]
struct Drags(Mutex<Duration>);

#[async_trait]
impl Tap for Drags {
    async fn before(&self, call: Call<'_>) -> Result<(), StoreError> {
        let takes = *self.0.lock().unwrap();
        if call.is_change() {
            tokio::time::sleep(takes).await;
        }
        Ok(())
    }
}

/// Whatever takes long on its way to the disk may be wrong by then: the market has moved, the time
/// of grace has run out, or somebody has halted trading.
#[tokio::test(start_paused = true)]
async fn what_takes_long_to_store_is_not_sent() {
    let mut broker = MockOrderGateway::new();
    broker.expect_submit().times(1).returning(|_| {
        Ok(Acknowledgement {
            broker_order_id: "B-1".parse().unwrap(),
            awaits_trigger: false,
        })
    });
    let place = Place::new(vec![session(Arc::new(broker))]).await;
    let journal = Arc::new(Tapped {
        orders: Arc::clone(&place.store) as _,
        tap: Drags::default(),
    });
    let ports = Ports {
        orders: Arc::clone(&journal) as _,
        ..place.ports()
    };
    let engine = place.start_on(ports, EngineConfig::default()).await;
    let (orders, owner) = (engine.orders(), &place.owner);
    let drags = |seconds| *journal.tap.0.lock().unwrap() = Duration::from_secs(seconds);
    let open = orders.place(owner.id, resting()).await.unwrap().order;
    drags(11);
    let late = orders.place(owner.id, resting()).await.unwrap().order;
    assert_eq!(late.status(), OrderStatus::Rejected);
    let why = late.state.message().unwrap();
    assert!(why.contains("storing it took so long"), "{why}");
    let change = Modification {
        quantity: Some(sample::units(25)),
        ..Modification::default()
    };
    let modified = orders.modify(owner.id, &open.public_id(), change).await;
    let Err(ModifyOrderError::Account(AccountError::Modify(refusal))) = modified else {
        panic!("{modified:?}");
    };
    let why = refusal.source().unwrap().to_string();
    assert!(why.contains("storing it took so long"), "{why}");
    drags(2);
    let halt = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let reason = "lunch".parse().unwrap();
        engine.risk().halt(owner.id, reason, by(owner)).await
    };
    let (halted, halt) = tokio::join!(orders.place(owner.id, resting()), halt);
    halt.unwrap();
    let halted = halted.unwrap().order;
    assert_eq!(halted.status(), OrderStatus::Rejected);
    let why = halted.state.message().unwrap();
    assert!(why.contains("lunch"), "{why}");
    engine.stop().await;
}
