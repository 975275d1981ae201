//! What becomes of one that waits when the program ends at the wrong moment.

use super::{above, below, buy, paper, states, triggered, waiting};
use crate::exchange::{Exchange as Broker, Manner};
use crate::in_memory::{Place, traded};
use crate::world::{World, reliance};
use openalgo::OpenAlgo;
use openalgo::core::id::ClientOrderId;
use openalgo::core::market::Exchange;
use openalgo::core::order::{
    GttLeg, GttStatus, LegState, NewGtt, NewOrder, OrderStatus, Side, TriggerSide,
};
use openalgo::core::port::{Clock, GttRepository};
use openalgo::core::value::Price;
use openalgo_core::testing::sample::units;
use std::time::Duration;
use tokio::time::advance;

/// The process ends between claim and order: whoever starts next places exactly one.
#[tokio::test(start_paused = true)]
async fn a_claim_without_an_order_is_taken_back_and_the_price_decides_again() {
    let (place, engine, gtt) = paper(buy(&[below("95"), above("110")])).await;
    engine.stop().await;
    let now = engine.now();
    let claim = place.store.claim(gtt.id, TriggerSide::Below, now);
    assert!(claim.await.unwrap());

    let engine = place.start().await;
    place.trade_at(&engine, "100").await;
    let back = place.gtt(&gtt).await;
    assert_eq!(states(&back), [LegState::Pending { attempts: 0 }; 2]);
    assert_eq!(place.orders(&engine).await, []);
    engine.stop().await;

    let claim = place.store.claim(gtt.id, TriggerSide::Below, now);
    assert!(claim.await.unwrap());
    let engine = place.start().await;
    place.trade_at(&engine, "95").await;
    place.trade_at(&engine, "95").await;
    assert_eq!(place.orders(&engine).await.len(), 1);
    engine.stop().await;
}

/// The process ends when the order is placed and the GTT does not know of it, for a month.
#[tokio::test(start_paused = true)]
async fn an_order_that_the_journal_knows_is_never_placed_again() {
    let (place, engine, gtt) = paper(buy(&[below("95"), above("110")])).await;
    let now = engine.now();
    place.trade_at(&engine, "95").await;
    engine.stop().await;
    let mut forgotten = gtt.clone();
    let (attempts, since) = (0, now);
    let claimed = LegState::Triggering { attempts, since };
    forgotten.legs.set(TriggerSide::Below, claimed);
    place.store.update(&forgotten).await.unwrap();

    advance(Duration::from_hours(720)).await;
    let engine = place.start().await;
    place.trade_at(&engine, "95").await;
    place.trade_at(&engine, "110").await;
    let orders = place.orders(&engine).await;
    let [order] = orders.as_slice() else {
        panic!("{orders:?}");
    };
    let found = place.gtt(&gtt).await;
    assert_eq!(found.status, GttStatus::Triggered);
    assert_eq!(states(&found), [triggered(order), LegState::Cancelled]);
    engine.stop().await;
}

/// The process ends when the broker has an order and the GTT does not know of it. What becomes of
/// the order by then is not its business: it is not placed again.
#[tokio::test(start_paused = true)]
async fn an_order_that_the_broker_had_or_may_have_had_is_never_placed_again() {
    for manner in [Manner::Rests, Manner::OrderLost] {
        let broker = Broker::new(&World::new());
        broker.behaves(manner);
        let place = Place::new(vec![broker.session()]).await;
        let (engine, gtt) = waiting(&place, buy(&[below("95"), above("110")])).await;
        let since = engine.now();
        place.trade_at(&engine, "95").await;
        engine.stop().await;
        let mut forgotten = gtt.clone();
        let claimed = LegState::Triggering { attempts: 0, since };
        forgotten.legs.set(TriggerSide::Below, claimed);
        place.store.update(&forgotten).await.unwrap();

        let engine = place.start().await;
        // The exchange rejects the one; the other counts as one that never arrived.
        broker.change(|ledger| {
            for line in &mut ledger.orders {
                line.status = OrderStatus::Rejected;
            }
        });
        for seconds in [40, 10] {
            advance(Duration::from_secs(seconds)).await;
            engine.reconcile().await.unwrap();
        }
        broker.behaves(Manner::Plain);
        for meets in ["95", "110"] {
            place.trade_at(&engine, meets).await;
            advance(Duration::from_secs(20)).await;
        }
        let orders = place.orders(&engine).await;
        let [order] = orders.as_slice() else {
            panic!("{manner:?}: {orders:?}");
        };
        assert_eq!(order.status(), OrderStatus::Rejected, "{manner:?}");
        let found = place.gtt(&gtt).await;
        assert_eq!(states(&found), [triggered(order), LegState::Cancelled]);
        engine.stop().await;
    }
}

/// An order of somebody's own under the id that a leg would use is not taken for its order.
#[tokio::test(start_paused = true)]
async fn an_order_under_its_id_that_is_another_is_a_conflict() {
    let (place, engine, gtt) = paper(buy(&[below("95")])).await;
    let id: ClientOrderId = format!("{}-below", gtt.trigger_id).parse().unwrap();
    let foreign = NewOrder {
        client_order_id: Some(id),
        ..NewOrder::market(traded(Exchange::Nse), Side::Sell, units(1))
    };
    engine
        .orders()
        .place(place.owner.id, foreign)
        .await
        .unwrap();
    place.trade_at(&engine, "95").await;
    let waits = place.gtt(&gtt).await;
    assert_eq!(states(&waits), [LegState::Pending { attempts: 1 }]);
    advance(Duration::from_secs(20)).await;
    place.trade_at(&engine, "95").await;
    assert_eq!(place.gtt(&gtt).await.status, GttStatus::Triggered);
    engine.stop().await;
}

/// On the encrypted store, with the simulated exchange, through a restart.
#[tokio::test]
async fn it_outlives_the_program() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let ltp = app.market().quote(&reliance()).await.unwrap().ltp;
    let tick = app.market().instrument(&reliance()).await.unwrap().tick;
    let near: Price = tick.steps_from(ltp, -40).unwrap();
    let asked = NewGtt {
        instrument: reliance(),
        ..buy(&[GttLeg::new(TriggerSide::Below, near, None)])
    };
    let gtt = app.gtts().place(owner.id, asked).await.unwrap().gtt;
    assert_eq!(gtt.last_price, Some(ltp));
    app.close().await;
    let app = world.open().await;
    let mut tried = 0;
    let placed = loop {
        app.watch_gtts().await.unwrap();
        let found = app.gtts().find(owner.id, &gtt.trigger_id).await.unwrap();
        let found = found.unwrap();
        if found.status != GttStatus::Active {
            break found;
        }
        tried += 1;
        assert!(tried < 10_000, "the price never comes by");
        world.clock.advance(chrono::Duration::minutes(5));
    };
    let order = app.orders().list(owner.id, 9).await.unwrap().remove(0);
    assert_eq!(states(&placed), [triggered(&order)]);
    assert!(order.executed().average().unwrap() <= near.max(ltp));
    assert!(world.clock.now() > gtt.created_at);
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

/// A file that somebody has changed: the stop-losses that can be read are watched.
#[tokio::test]
async fn one_that_cannot_be_read_hides_no_other() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let asked = NewGtt {
        instrument: reliance(),
        ..buy(&[above("0.05")])
    };
    let place = |app: OpenAlgo| async {
        let gtt = app.gtts().place(owner.id, asked.clone()).await.unwrap().gtt;
        (app, gtt)
    };
    let (app, good) = place(app).await;
    let (app, bad) = place(app).await;
    let id = bad.id;
    let damage = format!("UPDATE gtt_legs SET price_type = 'SL' WHERE gtt_id = {id}");
    world.damage(app, &damage).await;
    let app = world.open().await;
    app.watch_gtts().await.unwrap();
    let found = app.gtts().find(owner.id, &good.trigger_id).await;
    assert_eq!(found.unwrap().unwrap().status, GttStatus::Triggered);
    assert_eq!(app.orders().list(owner.id, 9).await.unwrap().len(), 1);
    assert!(app.gtts().find(owner.id, &bad.trigger_id).await.is_err());
    app.close().await;
}
