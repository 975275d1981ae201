//! Programs that ask again without an id.

use super::{FakeBroker, Way, again, open};
use crate::world::{World, market};
use openalgo::OpenAlgo;
use openalgo::core::account::User;
use openalgo::core::order::{NewOrder, Order, OrderState, Side};
use openalgo::engine::Settlement;
use openalgo::engine::service::{PlaceOrderError, Requested, SplitSize};
use openalgo_core::testing::sample;

/// What a program with a key asks for.
async fn ask(app: &OpenAlgo, owner: &User, order: NewOrder) -> Result<Order, PlaceOrderError> {
    match app.keyed_orders().place(owner.id, order).await? {
        Requested::Done(placed) => Ok(placed.order),
        Requested::Waits(queued) => panic!("{queued:?}"),
    }
}

fn is_twin_of<T>(asked: Result<T, PlaceOrderError>, first: &Order) -> bool {
    let id = first.public_id();
    matches!(asked, Err(PlaceOrderError::TwinUnconfirmed { order }) if order == id)
}

#[tokio::test(start_paused = true)]
async fn the_same_order_is_not_sent_again_while_nobody_knows_the_first() {
    let world = World::new();
    let broker = FakeBroker::new(&world, true, Way::OrderLost);
    let (app, owner) = open(&world, &broker).await;
    let order = || market(Side::Buy, 1);
    let first = ask(&app, &owner, order()).await.unwrap();
    assert!(matches!(first.state, OrderState::Unconfirmed { .. }));
    *broker.way.lock().unwrap() = Way::Answered;
    assert!(is_twin_of(ask(&app, &owner, order()).await, &first));
    let legs = vec![order(), market(Side::Buy, 2)];
    let legs = app.keyed_orders().basket(owner.id, legs, None).await;
    let mut legs = legs.unwrap().into_iter().map(|leg| leg.outcome);
    assert!(is_twin_of(legs.next().unwrap(), &first));
    legs.next().unwrap().unwrap();
    let named = NewOrder {
        client_order_id: Some("one-more".parse().unwrap()),
        ..order()
    };
    ask(&app, &owner, named).await.unwrap();
    assert_eq!(broker.count(), 2);
    let id = first.intent.id.local_order_id();
    let never = Settlement::NeverArrived;
    app.orders().settle(owner.id, &id, never).await.unwrap();
    ask(&app, &owner, order()).await.unwrap();
    assert_eq!(broker.count(), 3);
    app.close().await;
}

/// Parts of one order that are the same are no repetitions of each other.
#[tokio::test(start_paused = true)]
async fn parts_of_a_request_do_not_stand_in_the_way_of_each_other() {
    let world = World::new();
    let broker = FakeBroker::new(&world, false, Way::AnswerLost);
    let (app, owner) = open(&world, &broker).await;
    let size = SplitSize::Units(sample::units(2));
    let split = || {
        let order = market(Side::Buy, 6);
        app.keyed_orders().split(owner.id, order, size)
    };
    let parts = split().await.unwrap();
    assert!(parts.iter().all(|part| part.outcome.is_ok()), "{parts:?}");
    assert_eq!(broker.count(), 3);
    let parts = split().await.unwrap();
    assert!(parts.iter().all(|part| part.outcome.is_err()), "{parts:?}");
    assert_eq!(broker.count(), 3);
    app.close().await;
}

/// The second waits for the answer to the first, and then there is none.
#[tokio::test(start_paused = true)]
async fn a_twin_waits_until_it_is_known_what_became_of_the_first() {
    let world = World::new();
    let broker = FakeBroker::new(&world, false, Way::Held);
    let (app, owner) = open(&world, &broker).await;
    let order = || market(Side::Buy, 1);
    let asked = tokio::join!(ask(&app, &owner, order()), ask(&app, &owner, order()));
    let (first, second) = match asked {
        (Ok(first), second) | (second, Ok(first)) => (first, second),
        (Err(one), Err(other)) => panic!("{one:?} {other:?}"),
    };
    assert!(is_twin_of(second, &first));
    assert_eq!(broker.count(), 1);
    let first = again(&app, &owner, &first).await;
    assert!(matches!(first.state, OrderState::Unconfirmed { .. }));
    app.close().await;
}
