//! Orders that wait for a price and go to a broker.

use super::{above, below, buy, states, triggered, waiting};
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::wire::{live, session};
use crate::world::{World, reliance};
use async_trait::async_trait;
use futures_util::future::join_all;
use openalgo::core::account::{LimitName, SettingKey};
use openalgo::core::id::BrokerOrderId;
use openalgo::core::market::Exchange;
use openalgo::core::order::{
    GttStatus, JournaledIntent, LegState, NewGtt, NewOrder, OrderStatus, Side, TradingMode,
};
use openalgo::core::port::{
    Acknowledgement, CancelError, MockOrderGateway, ModifyError, OrderGateway, SubmitError,
};
use openalgo::engine::service::{ChangeGttError, PlaceGttError};
use openalgo_core::testing::sample::units;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{advance, sleep};

fn acknowledged() -> Acknowledgement {
    Acknowledgement {
        broker_order_id: BrokerOrderId::try_new("B-1").unwrap(),
        awaits_trigger: false,
    }
}

/// What was asked for live stays live, and what was asked for on paper stays on paper: each waits
/// while orders go elsewhere.
#[tokio::test(start_paused = true)]
async fn it_keeps_the_mode_that_it_was_placed_in() {
    let mut broker = MockOrderGateway::new();
    broker
        .expect_submit()
        .withf(|intent| intent.intent().order.quantity == units(1))
        .times(1)
        .returning(|_| Ok(acknowledged()));
    let place = Place::new(vec![session(Arc::new(broker))]).await;
    let one = |quantity| NewGtt {
        quantity: units(quantity),
        ..buy(&[below("95")])
    };
    let (engine, live) = waiting(&place, one(1)).await;
    let analyzer = |value| engine.settings().set(SettingKey::Analyzer, value);
    analyzer("true").await.unwrap();
    let (gtts, owner) = (engine.gtts(), place.owner.id);
    let on_paper = gtts.place(owner, one(2)).await.unwrap().gtt;
    let kept = (live.mode, on_paper.mode);
    assert_eq!(kept, (TradingMode::Live, TradingMode::Paper));
    let modes = async || {
        let orders = place.orders(&engine).await.into_iter();
        let modes = orders.map(|order| (order.intent.order.quantity, order.intent.mode));
        modes.collect::<Vec<_>>()
    };
    place.trade_at(&engine, "95").await;
    assert_eq!(modes().await, [(units(2), TradingMode::Paper)]);
    let untried = [LegState::Pending { attempts: 0 }];
    let waits = place.gtt(&live).await;
    assert_eq!(states(&waits), untried);
    let why = waits.message.unwrap();
    assert!(why.contains("'fake'") && why.contains("'paper'"), "{why}");
    let on_paper = gtts.place(owner, one(3)).await;
    analyzer("false").await.unwrap();
    advance(Duration::from_secs(20)).await;
    place.trade_at(&engine, "95").await;
    assert_eq!(
        modes().await,
        [
            (units(1), TradingMode::Live),
            (units(2), TradingMode::Paper)
        ]
    );
    let waits = place.gtt(&on_paper.unwrap().gtt).await;
    assert_eq!(states(&waits), untried);
    // With no broker chosen they go nowhere, which burns no attempt either.
    engine.brokers().choose(owner, None).await.unwrap();
    advance(Duration::from_secs(20)).await;
    place.trade_at(&engine, "95").await;
    assert_eq!(states(&place.gtt(&waits).await), untried);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_login_it_waits_and_is_placed_after_the_next_one() {
    let mut broker = MockOrderGateway::new();
    broker
        .expect_submit()
        .times(1)
        .returning(|_| Ok(acknowledged()));
    let gateway = session(Arc::new(broker));
    let place = Place::new(vec![gateway.clone()]).await;
    let (engine, gtt) = waiting(&place, buy(&[below("95")])).await;
    let brokers = engine.brokers();
    brokers.disconnect(place.owner.id, &gateway.broker);
    for _ in 0..4 {
        place.trade_at(&engine, "95").await;
        advance(Duration::from_secs(20)).await;
    }
    let waits = place.gtt(&gtt).await;
    assert_eq!(states(&waits), [LegState::Pending { attempts: 0 }]);
    brokers.connect(place.owner.id, gateway).await.unwrap();
    place.trade_at(&engine, "95").await;
    assert_eq!(place.gtt(&gtt).await.status, GttStatus::Triggered);
    engine.stop().await;
}

/// The order stands in line behind so many others that its turn does not come.
#[tokio::test(start_paused = true)]
async fn an_order_whose_turn_does_not_come_burns_no_attempt() {
    let mut broker = MockOrderGateway::new();
    broker.expect_submit().returning(|intent| {
        let id = intent.order_id().to_string();
        Ok(Acknowledgement {
            broker_order_id: BrokerOrderId::try_new(&id).unwrap(),
            awaits_trigger: false,
        })
    });
    let place = Place::new(vec![session(Arc::new(broker))]).await;
    let (engine, gtt) = waiting(&place, buy(&[below("95")])).await;
    let (user, orders) = (&place.owner, engine.orders());
    let rate = LimitName::OrdersPerSecond.parse("1").unwrap();
    let changed = engine.risk().change_limit(user.id, rate, by(user)).await;
    changed.unwrap();
    let entry = || NewOrder::market(traded(Exchange::Nse), Side::Buy, units(1));
    let line = join_all((0..40).map(|_| orders.place(user.id, entry())));
    let behind = async {
        // The others are in line by now.
        sleep(Duration::from_millis(1)).await;
        place.trade_at(&engine, "95").await;
        place.gtt(&gtt).await
    };
    let (placed, waits) = tokio::join!(line, behind);
    let late = placed.iter().filter(|placed| placed.is_err()).count();
    assert!(late > 0, "nobody came too late");
    assert_eq!(states(&waits), [LegState::Pending { attempts: 0 }]);
    let reason = waits.message.unwrap();
    assert!(reason.contains("orders_per_second"), "{reason}");
    advance(Duration::from_secs(20)).await;
    place.trade_at(&engine, "95").await;
    assert_eq!(place.gtt(&gtt).await.status, GttStatus::Triggered);
    let id = format!("{}-below", gtt.trigger_id);
    let orders = place.orders(&engine).await;
    let own = orders.iter().filter(|order| {
        let own = order.intent.order.client_order_id.as_ref();
        own.is_some_and(|own| own.as_str() == id)
    });
    assert_eq!(own.count(), 1);
    engine.stop().await;
}

/// A broker that refuses is asked again under another id; the orders that it refused are kept.
#[tokio::test(start_paused = true)]
async fn a_refusal_by_the_broker_is_tried_again_as_another_order() {
    let mut broker = MockOrderGateway::new();
    let mut answers = vec![Ok(acknowledged()), Err(refused())];
    broker
        .expect_submit()
        .times(2)
        .returning(move |_| answers.pop().unwrap());
    let place = Place::new(vec![session(Arc::new(broker))]).await;
    let (engine, gtt) = waiting(&place, buy(&[below("95")])).await;
    place.trade_at(&engine, "95").await;
    let waits = place.gtt(&gtt).await;
    assert_eq!(states(&waits), [LegState::Pending { attempts: 1 }]);
    assert_eq!(waits.message.as_deref(), Some("no margin"));
    advance(Duration::from_secs(20)).await;
    place.trade_at(&engine, "95").await;
    let orders = place.orders(&engine).await;
    let ids = orders.iter().map(|order| {
        let id = order.intent.order.client_order_id.as_ref();
        (id.unwrap().to_string(), order.status())
    });
    let id = &gtt.trigger_id;
    assert_eq!(
        ids.collect::<Vec<_>>(),
        [
            (format!("{id}-below-2"), OrderStatus::Open),
            (format!("{id}-below"), OrderStatus::Rejected),
        ]
    );
    assert_eq!(states(&place.gtt(&gtt).await), [triggered(&orders[0])]);
    engine.stop().await;
}

fn refused() -> SubmitError {
    SubmitError::Refused {
        reason: "no margin".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_the_order_that_the_journal_knows() {
    let mut broker = MockOrderGateway::new();
    broker
        .expect_submit()
        .times(1)
        .returning(|_| Err(SubmitError::OutcomeUnknown("timed out".into())));
    let place = Place::new(vec![session(Arc::new(broker))]).await;
    let (engine, gtt) = waiting(&place, buy(&[below("95")])).await;
    place.trade_at(&engine, "95").await;
    advance(Duration::from_mins(1)).await;
    place.trade_at(&engine, "95").await;
    let orders = place.orders(&engine).await;
    assert_eq!(orders[0].status(), OrderStatus::Pending);
    assert_eq!(states(&place.gtt(&gtt).await), [triggered(&orders[0])]);
    engine.stop().await;
}

/// A broker that answers when it is told to.
#[derive(Debug, Default)]
struct Slow {
    arrived: Notify,
    go: Notify,
}

#[async_trait]
impl OrderGateway for Slow {
    async fn submit(&self, _intent: &JournaledIntent) -> Result<Acknowledgement, SubmitError> {
        self.arrived.notify_one();
        self.go.notified().await;
        Ok(acknowledged())
    }

    async fn modify(&self, _order: &BrokerOrderId, _asked: &NewOrder) -> Result<(), ModifyError> {
        Ok(())
    }

    async fn cancel(&self, _order: &BrokerOrderId) -> Result<(), CancelError> {
        Ok(())
    }
}

/// While its order is on its way it can be neither changed nor withdrawn; the others go on.
#[tokio::test(start_paused = true)]
async fn what_is_being_placed_cannot_be_changed() {
    let broker = Arc::new(Slow::default());
    let place = Place::new(vec![session(Arc::clone(&broker) as _)]).await;
    let (engine, gtt) = waiting(&place, buy(&[below("95"), above("110")])).await;
    let gtts = engine.gtts();
    let other = gtts.place(place.owner.id, buy(&[below("50")])).await;
    let other = other.unwrap().gtt;
    place.price("95");
    let meanwhile = async {
        broker.arrived.notified().await;
        let (user, id) = (place.owner.id, &gtt.trigger_id);
        let cancelled = gtts.cancel(user, id).await;
        assert!(matches!(cancelled, Err(ChangeGttError::Triggering(_))));
        let modified = gtts.modify(user, id, gtt.as_asked()).await;
        assert!(matches!(modified, Err(ChangeGttError::Triggering(_))));
        gtts.cancel(user, &other.trigger_id).await.unwrap();
        broker.go.notify_one();
    };
    let (watched, ()) = tokio::join!(engine.watch_gtts(), meanwhile);
    watched.unwrap();
    assert_eq!(place.gtt(&gtt).await.status, GttStatus::Triggered);
    assert_eq!(place.gtt(&other).await.status, GttStatus::Cancelled);
    assert_eq!(place.orders(&engine).await.len(), 1);
    engine.stop().await;
}

/// The engine stops while an order is on its way: what became of it is kept.
#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_what_is_being_placed() {
    let broker = Arc::new(Slow::default());
    let place = Place::new(vec![session(Arc::clone(&broker) as _)]).await;
    let (engine, gtt) = waiting(&place, buy(&[below("95")])).await;
    place.price("95");
    let stop = async {
        broker.arrived.notified().await;
        broker.go.notify_one();
        engine.stop().await;
    };
    let (watched, ()) = tokio::join!(engine.watch_gtts(), stop);
    drop(watched);
    assert_eq!(place.gtt(&gtt).await.status, GttStatus::Triggered);
    assert!(engine.watch_gtts().await.is_err());
}

/// Real money follows no prices that are made up.
#[tokio::test]
async fn made_up_prices_trigger_nothing_live() {
    let world = World::new();
    let gateway = Arc::new(MockOrderGateway::new());
    let (app, owner) = live(&world, gateway).await;
    let asked = NewGtt {
        instrument: reliance(),
        ..buy(&[below("95")])
    };
    let refused = app.gtts().place(owner.id, asked).await;
    assert!(matches!(refused, Err(PlaceGttError::NoRealPrices)));
    app.close().await;
}
