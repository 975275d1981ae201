//! The id of a request for more than one order as it is: user, kind and id name it, and another
//! body is a conflict.

use crate::exchange::{Exchange as Broker, open_at};
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::world::{MORNING, World, market, reliance};
use futures_util::future::join_all;
use openalgo::OpenAlgo;
use openalgo::core::account::{LimitName, SettingKey};
use openalgo::core::id::{ClientOrderId, UserId};
use openalgo::core::market::Exchange;
use openalgo::core::order::{NewOrder, Product, Side};
use openalgo::core::port::BrokerSession;
use openalgo::core::value::{NetQuantity, Quantity};
use openalgo::engine::Engine;
use openalgo::engine::service::{
    BasketError, ClosePositionError, ExitOrigin, Leg, OrderService, PlaceOrderError, SmartOrder,
    SmartOrderError, SmartOutcome, SplitOrderError, SplitSize,
};
use openalgo_core::testing::{FakeClock, sample};
use std::sync::Arc;
use std::time::Duration;

fn id(text: &str) -> ClientOrderId {
    ClientOrderId::try_new(text).unwrap()
}

fn named(text: &str, order: NewOrder) -> NewOrder {
    NewOrder {
        client_order_id: Some(id(text)),
        ..order
    }
}

fn to(position: i64) -> SmartOrder {
    SmartOrder {
        order: named("mine", market(Side::Buy, 1)),
        position: NetQuantity::try_new(position).unwrap(),
    }
}

fn by_units(units: i64) -> SplitSize {
    SplitSize::Units(Quantity::try_new(units).unwrap())
}

fn legs(units: &[i64]) -> Vec<NewOrder> {
    let legs = units.iter().map(|units| market(Side::Buy, *units));
    legs.collect()
}

fn exit() -> ExitOrigin {
    ExitOrigin {
        client_order_id: Some(id("mine")),
        ..ExitOrigin::api()
    }
}

/// A user's orders, and how many there are.
struct Trader<'a>(&'a OrderService, UserId);

impl<'a> Trader<'a> {
    fn of(app: &'a OpenAlgo, user: UserId) -> Self {
        Self(app.orders(), user)
    }

    async fn count(&self) -> usize {
        self.0.list(self.1, 1_000).await.unwrap().len()
    }

    /// Whether a smart order is a replay; `None` for a conflict.
    async fn smart(&self, position: i64) -> Option<bool> {
        match self.0.smart(self.1, to(position)).await {
            Ok(SmartOutcome::Placed(placed)) => Some(placed.replayed),
            Err(SmartOrderError::Place(PlaceOrderError::Conflict { .. })) => None,
            other => panic!("{other:?}"),
        }
    }

    /// Which parts of a split order are replays; `None` for a conflict.
    async fn split(&self, quantity: i64, size: i64) -> Option<Vec<bool>> {
        let order = named("mine", market(Side::Buy, quantity));
        match self.0.split(self.1, order, by_units(size)).await {
            Ok(legs) => Some(replays(&legs)),
            Err(SplitOrderError::Place(PlaceOrderError::Conflict { .. })) => None,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// The same of a basket.
    async fn basket(&self, units: &[i64]) -> Option<Vec<bool>> {
        match self.0.basket(self.1, legs(units), Some(id("mine"))).await {
            Ok(legs) => Some(replays(&legs)),
            Err(BasketError::Place(PlaceOrderError::Conflict { .. })) => None,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Whether closing a position is a replay; `None` for a conflict.
    async fn close(&self, product: Product) -> Option<bool> {
        match self.0.close(self.1, (reliance(), product), exit()).await {
            Ok(placed) => Some(placed.replayed),
            Err(ClosePositionError::Place(PlaceOrderError::Conflict { .. })) => None,
            Err(other) => panic!("{other:?}"),
        }
    }
}

fn replays(legs: &[Leg]) -> Vec<bool> {
    let placed = legs.iter().map(|leg| leg.outcome.as_ref().unwrap());
    placed.map(|placed| placed.replayed).collect()
}

/// The rest of a basket must not go to another broker than its beginning.
#[tokio::test]
async fn a_request_that_would_go_elsewhere_by_now_is_another_one() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    for name in ["one", "two"] {
        let session = BrokerSession {
            broker: name.parse().unwrap(),
            ..Broker::new(&world).session()
        };
        app.brokers().connect(owner.id, session).await.unwrap();
    }
    let use_broker = async |name: &str| {
        let name = name.parse().unwrap();
        app.brokers().choose(owner.id, Some(&name)).await.unwrap();
    };
    let trader = Trader::of(&app, owner.id);
    use_broker("one").await;
    assert_eq!(trader.basket(&[1, 2]).await, Some(vec![false; 2]));
    assert_eq!(trader.close(Product::Mis).await, Some(false));
    use_broker("two").await;
    assert_eq!(trader.basket(&[1, 2]).await, None);
    assert_eq!(trader.close(Product::Mis).await, None);
    assert_eq!(trader.count().await, 3);
    use_broker("one").await;
    assert_eq!(trader.basket(&[1, 2]).await, Some(vec![true; 2]));
    app.close().await;
}

/// One id serves every kind of request, and what came of each is told again, also in another life.
#[tokio::test]
async fn an_id_names_one_request_of_each_kind() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let plain = named("mine", market(Side::Buy, 3));
    let leg = named("mine-1", market(Side::Buy, 3));
    let trader = Trader::of(&app, owner.id);
    for order in [&plain, &leg] {
        let placed = app.orders().place(owner.id, order.clone()).await.unwrap();
        assert!(!placed.replayed);
    }
    assert_eq!(trader.smart(10).await, Some(false));
    assert_eq!(trader.split(5, 3).await, Some(vec![false; 2]));
    assert_eq!(trader.basket(&[1, 2]).await, Some(vec![false; 2]));
    assert_eq!(trader.close(Product::Mis).await, Some(false));
    assert_eq!(trader.count().await, 8);
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;

    let app = world.open().await;
    let trader = Trader::of(&app, owner.id);
    for order in [plain, leg] {
        assert!(app.orders().place(owner.id, order).await.unwrap().replayed);
    }
    assert_eq!(trader.smart(10).await, Some(true));
    assert_eq!(trader.split(5, 3).await, Some(vec![true; 2]));
    assert_eq!(trader.basket(&[1, 2]).await, Some(vec![true; 2]));
    assert_eq!(trader.close(Product::Mis).await, Some(true));
    // Whatever is not just the same is another request.
    assert_eq!(trader.smart(9).await, None);
    assert_eq!(trader.split(5, 2).await, None);
    assert_eq!(trader.split(6, 3).await, None);
    assert_eq!(trader.basket(&[1]).await, None);
    assert_eq!(trader.basket(&[1, 2, 3]).await, None);
    assert_eq!(trader.basket(&[2, 1]).await, None);
    assert_eq!(trader.close(Product::Cnc).await, None);
    assert_eq!(trader.count().await, 8);
    let refused = app.orders().smart(owner.id, to(9)).await.unwrap_err();
    let text = refused.to_string();
    let expected = "the client order id 'mine' was used for another order (";
    assert!(text.starts_with(expected), "{text}");
    app.close().await;
}

/// What was refused is not remembered, and however little came of a request, it is that one.
#[tokio::test]
async fn a_request_goes_on_with_what_is_missing_and_no_other_takes_its_place() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let trader = Trader::of(&app, owner.id);
    let limit = async |value: &str| {
        let change = LimitName::OrderQuantity.parse(value).unwrap();
        let changed = app.risk().change_limit(owner.id, change, by(&owner));
        changed.await.unwrap();
    };
    limit("5").await;
    let refused = app.orders();
    let refused = refused.basket(owner.id, legs(&[7, 9]), Some(id("mine")));
    let refused = refused.await.unwrap();
    assert!(refused.iter().all(|leg| leg.outcome.is_err()));
    // Nothing came of it, so the id is free.
    let basket = legs(&[8, 5, 6]);
    let first = app.orders().basket(owner.id, basket, Some(id("mine")));
    let placed: Vec<_> = first
        .await
        .unwrap()
        .iter()
        .map(|it| it.outcome.is_ok())
        .collect();
    assert_eq!(placed, [false, true, false]);
    // The first leg of it is not there, and still this is not the same basket.
    assert_eq!(trader.basket(&[4]).await, None);
    assert_eq!(trader.basket(&[4, 5, 6]).await, None);
    assert_eq!(trader.count().await, 1);
    limit("off").await;
    assert_eq!(
        trader.basket(&[8, 5, 6]).await,
        Some(vec![false, true, false])
    );
    assert_eq!(trader.basket(&[8, 5, 6]).await, Some(vec![true; 3]));
    assert_eq!(trader.count().await, 3);
    world.clock.advance(chrono::Duration::days(7));
    assert_eq!(trader.basket(&[1]).await, None);
    world.clock.advance(chrono::Duration::seconds(1));
    assert_eq!(
        trader.basket(&[1]).await,
        Some(vec![false]),
        "it is forgotten"
    );
    app.close().await;
}

/// Real money or paper: the same words in the other mode are another request.
#[tokio::test(start_paused = true)]
async fn the_mode_is_a_part_of_a_request() {
    let world = World::new();
    let broker = Broker::new(&world);
    let (app, owner) = open_at(&world, &broker).await;
    let trader = Trader::of(&app, owner.id);
    assert_eq!(trader.smart(4).await, Some(false));
    assert_eq!(trader.split(5, 3).await, Some(vec![false; 2]));
    assert_eq!(trader.basket(&[1, 2]).await, Some(vec![false; 2]));
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    assert_eq!(trader.smart(4).await, None);
    assert_eq!(trader.split(5, 3).await, None);
    assert_eq!(trader.basket(&[1, 2]).await, None);
    assert_eq!(trader.count().await, 5);
    app.close().await;
}

/// Fifty at once under one id that want two different things: one of these is done, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_requests_at_once_under_one_id_one_is_carried_out() {
    for round in 0..10 {
        let world = World::new();
        let (app, owner) = world.open_with_owner().await;
        let app = Arc::new(app);
        let tasks = (0..50_i64).map(|task| {
            let (app, user) = (Arc::clone(&app), owner.id);
            tokio::spawn(async move {
                let trader = Trader::of(&app, user);
                let other = task % 2;
                let split = trader.split(10, 4 + other).await.is_some();
                let basket = trader.basket(&[1, 1 + other]).await.is_some();
                let smart = trader.smart(20 + other).await.is_some();
                (other, [split, basket, smart])
            })
        });
        let answers: Vec<_> = join_all(tasks)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        for kind in 0..3 {
            let winners = answers.iter().filter(|(_, is_placed)| is_placed[kind]);
            let winners: Vec<_> = winners.map(|(other, _)| *other).collect();
            assert_eq!(winners.len(), 25, "round {round}");
            assert!(winners.iter().all(|other| *other == winners[0]));
        }
        let parts = if answers.iter().any(|it| it.0 == 0 && it.1[0]) {
            3
        } else {
            2
        };
        assert_eq!(Trader::of(&app, owner.id).count().await, parts + 2 + 1);
        Arc::into_inner(app).unwrap().close().await;
    }
}

/// The program ends while the parts of an order leave one after the other.
#[tokio::test(start_paused = true)]
async fn a_split_order_that_was_cut_off_is_finished_and_not_doubled() {
    let broker = Broker::with_clock(Arc::new(FakeClock::at(MORNING)));
    let place = Place::new(vec![broker.session()]).await;
    let engine = place.start().await;
    let user = &place.owner;
    let change = LimitName::OrdersPerSecond.parse("1").unwrap();
    engine
        .risk()
        .change_limit(user.id, change, by(user))
        .await
        .unwrap();
    let order = named(
        "mine",
        NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(10)),
    );
    let split = async |engine: &Engine, size| {
        let split = engine
            .orders()
            .split(user.id, order.clone(), by_units(size));
        split.await
    };
    let cut_off = split(&engine, 2);
    assert!(
        tokio::time::timeout(Duration::from_millis(2_500), cut_off)
            .await
            .is_err()
    );
    engine.stop().await;
    let before = broker.count();
    assert!((1..5).contains(&before), "{before}");

    let engine = place.start().await;
    let other = split(&engine, 5).await;
    assert!(
        matches!(
            other,
            Err(SplitOrderError::Place(PlaceOrderError::Conflict { .. }))
        ),
        "{other:?}"
    );
    assert_eq!(broker.count(), before);
    let legs = split(&engine, 2).await.unwrap();
    let known = replays(&legs).into_iter().filter(|replayed| *replayed);
    assert_eq!(known.count(), before);
    assert_eq!(broker.count(), 5);
    let units = broker.change(|ledger| {
        let units = ledger.orders.iter().map(|line| line.quantity.get());
        units.sum::<i64>()
    });
    assert_eq!(units, 10);
    engine.stop().await;
}

/// Every id that a sender may give is one that works: parts have ids of their own, however long it is.
#[tokio::test]
async fn the_longest_id_works_for_every_kind_of_request() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let orders = app.orders();
    for length in [45, 60, 62, 63, 64] {
        let long = "i".repeat(length);
        for _ in 0..2 {
            let basket = orders.basket(owner.id, legs(&[1, 2]), Some(id(&long)));
            let basket = basket.await.unwrap();
            assert!(basket.iter().all(|leg| leg.outcome.is_ok()), "{basket:?}");
            let whole = named(&long, market(Side::Buy, 5));
            let split = orders.split(owner.id, whole, by_units(2)).await.unwrap();
            assert!(split.iter().all(|leg| leg.outcome.is_ok()), "{split:?}");
        }
        let everything = ExitOrigin {
            client_order_id: Some(id(&long)),
            ..ExitOrigin::api()
        };
        let closed = orders.close_all(owner.id, everything).await.unwrap();
        let closed: Vec<_> = closed.iter().map(|it| it.outcome.as_ref()).collect();
        assert!(matches!(closed[..], [Ok(_)]), "{length}: {closed:?}");
    }
    // Ids that begin alike are different ones all the same.
    let trader = Trader::of(&app, owner.id);
    assert_eq!(trader.count().await, 5 * (2 + 3 + 1));
    app.close().await;
}
