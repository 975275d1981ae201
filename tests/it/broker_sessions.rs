//! Users at brokers: each with sessions of their own, which end once a day.

use crate::exchange::{Exchange, name, open_at};
use crate::risk::by;
use crate::world::{World, limit, market, reliance};
use async_trait::async_trait;
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::{LimitName, SessionEnd, SessionState, SettingKey, User};
use openalgo::core::id::{BrokerName, BrokerOrderId};
use openalgo::core::order::{JournaledIntent, NewOrder, OrderStatus, Product, Side};
use openalgo::core::port::{
    Acknowledgement, BrokerReadError, BrokerSession, CancelError, MockOrderGateway, ModifyError,
    OrderGateway, OrderUpdates, ReportStream, SubmitError,
};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::Quantity;
use openalgo::engine::event::{Event, Next};
use openalgo::engine::service::{
    CancelOrderError, ChooseBrokerError, ConnectBrokerError, ExitOrigin, PlaceOrderError,
};
use openalgo::engine::{AccountError, BrokerSessionError};
use openalgo_core::testing::sample;
use std::error::Error;
use std::sync::Arc;
use tokio::sync::Notify;

async fn second_user(app: &OpenAlgo) -> User {
    let (name, address) = ("second".parse().unwrap(), "second@example.com".parse());
    let password = "Str0ng&Long!".to_owned().into();
    let users = app.users();
    users
        .create(name, address.unwrap(), &password)
        .await
        .unwrap()
}

async fn go_live(app: &OpenAlgo) {
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
}

async fn place(app: &OpenAlgo, user: &User) -> Result<OrderStatus, BrokerSessionError> {
    match app.orders().place(user.id, market(Side::Buy, 1)).await {
        Ok(placed) => Ok(placed.order.status()),
        Err(PlaceOrderError::Account(AccountError::Session(error))) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

fn over(why: SessionEnd) -> Result<OrderStatus, BrokerSessionError> {
    let broker = name();
    Err(BrokerSessionError::NeedsLogin { broker, why })
}

fn named(session: BrokerSession, broker: &str) -> BrokerSession {
    let broker = broker.parse().unwrap();
    BrokerSession { broker, ..session }
}

#[tokio::test]
async fn users_are_at_brokers_of_their_own_all_at_once() {
    let world = World::new();
    let exchanges = [(); 3].map(|()| Exchange::new(&world));
    let (app, owner) = world.open_with_owner().await;
    let second = second_user(&app).await;
    go_live(&app).await;
    let brokers = app.brokers();
    let logins = [(&owner, "one"), (&owner, "two"), (&second, "one")];
    for ((user, broker), exchange) in logins.iter().zip(&exchanges) {
        let session = named(exchange.session(), broker);
        brokers.connect(user.id, session).await.unwrap();
    }
    for (user, broker) in logins {
        let broker: BrokerName = broker.parse().unwrap();
        brokers.choose(user.id, Some(&broker)).await.unwrap();
        place(&app, user).await.unwrap();
        let orders = app.orders().list(user.id, 1).await.unwrap();
        assert_eq!(orders[0].intent.broker, broker);
    }
    for exchange in &exchanges {
        assert_eq!(exchange.count(), 1);
    }
    app.close().await;
}

#[tokio::test]
async fn a_session_is_over_at_the_boundary_and_begins_anew_with_a_login() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = world.open_with_owner().await;
    go_live(&app).await;
    let brokers = app.brokers();
    brokers.connect(owner.id, exchange.session()).await.unwrap();
    brokers.choose(owner.id, Some(&name())).await.unwrap();
    place(&app, &owner).await.unwrap();
    // From 10:30 to 02:45, and on to the boundary at 03:00.
    let state = |app: &OpenAlgo| app.brokers().states(owner.id)[0].1;
    assert!(matches!(state(&app), SessionState::Live { .. }));
    world.clock.advance(Duration::minutes(16 * 60 + 15));
    assert!(matches!(state(&app), SessionState::Expiring { .. }));
    place(&app, &owner).await.unwrap();
    world.clock.advance(Duration::minutes(15));
    assert_eq!(place(&app, &owner).await, over(SessionEnd::DayOver));
    assert_eq!(exchange.count(), 2);
    let orders = app.orders().list(owner.id, 10).await.unwrap();
    assert_eq!(orders.len(), 2, "what was refused is not in the books");
    brokers.connect(owner.id, exchange.session()).await.unwrap();
    place(&app, &owner).await.unwrap();
    assert!(brokers.disconnect(owner.id, &name()));
    assert!(!brokers.disconnect(owner.id, &name()));
    assert_eq!(place(&app, &owner).await, over(SessionEnd::LoggedOut));
    app.close().await;
}

#[tokio::test]
async fn a_session_that_the_broker_refuses_is_over() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    go_live(&app).await;
    let mut gateway = MockOrderGateway::new();
    gateway
        .expect_submit()
        .times(1)
        .returning(|_| Err(SubmitError::SessionExpired));
    let session = BrokerSession::new(name(), Arc::new(gateway));
    let brokers = app.brokers();
    brokers.connect(owner.id, session).await.unwrap();
    brokers.choose(owner.id, Some(&name())).await.unwrap();
    let mut watched = brokers.watch(owner.id, &name()).unwrap();
    let mut events = app.subscribe();
    assert_eq!(place(&app, &owner).await, Ok(OrderStatus::Rejected));
    let state = *watched.wait_for(|state| !state.is_live()).await.unwrap();
    let why = SessionEnd::Refused;
    assert!(matches!(state, SessionState::NeedsLogin { why: of, .. } if of == why));
    let Next::Event(Event::SessionChanged {
        user,
        broker,
        state: told,
    }) = events.next().await
    else {
        panic!("nobody was told");
    };
    assert_eq!((user, broker, told), (owner.id, name(), state));
    assert_eq!(place(&app, &owner).await, over(why));
    app.close().await;
}

/// Adding a broker, or logging in at one, never changes where orders go.
#[tokio::test]
async fn where_orders_go_is_chosen_by_hand() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = world.open_with_owner().await;
    let brokers = app.brokers();
    let early = brokers.choose(owner.id, Some(&name())).await;
    assert!(matches!(early, Err(ChooseBrokerError::NotConnected { .. })));
    brokers.connect(owner.id, exchange.session()).await.unwrap();
    place(&app, &owner).await.unwrap();
    go_live(&app).await;
    let unchosen = app.orders().place(owner.id, market(Side::Buy, 1)).await;
    assert!(matches!(unchosen, Err(PlaceOrderError::Route(_))));
    brokers
        .choose(owner.id, Some(&sample::paper()))
        .await
        .unwrap();
    place(&app, &owner).await.unwrap();
    assert_eq!(exchange.count(), 0);
    brokers.choose(owner.id, Some(&name())).await.unwrap();
    place(&app, &owner).await.unwrap();
    assert_eq!(exchange.count(), 1);
    app.close().await;
}

/// A broker that answers when it is told to, and then does not take the session any more.
#[derive(Debug, Default)]
struct Slow {
    has_order: Notify,
    answers: Notify,
}

#[async_trait]
impl OrderGateway for Slow {
    async fn submit(&self, _intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        self.has_order.notify_one();
        self.answers.notified().await;
        Err(SubmitError::SessionExpired)
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        panic!("a defect of the adapter")
    }

    async fn cancel(&self, _order: &BrokerOrderId) -> Result<(), CancelError> {
        panic!("a defect of the adapter")
    }
}

#[tokio::test]
async fn a_late_refusal_is_about_the_session_before() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    go_live(&app).await;
    let slow = Arc::new(Slow::default());
    let session = || BrokerSession::new(name(), Arc::clone(&slow) as _);
    let brokers = app.brokers();
    brokers.connect(owner.id, session()).await.unwrap();
    brokers.choose(owner.id, Some(&name())).await.unwrap();
    let log_in_again = async {
        slow.has_order.notified().await;
        brokers.connect(owner.id, session()).await.unwrap();
        slow.answers.notify_one();
    };
    let (placed, ()) = tokio::join!(place(&app, &owner), log_in_again);
    assert_eq!(placed, Ok(OrderStatus::Rejected));
    assert!(brokers.states(owner.id)[0].1.is_live());
    app.close().await;
}

/// An adapter that fails in a way it must not takes nothing with it.
#[tokio::test]
async fn a_panic_of_an_adapter_is_its_own_failure() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    go_live(&app).await;
    let mut gateway = MockOrderGateway::new();
    gateway.expect_submit().returning(|intent| {
        Ok(Acknowledgement {
            broker_order_id: intent.tag().as_str().parse().unwrap(),
            awaits_trigger: false,
        })
    });
    gateway
        .expect_cancel()
        .returning(|_| panic!("a defect of the adapter"));
    let session = BrokerSession::new(name(), Arc::new(gateway));
    let brokers = app.brokers();
    brokers.connect(owner.id, session).await.unwrap();
    brokers.choose(owner.id, Some(&name())).await.unwrap();
    place(&app, &owner).await.unwrap();
    let order = app.orders().list(owner.id, 1).await.unwrap().remove(0);
    let cancelled = app.orders().cancel(owner.id, &order.public_id()).await;
    assert!(matches!(
        cancelled,
        Err(CancelOrderError::Account(AccountError::Cancel(error)))
            if matches!(*error, CancelError::OutcomeUnknown(_))
    ));
    assert_eq!(place(&app, &owner).await, Ok(OrderStatus::Open));
    app.close().await;
}

/// What somebody is told who needs the broker for this.
async fn told(app: &OpenAlgo, owner: &User, (call, id): (&str, &str)) -> String {
    let (orders, portfolio) = (app.orders(), app.portfolio());
    match call {
        "modify" => {
            let change = Modification {
                quantity: Some(Quantity::try_new(5).unwrap()),
                ..Modification::default()
            };
            let modified = orders.modify(owner.id, id, change).await;
            modified.unwrap_err().to_string()
        }
        "cancel" => orders.cancel(owner.id, id).await.unwrap_err().to_string(),
        "positions" => {
            let standing = portfolio.standing(owner.id, reliance(), Product::Mis);
            standing.await.unwrap_err().to_string()
        }
        "all positions" => {
            let closed = orders.close_all(owner.id, ExitOrigin::api()).await;
            closed.unwrap_err().to_string()
        }
        "the day" => {
            // Positions that were read a moment ago would do.
            tokio::time::advance(std::time::Duration::from_secs(2)).await;
            let placed = orders.place(owner.id, market(Side::Buy, 1)).await;
            placed.unwrap_err().source().unwrap().to_string()
        }
        other => panic!("{other}"),
    }
}

/// Whatever the broker is asked when it says that the session is over: that is its end, and who
/// asked is told to log in.
#[tokio::test(start_paused = true)]
async fn every_call_that_the_broker_refuses_ends_the_session() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let loss = LimitName::DailyLoss.parse("1000").unwrap();
    let risk = app.risk();
    let set = risk.change_limit(owner.id, loss, by(&owner)).await;
    set.unwrap();
    let resting = limit(&app, Side::Buy, 10, -200).await;
    let placed = app.orders().place(owner.id, resting).await.unwrap();
    let id = placed.order.public_id();
    let refused = over(SessionEnd::Refused).unwrap_err().to_string();
    for call in ["modify", "cancel", "positions", "all positions", "the day"] {
        exchange.knows_nobody(true);
        assert_eq!(told(&app, &owner, (call, &id)).await, refused, "{call}");
        let state = app.brokers().states(owner.id)[0].1;
        assert!(!state.is_live(), "{call}");
        exchange.knows_nobody(false);
        let brokers = app.brokers();
        brokers.connect(owner.id, exchange.session()).await.unwrap();
    }
    let order = app.orders().find(owner.id, &id).await.unwrap().unwrap();
    assert_eq!((order.status(), order.change), (OrderStatus::Open, None));
    app.close().await;
}

/// A stream that the broker opens for nobody.
#[derive(Debug)]
struct Closed;

#[async_trait]
impl OrderUpdates for Closed {
    async fn reports(&self) -> Result<Box<dyn ReportStream>, BrokerReadError> {
        Err(BrokerReadError::SessionExpired)
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_the_broker_refuses_ends_the_session() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = world.open_with_owner().await;
    let session = BrokerSession {
        order_updates: Some(Arc::new(Closed)),
        ..exchange.session()
    };
    let brokers = app.brokers();
    brokers.connect(owner.id, session).await.unwrap();
    let mut watched = brokers.watch(owner.id, &name()).unwrap();
    let state = *watched.wait_for(|state| !state.is_live()).await.unwrap();
    let refused = SessionEnd::Refused;
    assert!(matches!(state, SessionState::NeedsLogin { why, .. } if why == refused));
    app.close().await;
}

#[tokio::test]
async fn nobody_logs_in_at_a_broker_while_the_clock_is_set() {
    let world = World::new();
    let rehearsal = openalgo::World {
        clock: Some("2026-11-25 05:00:00".to_owned().try_into().unwrap()),
        ..openalgo::World::default()
    };
    let app = world.builder().world(rehearsal).open().await.unwrap();
    let user = app.set_up_owner().await.unwrap().user;
    let session = crate::wire::session(Arc::new(MockOrderGateway::new()));
    let refused = app.brokers().connect(user.id, session).await;
    assert!(
        matches!(refused, Err(ConnectBrokerError::StagedClock)),
        "{refused:?}"
    );
    assert_eq!(app.brokers().states(user.id), Vec::new());
    app.close().await;
}
