//! The same client order id a thousand times, from fifty tasks: one order, and the same answer to
//! everybody.

use super::wire::Unhurried;
use crate::exchange::Exchange;
use crate::in_memory::{Place, traded};
use openalgo::core::id::{ClientOrderId, UserId};
use openalgo::core::market::Exchange as Bourse;
use openalgo::core::order::{NewOrder, Side};
use openalgo::core::port::BrokerSession;
use openalgo::core::value::{NetQuantity, Quantity};
use openalgo::engine::Engine;
use openalgo::engine::service::{Placed, SmartOrder, SmartOutcome, SplitSize};
use openalgo_core::testing::FakeClock;
use std::sync::Arc;

const TASKS: usize = 50;
const TIMES_EACH: usize = 20;

fn named() -> NewOrder {
    NewOrder {
        client_order_id: Some(ClientOrderId::try_new("once").unwrap()),
        ..NewOrder::market(traded(Bourse::Nse), Side::Buy, Quantity::ONE)
    }
}

async fn plain(engine: Arc<Engine>, user: UserId) -> Vec<Placed> {
    vec![engine.orders().place(user, named()).await.unwrap()]
}

async fn smart(engine: Arc<Engine>, user: UserId) -> Vec<Placed> {
    let order = named();
    let position = NetQuantity::try_new(7).unwrap();
    let smart = SmartOrder { order, position };
    match engine.orders().smart(user, smart).await.unwrap() {
        SmartOutcome::Placed(placed) => vec![*placed],
        SmartOutcome::NoOrder(step) => panic!("{step:?}"),
    }
}

async fn basket(engine: Arc<Engine>, user: UserId) -> Vec<Placed> {
    let sell = NewOrder {
        side: Side::Sell,
        ..named()
    };
    let id = named().client_order_id;
    let legs = engine.orders().basket(user, vec![sell, named()], id);
    let legs = legs.await.unwrap().into_iter();
    legs.map(|leg| leg.outcome.unwrap()).collect()
}

async fn split(engine: Arc<Engine>, user: UserId) -> Vec<Placed> {
    let quantity = Quantity::try_new(5).unwrap();
    let order = NewOrder {
        quantity,
        ..named()
    };
    let size = SplitSize::Units(Quantity::try_new(2).unwrap());
    let legs = engine.orders().split(user, order, size);
    let legs = legs.await.unwrap().into_iter();
    legs.map(|leg| leg.outcome.unwrap()).collect()
}

/// Asks a thousand times, and gives the answers.
async fn thousand<F>(
    place: &Place,
    engine: &Arc<Engine>,
    ask: fn(Arc<Engine>, UserId) -> F,
) -> Vec<Vec<Placed>>
where
    F: Future<Output = Vec<Placed>> + Send + 'static,
{
    let user = place.owner.id;
    let tasks = (0..TASKS).map(|_| {
        let engine = Arc::clone(engine);
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for _ in 0..TIMES_EACH {
                answers.push(ask(Arc::clone(&engine), user).await);
            }
            answers
        })
    });
    let mut answers = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        answers.extend(task.await.unwrap());
    }
    answers
}

/// Whether each of so many orders was placed once and told of a thousand times, in the store and,
/// where there is one, at the broker.
async fn are_one<F>(
    exchange: Option<Arc<Exchange>>,
    orders: usize,
    ask: fn(Arc<Engine>, UserId) -> F,
) where
    F: Future<Output = Vec<Placed>> + Send + 'static,
{
    let sessions = exchange.iter().map(|exchange| BrokerSession {
        orders: Arc::new(Unhurried::new(Arc::clone(exchange))),
        ..exchange.session()
    });
    let place = Place::new(sessions.collect()).await;
    let engine = Arc::new(place.start().await);
    let answers = thousand(&place, &engine, ask).await;
    assert_eq!(answers.len(), 1_000);
    for leg in 0..orders {
        let of_it: Vec<_> = answers.iter().map(|answer| &answer[leg]).collect();
        let replays = of_it.iter().filter(|placed| placed.replayed).count();
        assert_eq!(replays, 999);
        assert!(of_it.iter().all(|placed| placed.order == of_it[0].order));
    }
    let stored = engine.orders().list(place.owner.id, 10).await.unwrap();
    assert_eq!(stored.len(), orders);
    if let Some(exchange) = exchange {
        assert_eq!(exchange.count(), orders);
    }
    engine.stop().await;
}

fn broker() -> Arc<Exchange> {
    let clock = Arc::new(FakeClock::at(crate::world::MORNING));
    Exchange::with_clock(clock)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_plain_order() {
    are_one(None, 1, plain).await;
    are_one(Some(broker()), 1, plain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_smart_order() {
    are_one(None, 1, smart).await;
    are_one(Some(broker()), 1, smart).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_legs_of_a_basket() {
    are_one(None, 2, basket).await;
    are_one(Some(broker()), 2, basket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_parts_of_a_large_order() {
    are_one(None, 3, split).await;
    are_one(Some(broker()), 3, split).await;
}
