//! Two brokers of one user that give out the same order ids.

use crate::exchange::{Exchange, Manner};
use crate::world::{World, limit};
use async_trait::async_trait;
use openalgo::OpenAlgo;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::order::{Order, OrderStatus, Side};
use openalgo::core::port::{
    BrokerReadError, BrokerSession, OrderUpdates, ReportStream, StatusReport, StoreError,
};
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::event::{Event, Next};
use openalgo::engine::service::CancelOrderError;
use openalgo_core::port::Clock;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc};

/// A stream of what the test says.
#[derive(Debug)]
struct Told(Arc<Mutex<mpsc::Receiver<StatusReport>>>);

#[async_trait]
impl OrderUpdates for Told {
    async fn reports(&self) -> Result<Box<dyn ReportStream>, BrokerReadError> {
        Ok(Box::new(Self(Arc::clone(&self.0))))
    }
}

#[async_trait]
impl ReportStream for Told {
    async fn next(&mut self) -> Option<StatusReport> {
        self.0.lock().await.recv().await
    }
}

/// An order that rests at a broker.
async fn rest(app: &OpenAlgo, owner: &User, broker: &str) -> Order {
    let brokers = app.brokers();
    let broker = broker.parse().unwrap();
    brokers.choose(owner.id, Some(&broker)).await.unwrap();
    let order = limit(app, Side::Buy, 10, -200).await;
    app.orders().place(owner.id, order).await.unwrap().order
}

async fn again(app: &OpenAlgo, owner: &User, order: &Order) -> Order {
    let id = order.intent.id.local_order_id();
    app.orders().find(owner.id, &id).await.unwrap().unwrap()
}

/// A folder whose owner is at two brokers, of which the first streams what the test says. No book
/// tells what the stream does not.
async fn at_both(
    world: &World,
    exchanges: &[Arc<Exchange>; 2],
) -> (OpenAlgo, User, mpsc::Sender<StatusReport>) {
    let (app, owner) = world.open_with_owner().await;
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    let (tell, told) = mpsc::channel(1);
    let told = Arc::new(Mutex::new(told));
    for (name, exchange) in ["one", "two"].into_iter().zip(exchanges) {
        exchange.behaves(Manner::Rests);
        let updates = (name == "one").then(|| Arc::new(Told(Arc::clone(&told))) as _);
        let session = BrokerSession {
            broker: name.parse().unwrap(),
            order_updates: updates,
            order_book: None,
            ..exchange.session()
        };
        app.brokers().connect(owner.id, session).await.unwrap();
    }
    (app, owner, tell)
}

fn cancelled(world: &World, order: &Order) -> StatusReport {
    StatusReport {
        user: order.intent.user,
        broker: order.intent.broker.clone(),
        broker_order_id: order.public_id().parse().unwrap(),
        status: OrderStatus::Cancelled,
        filled: Quantity::ZERO,
        average: Price::ZERO,
        at: world.clock.now(),
    }
}

#[tokio::test]
async fn an_id_of_two_brokers_reaches_the_order_that_is_meant() {
    let world = World::new();
    let exchanges = [(); 2].map(|()| Exchange::new(&world));
    let (app, owner, tell) = at_both(&world, &exchanges).await;
    let one = rest(&app, &owner, "one").await;
    let two = rest(&app, &owner, "two").await;
    assert_eq!(one.public_id(), two.public_id());
    let id = one.public_id();

    let orders = app.orders();
    let refused = orders.cancel(owner.id, &id).await.unwrap_err();
    assert!(matches!(
        refused,
        CancelOrderError::Store(StoreError::Ambiguous { .. })
    ));
    let ids = [&two, &one].map(|order| order.intent.id.local_order_id());
    let expected = format!(
        "'{id}' is an order at more than one broker: {} at 'two', {} at 'one'; name the one that \
         is meant by that id",
        ids[0], ids[1]
    );
    assert_eq!(refused.to_string(), expected);

    // What is said of one is not taken for the other, which was placed later.
    let mut events = app.subscribe();
    tell.send(cancelled(&world, &one)).await.unwrap();
    let Next::Event(Event::OrderChanged(changed)) = events.next().await else {
        panic!("nobody was told");
    };
    assert_eq!(changed.id, one.id);
    assert_eq!(
        again(&app, &owner, &one).await.status(),
        OrderStatus::Cancelled
    );

    let cancelled = orders.cancel(owner.id, &ids[0]).await.unwrap();
    assert_eq!(cancelled.id, two.id);
    let lines = exchanges.map(|exchange| exchange.change(|ledger| ledger.line(&id).status));
    assert_eq!(lines, [OrderStatus::Open, OrderStatus::Cancelled]);
    app.close().await;
}
