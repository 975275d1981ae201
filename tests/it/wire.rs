//! Orders that leave this process: the intent is on disk before the broker sees it, and a lost
//! answer is never mistaken for an outcome.

use crate::world::{World, market};
use async_trait::async_trait;
use openalgo::OpenAlgo;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::{BrokerName, BrokerOrderId};
use openalgo::core::market::InstrumentKey;
use openalgo::core::order::{
    JournaledIntent, NewOrder, OrderState, OrderStatus, Product, Side, TradingMode,
};
use openalgo::core::port::{
    Acknowledgement, BrokerReadError, BrokerSession, CancelError, MockOrderGateway, ModifyError,
    OrderGateway, PortfolioReader, SubmitError,
};
use openalgo::core::portfolio::{BrokerFunds, Holding, Position, PositionKey};
use openalgo::core::value::NetQuantity;
use openalgo_core::testing::sample;
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn session(gateway: Arc<dyn OrderGateway>) -> BrokerSession {
    let broker = BrokerName::try_new("fake").unwrap();
    BrokerSession::new(broker, gateway)
}

/// How long [`Slow`] takes for an order.
pub(crate) const SUBMIT: Duration = Duration::from_millis(60);
/// How long it takes to modify one.
pub(crate) const MODIFY: Duration = Duration::from_millis(50);
/// How long it takes to cancel one.
pub(crate) const CANCEL: Duration = Duration::from_millis(40);

/// A broker that takes its time for each request, and always the same.
#[derive(Debug)]
pub(crate) struct Slow;

#[async_trait]
impl OrderGateway for Slow {
    async fn submit(&self, intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        tokio::time::sleep(SUBMIT).await;
        let id = format!("B-{}", intent.order_id());
        Ok(Acknowledgement {
            broker_order_id: BrokerOrderId::try_new(&id).unwrap(),
            awaits_trigger: false,
        })
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        tokio::time::sleep(MODIFY).await;
        Ok(())
    }

    async fn cancel(&self, _order: &BrokerOrderId) -> Result<(), CancelError> {
        tokio::time::sleep(CANCEL).await;
        Ok(())
    }
}

/// A broker at which so many units of one thing are held, whatever is ordered.
#[derive(Debug)]
pub(crate) struct Holds(pub(crate) InstrumentKey, pub(crate) i64);

#[async_trait]
impl PortfolioReader for Holds {
    async fn positions(&self) -> Result<Vec<Position>, BrokerReadError> {
        let key = PositionKey {
            user: sample::NOBODY,
            broker: BrokerName::try_new("fake").unwrap(),
            instrument: self.0.clone(),
            product: Product::Mis,
        };
        Ok(vec![Position {
            quantity: NetQuantity::try_new(self.1).unwrap(),
            ..Position::flat(key, sample::at(0))
        }])
    }

    async fn holdings(&self) -> Result<Vec<Holding>, BrokerReadError> {
        Ok(Vec::new())
    }

    async fn funds(&self) -> Result<BrokerFunds, BrokerReadError> {
        Err(BrokerReadError::Failed("not told".into()))
    }
}

/// A folder whose owner sends live orders to the fake broker.
pub(crate) async fn live(world: &World, gateway: Arc<dyn OrderGateway>) -> (OpenAlgo, User) {
    let (app, owner) = world.open_with_owner().await;
    app.brokers()
        .connect(owner.id, session(gateway))
        .await
        .unwrap();
    app.settings()
        .set(SettingKey::Analyzer, "false")
        .await
        .unwrap();
    let broker = BrokerName::try_new("fake").unwrap();
    app.brokers().choose(owner.id, Some(&broker)).await.unwrap();
    (app, owner)
}

/// A broker that gets one order, in live mode, and gives this answer.
fn broker_that_answers(answer: Result<Acknowledgement, SubmitError>) -> MockOrderGateway {
    let mut broker = MockOrderGateway::new();
    broker
        .expect_submit()
        .withf(|intent| intent.intent().mode == TradingMode::Live)
        .times(1)
        .return_once(|_| answer);
    broker
}

async fn place(answer: Result<Acknowledgement, SubmitError>) -> (OrderState, Vec<String>, usize) {
    let world = World::new();
    let (app, owner) = live(&world, Arc::new(broker_that_answers(answer))).await;
    let order = app
        .orders()
        .place(owner.id, market(Side::Buy, 1))
        .await
        .unwrap()
        .order;
    let journal = app.orders().journal(order.id).await.unwrap();
    let words = journal
        .iter()
        .map(|event| event.kind.as_str().to_owned())
        .collect();
    let unresolved = app.unresolved().await.unwrap().len();
    app.close().await;
    (order.state, words, unresolved)
}

#[tokio::test]
async fn an_acknowledged_order_is_open_under_the_brokers_id() {
    let broker_order_id = BrokerOrderId::try_new("B-1").unwrap();
    let answer = Acknowledgement {
        broker_order_id: broker_order_id.clone(),
        awaits_trigger: false,
    };
    let (state, journal, unresolved) = place(Ok(answer)).await;
    assert_eq!(state.broker_order_id(), Some(&broker_order_id));
    assert_eq!(journal, ["planned", "sent", "accepted"]);
    assert_eq!(unresolved, 0);
}

#[tokio::test]
async fn a_refused_order_is_rejected_with_the_brokers_words() {
    let (state, journal, unresolved) = place(Err(SubmitError::Refused {
        reason: "no margin".into(),
    }))
    .await;
    assert_eq!(state.status(), OrderStatus::Rejected);
    assert_eq!(state.message(), Some("no margin"));
    assert_eq!(journal, ["planned", "sent", "rejected"]);
    assert_eq!(unresolved, 0);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_order_unconfirmed() {
    let (state, journal, unresolved) =
        place(Err(SubmitError::OutcomeUnknown("timed out".into()))).await;
    assert!(matches!(state, OrderState::Unconfirmed { .. }));
    assert_eq!(journal, ["planned", "sent", "outcome_unknown"]);
    assert_eq!(unresolved, 1);
}

/// With analyzer on, and with no order broker chosen, a live broker never sees an order.
#[tokio::test]
async fn a_live_broker_is_reached_only_when_both_settings_say_so() {
    let world = World::new();
    let mut broker = MockOrderGateway::new();
    broker.expect_submit().never();
    let (app, owner) = live(&world, Arc::new(broker)).await;
    app.settings()
        .set(SettingKey::Analyzer, "true")
        .await
        .unwrap();
    let order = app
        .orders()
        .place(owner.id, market(Side::Buy, 1))
        .await
        .unwrap()
        .order;
    assert_eq!(order.intent.mode, TradingMode::Paper);
    app.settings()
        .set(SettingKey::Analyzer, "false")
        .await
        .unwrap();
    app.brokers().choose(owner.id, None).await.unwrap();
    assert!(
        app.orders()
            .place(owner.id, market(Side::Buy, 1))
            .await
            .is_err()
    );
    app.close().await;
}

/// An order that rests at a broker is cancelled there, whatever the mode is by then.
#[tokio::test]
async fn a_cancellation_goes_the_way_the_order_went() {
    let world = World::new();
    let broker_order_id = BrokerOrderId::try_new("B-1").unwrap();
    let answer = Acknowledgement {
        broker_order_id,
        awaits_trigger: false,
    };
    let mut broker = broker_that_answers(Ok(answer));
    broker
        .expect_cancel()
        .withf(|id| id.as_str() == "B-1")
        .times(1)
        .return_once(|_| Ok(()));
    let (app, owner) = live(&world, Arc::new(broker)).await;
    app.orders()
        .place(owner.id, market(Side::Buy, 1))
        .await
        .unwrap();
    app.settings()
        .set(SettingKey::Analyzer, "true")
        .await
        .unwrap();
    let asked = app.orders().cancel(owner.id, "B-1").await.unwrap();
    // The broker has heard; only its order book will tell how the order ended.
    assert_eq!(asked.status(), OrderStatus::Open);
    assert_eq!(asked.intent.mode, TradingMode::Live);
    app.close().await;
}

#[tokio::test]
async fn an_adapter_that_panics_leaves_the_order_unconfirmed_and_the_account_alive() {
    let world = World::new();
    let mut broker = MockOrderGateway::new();
    broker
        .expect_submit()
        .times(2)
        .returning(|_| panic!("a mistake in an adapter"));
    let (app, owner) = live(&world, Arc::new(broker)).await;
    for unresolved in [1, 2] {
        let order = app
            .orders()
            .place(owner.id, market(Side::Buy, 1))
            .await
            .unwrap()
            .order;
        assert!(matches!(order.state, OrderState::Unconfirmed { .. }));
        assert_eq!(app.unresolved().await.unwrap().len(), unresolved);
    }
    app.close().await;
}

/// A change of a setting whose caller goes away is carried through, in memory as on disk.
#[tokio::test]
async fn a_setting_in_memory_is_the_setting_on_disk() {
    let world = World::new();
    let (app, owner) = live(&world, Arc::new(MockOrderGateway::new())).await;
    for value in ["true", "false", "true"] {
        let change = app.settings().set(SettingKey::Analyzer, value);
        tokio::select! {
            biased;
            _ = change => {}
            () = tokio::task::yield_now() => {}
        }
    }
    // A change that is waited for comes after those before it.
    app.settings()
        .set(SettingKey::Theme, "light")
        .await
        .unwrap();
    let stored = app
        .settings()
        .get(SettingKey::Analyzer)
        .await
        .unwrap()
        .value;
    let placed = app.orders().place(owner.id, market(Side::Buy, 1)).await;
    let routed = placed.map(|placed| placed.order.intent.mode);
    assert_eq!(
        (stored.as_str(), routed.unwrap()),
        ("true", TradingMode::Paper)
    );
    app.close().await;
}
