//! Live orders leave no faster than an exchange segment at a broker takes them.

use crate::exchange::Exchange as Market;
use crate::flaky::Flaky;
use crate::in_memory::{EXCHANGES, Place, traded};
use crate::risk::by;
use crate::wire::session;
use crate::world::MORNING;
use async_trait::async_trait;
use futures_util::future::join_all;
use openalgo::core::account::{LimitChange, LimitName, User};
use openalgo::core::id::{BrokerOrderId, UserId};
use openalgo::core::market::Exchange;
use openalgo::core::order::{JournaledIntent, NewOrder, Order, OrderStatus, Product, Side};
use openalgo::core::port::{Acknowledgement, CancelError, ModifyError, OrderGateway, SubmitError};
use openalgo::core::value::Quantity;
use openalgo::engine::service::{ExitOrigin, PlaceOrderError};
use openalgo::engine::standing::UnderWay;
use openalgo::engine::{AccountError, Engine, EngineConfig, GovernorError, Ports};
use openalgo_core::testing::FakeClock;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// What reached the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Entry,
    Cancellation,
}

/// A broker that writes down what reaches it, and when.
#[derive(Debug, Default)]
struct Recorder(Mutex<Vec<(Exchange, What, Instant)>>);

impl Recorder {
    fn record(&self, exchange: Exchange, what: What) -> usize {
        let mut record = self.0.lock().unwrap();
        record.push((exchange, what, Instant::now()));
        record.len()
    }

    fn take(&self) -> Vec<(Exchange, What, Instant)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl OrderGateway for Recorder {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        let exchange = intent.intent().order.instrument.exchange;
        self.record(exchange, What::Entry);
        // Brokers take their time, some more than others.
        let id = intent.order_id();
        sleep(Duration::from_millis(40 + id.get().unsigned_abs() % 90)).await;
        let id = format!("{exchange}-{id}");
        Ok(Acknowledgement {
            broker_order_id: BrokerOrderId::try_new(&id).unwrap(),
            awaits_trigger: false,
        })
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        let reason = "this broker modifies nothing".into();
        Err(ModifyError::Refused { reason })
    }

    async fn cancel(&self, order: &BrokerOrderId) -> Result<(), CancelError> {
        let exchange = order.as_str().split('-').next().unwrap();
        self.record(exchange.parse().unwrap(), What::Cancellation);
        sleep(Duration::from_millis(60)).await;
        Ok(())
    }
}

/// A broker whose connection stands only after a while: what it was handed until then goes out
/// together.
#[derive(Debug)]
struct Connecting {
    begun: Instant,
    broker: Arc<Recorder>,
}

impl Connecting {
    /// It stands by then.
    const STANDS: Duration = Duration::from_millis(900);

    async fn connected(&self) -> &Recorder {
        sleep_until(self.begun + Self::STANDS).await;
        &self.broker
    }
}

#[async_trait]
impl OrderGateway for Connecting {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        self.connected().await.submit(intent).await
    }

    async fn modify(&self, order: &BrokerOrderId, asked: &NewOrder) -> Result<(), ModifyError> {
        self.connected().await.modify(order, asked).await
    }

    async fn cancel(&self, order: &BrokerOrderId) -> Result<(), CancelError> {
        self.connected().await.cancel(order).await
    }
}

/// What waits at the adapter has not reached the broker.
#[tokio::test(start_paused = true)]
async fn orders_that_wait_for_a_connection_do_not_bunch_up() {
    let broker = Arc::new(Recorder::default());
    let connecting = Connecting {
        begun: Instant::now(),
        broker: Arc::clone(&broker),
    };
    let place = Place::new(vec![session(Arc::new(connecting))]).await;
    let engine = place.start().await;
    let placing = (0..30).map(|_| engine.orders().place(place.owner.id, buy(Exchange::Nse)));
    assert!(join_all(placing).await.iter().all(Result::is_ok));
    let record = broker.take();
    assert_eq!(record.len(), 30);
    assert_eq!(busiest_second(&record, Exchange::Nse), 10);
    engine.stop().await;
}

fn buy(exchange: Exchange) -> NewOrder {
    NewOrder::market(traded(exchange), Side::Buy, Quantity::ONE)
}

async fn set_rate(engine: &Engine, user: &User, rate: &str) {
    let change = LimitName::OrdersPerSecond.parse(rate).unwrap();
    set(engine, user, change).await;
}

async fn set(engine: &Engine, user: &User, change: LimitChange) {
    let changed = engine.risk().change_limit(user.id, change, by(user)).await;
    changed.unwrap();
}

async fn live() -> (Arc<Recorder>, Place, Engine) {
    let broker = Arc::new(Recorder::default());
    let place = Place::new(vec![session(Arc::clone(&broker) as _)]).await;
    let engine = place.start().await;
    (broker, place, engine)
}

/// Orders that rest at the broker, so many on each exchange.
async fn resting(engine: &Engine, user: &User, each: usize) -> Vec<Order> {
    set_rate(engine, user, "1000").await;
    let orders = EXCHANGES.into_iter().flat_map(|it| vec![buy(it); each]);
    let placing = orders.map(|order| engine.orders().place(user.id, order));
    let placed = join_all(placing).await.into_iter();
    let orders = placed.map(|placed| placed.unwrap().order).collect();
    set_rate(engine, user, "off").await;
    sleep(Duration::from_secs(2)).await;
    orders
}

/// The most of a segment within any second.
fn busiest_second(record: &[(Exchange, What, Instant)], exchange: Exchange) -> usize {
    let of_it = || record.iter().filter(|(at, ..)| *at == exchange);
    let within = |from: &Instant| {
        let second = *from..*from + Duration::from_secs(1);
        of_it().filter(|(.., at)| second.contains(at)).count()
    };
    of_it().map(|(.., at)| within(at)).max().unwrap_or_default()
}

/// A thousand entries and cancellations, all in one second.
#[tokio::test(start_paused = true)]
async fn no_second_sees_more_than_the_limit_and_exits_go_first() {
    let (broker, place, engine) = live().await;
    let user = &place.owner;
    let orders = resting(&engine, user, 60).await;
    broker.take();
    let begin = Instant::now();
    let entries = (0..640_u64).map(|number| {
        let exchange = EXCHANGES[usize::try_from(number).unwrap() % EXCHANGES.len()];
        let engine = &engine;
        async move {
            sleep(Duration::from_millis(number * 997 % 1_000)).await;
            engine.orders().place(user.id, buy(exchange)).await.unwrap();
        }
    });
    let cancellations = orders.iter().zip(0_u64..).map(|(order, number)| {
        let engine = &engine;
        async move {
            sleep(Duration::from_millis(number * 991 % 1_000)).await;
            let id = order.public_id();
            engine.orders().cancel(user.id, &id).await.unwrap();
        }
    });
    tokio::join!(join_all(entries), join_all(cancellations));
    let record = broker.take();
    assert_eq!(record.len(), 1_000);
    for exchange in EXCHANGES {
        assert_eq!(busiest_second(&record, exchange), 10, "{exchange}");
        // Once all have been asked for, no entry leaves before the last cancellation has.
        let asked = begin + Duration::from_secs(1);
        let of_it = record.iter().filter(|(at, ..)| *at == exchange);
        let mut later = of_it
            .filter(|(.., at)| *at >= asked)
            .map(|(_, what, _)| *what);
        let cancelled = later.by_ref().take_while(|it| *it == What::Cancellation);
        assert!(cancelled.count() > 30, "{exchange}");
        assert!(later.all(|it| it == What::Entry), "{exchange}");
    }
    engine.stop().await;
}

/// A way out of a position goes past everything that stands in line to get into one.
#[tokio::test(start_paused = true)]
async fn an_exit_waits_only_for_what_has_left() {
    let exchange = Market::with_clock(Arc::new(FakeClock::at(MORNING)));
    let place = Place::new(vec![exchange.session()]).await;
    let engine = place.start().await;
    let (user, orders) = (&place.owner, engine.orders());
    orders.place(user.id, buy(Exchange::Nse)).await.unwrap();
    sleep(Duration::from_secs(2)).await;
    // Of another product, so that the exit is not computed again and again.
    let entry = || NewOrder {
        product: Product::Cnc,
        ..buy(Exchange::Nse)
    };
    let entries = join_all((0..30).map(|_| orders.place(user.id, entry())));
    let exit = async {
        sleep(Duration::from_millis(100)).await;
        let slot = (traded(Exchange::Nse), Product::Mis);
        orders.close(user.id, slot, ExitOrigin::api()).await
    };
    let (placed, exit) = tokio::join!(entries, exit);
    assert!(placed.into_iter().all(|it| it.is_ok()));
    exit.unwrap();
    let left = exchange.change(|ledger| {
        let mut orders = ledger.orders.iter();
        orders.position(|line| line.side == Side::Sell)
    });
    // The first entry, and the ten that may leave in one second.
    assert_eq!(left, Some(11));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_limit_changes_while_orders_wait_and_outlives_the_engine() {
    let (broker, place, engine) = live().await;
    let user = &place.owner;
    set_rate(&engine, user, "2").await;
    let begin = Instant::now();
    let placing = join_all((0..22).map(|_| engine.orders().place(user.id, buy(Exchange::Nse))));
    let raise = async {
        sleep(Duration::from_millis(500)).await;
        set_rate(&engine, user, "20").await;
    };
    let (placed, ()) = tokio::join!(placing, raise);
    assert!(placed.into_iter().all(|it| it.is_ok()));
    let record = broker.take();
    let after = |millis| {
        let left = record.iter().map(|(.., at)| at.duration_since(begin));
        left.filter(|left| *left <= Duration::from_millis(millis))
            .count()
    };
    assert_eq!((after(499), after(510), after(1_100)), (2, 20, 22));
    set_rate(&engine, user, "3").await;
    engine.stop().await;

    let engine = place.start().await;
    let placing = (0..7).map(|_| engine.orders().place(user.id, buy(Exchange::Nse)));
    join_all(placing).await;
    assert_eq!(busiest_second(&broker.take(), Exchange::Nse), 3);
    engine.stop().await;
}

/// On paper nobody counts.
#[tokio::test(start_paused = true)]
async fn paper_orders_wait_for_nothing() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let begin = Instant::now();
    let placing = (0..50).map(|_| engine.orders().place(place.owner.id, buy(Exchange::Nse)));
    assert!(join_all(placing).await.into_iter().all(|it| it.is_ok()));
    assert_eq!(Instant::now(), begin);
    engine.stop().await;
}

/// Nothing is stored of an order that does not find a place, and nothing of one that stood in line
/// when trading was halted or the engine stopped.
#[tokio::test(start_paused = true)]
async fn what_stands_in_line_has_not_begun() {
    let (broker, place, engine) = live().await;
    let (user, orders) = (&place.owner, engine.orders());
    set_rate(&engine, user, "1").await;
    let placing = (0..32).map(|_| orders.place(user.id, buy(Exchange::Nse)));
    let halt = async {
        sleep(Duration::from_millis(2_500)).await;
        let reason = "enough".parse().unwrap();
        engine.risk().halt(user.id, reason, by(user)).await.unwrap();
    };
    let (placed, ()) = tokio::join!(join_all(placing), halt);
    let mut refused = placed.into_iter().filter_map(Result::err);
    let full = refused
        .by_ref()
        .find(|it| !matches!(it, PlaceOrderError::Halted(_)));
    let Some(PlaceOrderError::Account(AccountError::Governor(GovernorError::Full { .. }))) = full
    else {
        panic!("{full:?}");
    };
    assert!(refused.all(|it| matches!(it, PlaceOrderError::Halted(_))));
    assert_eq!(broker.take().len(), 3);
    assert_eq!(orders.list(user.id, 99).await.unwrap().len(), 3);

    engine.risk().resume(user.id, by(user)).await.unwrap();
    let placing = join_all((0..5).map(|_| orders.place(user.id, buy(Exchange::Nse))));
    let (placed, ()) = tokio::join!(placing, async {
        sleep(Duration::from_millis(100)).await;
        engine.stop().await;
    });
    let stored = orders.list(user.id, 99).await.unwrap().len();
    assert_eq!(placed.iter().filter(|it| it.is_ok()).count(), stored - 3);
    let stopped = placed.into_iter().filter_map(Result::err).all(|it| {
        matches!(
            it,
            PlaceOrderError::Account(AccountError::Governor(GovernorError::Stopped))
        )
    });
    assert!(stopped);
    assert_eq!(broker.take().len(), stored - 3);
}

/// Whoever cancels means what stands in line, too. It is journaled as cancelled and never sent.
#[tokio::test(start_paused = true)]
async fn what_is_cancelled_in_line_is_journaled_so_and_never_sent() {
    let (broker, place, engine) = live().await;
    let (user, orders) = (&place.owner, engine.orders());
    set_rate(&engine, user, "2").await;
    let named = |number: usize| NewOrder {
        client_order_id: Some(format!("mine-{number}").parse().unwrap()),
        ..buy(Exchange::Nse)
    };
    let placing = (0..9).map(|number| orders.place(user.id, named(number)));
    let cancelling = async {
        sleep(Duration::from_millis(200)).await;
        orders.cancel_all(user.id).await.unwrap()
    };
    let (placed, cancelled) = tokio::join!(join_all(placing), cancelling);
    assert_eq!(cancelled.len(), 9);
    assert!(
        cancelled.iter().all(|it| it.outcome.is_ok()),
        "{cancelled:?}"
    );
    let placed: Vec<_> = placed.into_iter().map(|it| it.unwrap().order).collect();
    let withdrawn: Vec<_> = placed
        .iter()
        .filter(|order| order.status() == OrderStatus::Cancelled)
        .collect();
    assert_eq!(withdrawn.len(), 7);
    for order in withdrawn {
        let id = order.intent.id.local_order_id();
        let told = cancelled.iter().find(|it| it.order_id == id).unwrap();
        assert_eq!(told.outcome.as_ref().unwrap(), order);
        let journal = orders.journal(order.id).await.unwrap();
        let words: Vec<_> = journal.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(words, ["planned", "cancelled"]);
        assert_eq!(order.state.message(), Some("cancelled before it was sent"));
    }
    sleep(Duration::from_mins(1)).await;
    let reached = broker.take();
    let entries = reached.iter().filter(|(_, what, _)| *what == What::Entry);
    assert_eq!((entries.count(), reached.len()), (2, 4));
    assert_eq!(orders.list(user.id, 99).await.unwrap().len(), 9);
    // The same order again is the one that was cancelled.
    let again = orders.place(user.id, named(8)).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.order.status(), OrderStatus::Cancelled);
    assert!(broker.take().is_empty());
    engine.stop().await;

    let engine = place.start().await;
    assert!(engine.unresolved().await.unwrap().is_empty());
    engine.stop().await;
}

/// Orders that are under way are known by their own id, those in line among them.
#[tokio::test(start_paused = true)]
async fn one_order_in_line_is_cancelled_by_its_id() {
    let exchange = Market::with_clock(Arc::new(FakeClock::at(MORNING)));
    let place = Place::new(vec![exchange.session()]).await;
    let engine = place.start().await;
    let (user, orders) = (&place.owner, engine.orders());
    set_rate(&engine, user, "1").await;
    let placing = join_all((0..3).map(|_| orders.place(user.id, buy(Exchange::Nse))));
    let cancelling = async {
        sleep(Duration::from_millis(100)).await;
        let portfolio = engine.portfolio();
        let standing = portfolio.standing(user.id, traded(Exchange::Nse), Product::Mis);
        let standing = standing.await.unwrap();
        let ids: Vec<_> = standing.under_way.iter().map(UnderWay::public_id).collect();
        assert_eq!(ids.len(), 2);
        let other = UserId::new(77);
        let refused = orders.cancel(other, &ids[0]).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("Order {} not found", ids[0]));
        let cancelled = orders.cancel(user.id, &ids[0]).await.unwrap();
        assert_eq!(cancelled.status(), OrderStatus::Cancelled);
        let refused = orders.cancel(user.id, &ids[0]).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "Cannot cancel order in cancelled status"
        );
    };
    let (placed, ()) = tokio::join!(placing, cancelling);
    let statuses: Vec<_> = placed
        .iter()
        .map(|it| it.as_ref().unwrap().order.status())
        .collect();
    let cancelled = statuses.iter().filter(|it| **it == OrderStatus::Cancelled);
    assert_eq!(cancelled.count(), 1, "{statuses:?}");
    assert_eq!(exchange.count(), 2);
    engine.stop().await;
}

/// An order that has its place and is not stored yet can be named by nobody, and is on its way.
#[tokio::test(start_paused = true)]
async fn an_order_that_has_just_left_the_line_is_cancelled_with_the_others() {
    let broker = Arc::new(Recorder::default());
    let place = Place::new(vec![session(Arc::clone(&broker) as _)]).await;
    let ports = Ports {
        orders: Flaky::new(&place.store, Duration::from_millis(100)),
        ..place.ports()
    };
    let engine = place.start_on(ports, EngineConfig::default()).await;
    let (user, orders) = (&place.owner, engine.orders());
    let placing = orders.place(user.id, buy(Exchange::Nse));
    let cancelling = async {
        sleep(Duration::from_millis(50)).await;
        assert!(orders.list(user.id, 9).await.unwrap().is_empty());
        orders.cancel_all(user.id).await.unwrap()
    };
    let (placed, cancelled) = tokio::join!(placing, cancelling);
    let [told] = &cancelled[..] else {
        panic!("{cancelled:?}");
    };
    assert!(told.outcome.is_ok(), "{told:?}");
    assert_eq!(
        told.order_id,
        placed.unwrap().order.intent.id.local_order_id()
    );
    let reached: Vec<_> = broker.take().into_iter().map(|(_, what, _)| what).collect();
    assert_eq!(reached, [What::Entry, What::Cancellation]);
    engine.stop().await;
}

/// Whoever wants out cancels everything and closes what is held: the one must not undo the other.
#[tokio::test(start_paused = true)]
async fn what_takes_risk_away_stays_in_line_when_everything_is_cancelled() {
    let exchange = Market::with_clock(Arc::new(FakeClock::at(MORNING)));
    let place = Place::new(vec![exchange.session()]).await;
    let engine = place.start().await;
    let (user, orders) = (&place.owner, engine.orders());
    set_rate(&engine, user, "1").await;
    orders.place(user.id, buy(Exchange::Nse)).await.unwrap();
    let slot = (traded(Exchange::Nse), Product::Mis);
    let closing = orders.close(user.id, slot, ExitOrigin::api());
    let cancelling = async {
        sleep(Duration::from_millis(100)).await;
        orders.cancel_all(user.id).await.unwrap()
    };
    let (closed, cancelled) = tokio::join!(closing, cancelling);
    assert_ne!(closed.unwrap().order.status(), OrderStatus::Cancelled);
    assert_eq!(exchange.count(), 2);
    assert!(cancelled.iter().all(|it| it.outcome.is_err()), "it is over");
    engine.stop().await;
}
