//! Orders whose answer was lost: the broker's own order book says what became of them, and
//! nothing is sent again.

mod days;
mod left_behind;
mod side_by_side;
mod twins;
mod unstored;

use crate::world::{World, market};
use async_trait::async_trait;
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::{BrokerName, BrokerOrderId};
use openalgo::core::order::{JournaledIntent, NewOrder, Order, OrderState, OrderStatus, Side};
use openalgo::core::port::{
    Acknowledgement, BookOrder, BrokerReadError, BrokerSession, CancelError, Clock, ModifyError,
    OrderBook, OrderBookReader, OrderGateway, SubmitError,
};
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::{SettleError, Settlement};
use openalgo_core::testing::FakeClock;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What the broker does with an order and with the answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It takes the order and says so.
    Answered,
    /// It takes the order, and the answer is lost.
    AnswerLost,
    /// The order is lost.
    OrderLost,
    /// It takes the order, and answers when it is told to.
    Held,
}

/// A broker in this process, with an order book of its own.
#[derive(Debug)]
struct FakeBroker {
    clock: Arc<FakeClock>,
    carries_tags: bool,
    way: Mutex<Way>,
    book: Mutex<OrderBook>,
    told: Notify,
}

impl FakeBroker {
    fn new(world: &World, carries_tags: bool, way: Way) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::clone(&world.clock),
            carries_tags,
            way: Mutex::new(way),
            book: Mutex::new(OrderBook {
                orders: Vec::new(),
                complete: true,
            }),
            told: Notify::new(),
        })
    }

    fn change(&self, change: impl FnOnce(&mut OrderBook)) {
        change(&mut self.book.lock().unwrap());
    }

    fn count(&self) -> usize {
        self.book.lock().unwrap().orders.len()
    }

    /// The line of an order, wherever it comes from.
    fn line(&self, number: usize, intent: &openalgo::core::order::OrderIntent) -> BookOrder {
        let order = &intent.order;
        BookOrder {
            broker_order_id: BrokerOrderId::try_new(&format!("B-{number}")).unwrap(),
            tag: self.carries_tags.then(|| intent.id.tag()),
            instrument: order.instrument.clone(),
            side: order.side,
            quantity: order.quantity,
            product: order.product,
            kind: order.kind,
            status: OrderStatus::Open,
            filled: Quantity::ZERO,
            average: Price::ZERO,
            message: None,
            placed_at: self.clock.now(),
        }
    }

    fn session(self: &Arc<Self>) -> BrokerSession {
        let broker = BrokerName::try_new("fake").unwrap();
        BrokerSession {
            order_book: Some(Arc::clone(self) as _),
            ..BrokerSession::new(broker, Arc::clone(self) as _)
        }
    }
}

#[async_trait]
impl OrderGateway for FakeBroker {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        let way = *self.way.lock().unwrap();
        let line = self.line(self.count() + 1, intent.intent());
        let broker_order_id = line.broker_order_id.clone();
        if way != Way::OrderLost {
            self.change(|book| book.orders.push(line));
        }
        if way == Way::Held {
            self.told.notified().await;
        }
        match way {
            Way::Answered | Way::Held => Ok(Acknowledgement {
                broker_order_id,
                awaits_trigger: false,
            }),
            Way::AnswerLost | Way::OrderLost => {
                Err(SubmitError::OutcomeUnknown("timed out".into()))
            }
        }
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        let reason = "this broker modifies nothing".into();
        Err(ModifyError::Refused { reason })
    }

    async fn cancel(&self, _order: &BrokerOrderId) -> Result<(), CancelError> {
        Ok(())
    }
}

#[async_trait]
impl OrderBookReader for FakeBroker {
    async fn orders(&self) -> Result<OrderBook, BrokerReadError> {
        Ok(self.book.lock().unwrap().clone())
    }

    fn carries_tags(&self) -> bool {
        self.carries_tags
    }
}

async fn open(world: &World, broker: &Arc<FakeBroker>) -> (OpenAlgo, User) {
    let (app, owner) = world.open_with_owner().await;
    let brokers = app.brokers();
    brokers.connect(owner.id, broker.session()).await.unwrap();
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    let name = BrokerName::try_new("fake").unwrap();
    brokers.choose(owner.id, Some(&name)).await.unwrap();
    (app, owner)
}

async fn place(app: &OpenAlgo, owner: &User) -> Order {
    let placed = app.orders().place(owner.id, market(Side::Buy, 1)).await;
    placed.unwrap().order
}

async fn again(app: &OpenAlgo, owner: &User, order: &Order) -> Order {
    let id = order.intent.id.local_order_id();
    app.orders().find(owner.id, &id).await.unwrap().unwrap()
}

fn broker_id(order: &Order) -> Option<&str> {
    order.state.broker_order_id().map(BrokerOrderId::as_str)
}

#[tokio::test(start_paused = true)]
async fn whoever_lost_an_answer_gets_it_from_the_order_book() {
    let world = World::new();
    let broker = FakeBroker::new(&world, true, Way::AnswerLost);
    let (app, owner) = open(&world, &broker).await;
    let order = place(&app, &owner).await;
    assert_eq!(broker_id(&order), Some("B-1"));
    assert_eq!(order.status(), OrderStatus::Open);
    assert_eq!(broker.count(), 1, "nothing is sent again");
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

/// Without marks, the line may be that of another order that looks the same, as long as ours may
/// be on its way.
#[tokio::test(start_paused = true)]
async fn without_marks_the_order_book_tells_after_the_time_of_grace() {
    let world = World::new();
    let broker = FakeBroker::new(&world, false, Way::AnswerLost);
    let (app, owner) = open(&world, &broker).await;
    let order = place(&app, &owner).await;
    assert!(matches!(order.state, OrderState::Unconfirmed { .. }));
    world.clock.advance(Duration::seconds(30));
    app.reconcile().await.unwrap();
    let order = again(&app, &owner, &order).await;
    assert_eq!(broker_id(&order), Some("B-1"));
    assert_eq!(broker.count(), 1, "nothing is sent again");
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_never_arrived_takes_two_books_to_say_so_and_may_still_come_late() {
    let world = World::new();
    let broker = FakeBroker::new(&world, true, Way::OrderLost);
    let (app, owner) = open(&world, &broker).await;
    let order = place(&app, &owner).await;
    assert!(matches!(order.state, OrderState::Unconfirmed { .. }));
    world.clock.advance(Duration::seconds(60));
    for expected in [OrderStatus::Pending, OrderStatus::Rejected] {
        world.clock.advance(Duration::seconds(5));
        app.reconcile().await.unwrap();
        assert_eq!(again(&app, &owner, &order).await.status(), expected);
    }
    let line = broker.line(7, &order.intent);
    broker.change(|book| book.orders.push(line));
    app.reconcile().await.unwrap();
    assert_eq!(broker_id(&again(&app, &owner, &order).await), Some("B-7"));
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_book_proves_no_absence() {
    let world = World::new();
    let broker = FakeBroker::new(&world, true, Way::OrderLost);
    broker.change(|book| book.complete = false);
    let (app, owner) = open(&world, &broker).await;
    let order = place(&app, &owner).await;
    for _ in 0..5 {
        world.clock.advance(Duration::minutes(1));
        app.reconcile().await.unwrap();
    }
    let order = again(&app, &owner, &order).await;
    assert!(matches!(order.state, OrderState::Unconfirmed { .. }));
    app.close().await;
}

/// Without marks, an order that somebody placed by hand may be mistaken for ours: so nobody
/// guesses.
#[tokio::test(start_paused = true)]
async fn a_double_by_hand_leaves_the_order_to_the_user() {
    let world = World::new();
    let broker = FakeBroker::new(&world, false, Way::AnswerLost);
    let (app, owner) = open(&world, &broker).await;
    *broker.way.lock().unwrap() = Way::OrderLost;
    let order = place(&app, &owner).await;
    for number in [8, 9] {
        let line = broker.line(number, &order.intent);
        broker.change(|book| book.orders.push(line));
    }
    app.reconcile().await.unwrap();
    let order = again(&app, &owner, &order).await;
    assert!(matches!(order.state, OrderState::Unconfirmed { .. }));
    let candidates = app.orders().candidates(order.id);
    let candidates: Vec<_> = candidates.iter().map(BrokerOrderId::as_str).collect();
    assert_eq!(candidates, ["B-8", "B-9"]);
    let id = order.intent.id.local_order_id();
    let nine = || Settlement::Is("B-9".parse().unwrap());
    let settled = app.orders().settle(owner.id, &id, nine()).await.unwrap();
    assert_eq!(broker_id(&settled), Some("B-9"));
    assert!(app.orders().candidates(order.id).is_empty());
    let again = app.orders().settle(owner.id, &id, nine()).await;
    assert!(matches!(again, Err(SettleError::Known { .. })));
    let other = place(&app, &owner).await.intent.id.local_order_id();
    let taken = app.orders().settle(owner.id, &other, nine()).await;
    assert!(matches!(taken, Err(SettleError::Taken(_))));
    let never = Settlement::NeverArrived;
    let settled = app.orders().settle(owner.id, &other, never).await.unwrap();
    assert_eq!(settled.status(), OrderStatus::Rejected);
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn open_orders_follow_the_book() {
    let world = World::new();
    let broker = FakeBroker::new(&world, true, Way::Answered);
    let (app, owner) = open(&world, &broker).await;
    let order = place(&app, &owner).await;
    broker.change(|book| {
        book.orders[0].status = OrderStatus::Complete;
        book.orders[0].filled = Quantity::ONE;
        book.orders[0].average = "1450.5".parse().unwrap();
    });
    app.reconcile().await.unwrap();
    app.reconcile().await.unwrap();
    let order = again(&app, &owner, &order).await;
    assert_eq!(order.status(), OrderStatus::Complete);
    let journal = app.orders().journal(order.id).await.unwrap();
    let words: Vec<_> = journal.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(words, ["planned", "sent", "accepted", "reported"]);
    app.close().await;
}

/// Without marks, the line of an order whose answer is still on its way looks like that of another
/// one that was lost.
#[tokio::test(start_paused = true)]
async fn an_order_under_way_is_not_taken_for_a_lost_one() {
    let world = World::new();
    let broker = FakeBroker::new(&world, false, Way::OrderLost);
    let (app, owner) = open(&world, &broker).await;
    let lost = place(&app, &owner).await;
    *broker.way.lock().unwrap() = Way::Held;
    let check = async {
        while broker.count() == 0 {
            tokio::task::yield_now().await;
        }
        app.reconcile().await.unwrap();
        let known = again(&app, &owner, &lost).await;
        broker.told.notify_one();
        known
    };
    let (placed, known) = tokio::join!(place(&app, &owner), check);
    assert!(matches!(known.state, OrderState::Unconfirmed { .. }));
    assert_eq!(broker_id(&placed), Some("B-1"));
    app.reconcile().await.unwrap();
    assert_eq!(broker_id(&again(&app, &owner, &lost).await), None);
    app.close().await;
}
