//! Users at brokers: each with sessions of their own, which end once a day.

use crate::exchange::{Exchange, name};
use crate::world::{World, market};
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::{SessionEnd, SessionState, SettingKey, User};
use openalgo::core::id::BrokerName;
use openalgo::core::order::{OrderStatus, Side};
use openalgo::core::port::{BrokerSession, MockOrderGateway, SubmitError};
use openalgo::engine::event::{Event, Next};
use openalgo::engine::service::{ChooseBrokerError, PlaceOrderError};
use openalgo::engine::{AccountError, BrokerSessionError};
use openalgo_core::testing::sample;
use std::sync::Arc;

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
