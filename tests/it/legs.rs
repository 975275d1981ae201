//! Baskets, and large orders that are split.

use crate::exchange::{Exchange, Manner, open_at};
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::wire::{Slow, session};
use crate::world::{World, market, reliance};
use openalgo::core::account::{LimitName, SettingKey};
use openalgo::core::id::ClientOrderId;
use openalgo::core::market::Exchange as Bourse;
use openalgo::core::order::{
    GttLeg, GttLegs, GttProduct, NewGtt, NewOrder, OrderStatus, Product, Side, TradingMode,
    TriggerSide,
};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::Quantity;
use openalgo::engine::service::{Leg, SplitSize};
use std::sync::Arc;

fn basket() -> Vec<NewOrder> {
    let sides = [
        (Side::Sell, 1),
        (Side::Buy, 2),
        (Side::Sell, 3),
        (Side::Buy, 4),
    ];
    sides.map(|(side, units)| market(side, units)).to_vec()
}

fn id(text: &str) -> ClientOrderId {
    ClientOrderId::try_new(text).unwrap()
}

fn modes(legs: &[Leg]) -> Vec<TradingMode> {
    let placed = legs.iter().map(|leg| leg.outcome.as_ref().unwrap());
    placed.map(|placed| placed.order.intent.mode).collect()
}

#[tokio::test]
async fn buys_are_decided_before_sells_and_outcomes_keep_their_order() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let legs = app.orders().basket(owner.id, basket(), None).await.unwrap();
    let told: Vec<_> = legs
        .iter()
        .map(|leg| (leg.number, leg.order.quantity.get()))
        .collect();
    assert_eq!(told, [(1, 1), (2, 2), (3, 3), (4, 4)]);
    assert_eq!(modes(&legs), [TradingMode::Paper; 4]);
    let orders = app.orders().list(owner.id, 10).await.unwrap();
    let taken: Vec<_> = orders.iter().rev().map(|it| it.intent.order.side).collect();
    assert_eq!(taken, [Side::Buy, Side::Buy, Side::Sell, Side::Sell]);
    app.close().await;
}

/// No sell reaches the broker while the outcome of a buy is open.
#[tokio::test(start_paused = true)]
async fn at_a_broker_sells_wait_for_the_answers_to_buys() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    exchange.behaves(Manner::AnswerLost);
    exchange.change(|ledger| ledger.hides_orders = true);
    let orders = app.orders();
    let placing = orders.basket(owner.id, basket(), None);
    let looking = async {
        while exchange.change(|ledger| ledger.orders.len()) < 2 {
            tokio::task::yield_now().await;
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        exchange.change(|ledger| ledger.orders.iter().map(|it| it.side).collect::<Vec<_>>())
    };
    let (legs, seen) = tokio::join!(placing, looking);
    assert_eq!(seen, [Side::Buy, Side::Buy]);
    assert_eq!(legs.unwrap().len(), 4);
    assert_eq!(exchange.change(|ledger| ledger.orders.len()), 4);
    app.close().await;
}

#[tokio::test]
async fn a_leg_that_fails_keeps_no_other_from_it() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let mut orders = basket();
    orders[1].instrument.symbol = "RELIANSE".parse().unwrap();
    orders[3].quantity = Quantity::ZERO;
    let legs = app.orders().basket(owner.id, orders, None).await.unwrap();
    let text = |leg: &Leg| leg.outcome.as_ref().map_err(ToString::to_string).err();
    let texts: Vec<_> = legs.iter().map(text).collect();
    assert_eq!(
        texts,
        [
            None,
            Some("Symbol RELIANSE not found on NSE".to_owned()),
            None,
            Some("Quantity must be positive".to_owned()),
        ]
    );
    let none = app.orders().basket(owner.id, Vec::new(), None).await;
    assert!(none.unwrap().is_empty());
    app.close().await;
}

#[tokio::test]
async fn the_same_basket_again_places_only_what_was_not_placed() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let orders = app.orders();
    let limit = async |value: &str| {
        let change = LimitName::OrderQuantity.parse(value).unwrap();
        let changed = app.risk().change_limit(owner.id, change, by(&owner));
        changed.await.unwrap();
    };
    limit("3").await;
    let first = orders
        .basket(owner.id, basket(), Some(id("hedge")))
        .await
        .unwrap();
    assert!(first[3].outcome.is_err());
    limit("off").await;
    let again = orders.basket(owner.id, basket(), Some(id("hedge"))).await;
    let again = again.unwrap();
    let replayed: Vec<_> = again
        .iter()
        .map(|leg| leg.outcome.as_ref().unwrap().replayed)
        .collect();
    assert_eq!(replayed, [true, true, true, false]);
    let ids: Vec<_> = again
        .iter()
        .map(|leg| leg.order.client_order_id.as_ref().unwrap().as_str())
        .collect();
    assert_eq!(ids, ["hedge-1", "hedge-2", "hedge-3", "hedge-4"]);
    assert_eq!(orders.list(owner.id, 10).await.unwrap().len(), 4);
    app.close().await;
}

/// Whatever is switched in the middle, a basket goes one way.
#[tokio::test(start_paused = true)]
async fn the_mode_of_a_basket_is_decided_once() {
    for (before, after, mode) in [
        ("true", "false", TradingMode::Paper),
        ("false", "true", TradingMode::Live),
    ] {
        let world = World::new();
        let exchange = Exchange::new(&world);
        let (app, owner) = open_at(&world, &exchange).await;
        let settings = app.settings();
        settings.set(SettingKey::Analyzer, before).await.unwrap();
        let mut events = app.subscribe();
        let toggle = async {
            // The first leg has been decided.
            events.next().await;
            settings.set(SettingKey::Analyzer, after).await.unwrap();
        };
        let basket = app.orders().basket(owner.id, basket(), None);
        let (legs, ()) = tokio::join!(basket, toggle);
        assert_eq!(modes(&legs.unwrap()), [mode; 4]);
        let reached = exchange.change(|ledger| ledger.orders.len());
        assert_eq!(reached, if mode == TradingMode::Live { 4 } else { 0 });
        app.close().await;
    }
}

#[tokio::test]
async fn a_large_order_becomes_several() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let order = NewOrder {
        client_order_id: Some(id("big")),
        ..market(Side::Buy, 105)
    };
    let size = SplitSize::Units(20.try_into().unwrap());
    let split = async || app.orders().split(owner.id, order.clone(), size).await;
    let legs = split().await.unwrap();
    let parts: Vec<_> = legs
        .iter()
        .map(|leg| {
            let order = &leg.outcome.as_ref().unwrap().order;
            assert_eq!(order.status(), OrderStatus::Complete);
            (leg.number, order.intent.order.quantity.get())
        })
        .collect();
    assert_eq!(parts, [(1, 20), (2, 20), (3, 20), (4, 20), (5, 20), (6, 5)]);
    let again = split().await.unwrap();
    let is_replayed = |leg: &Leg| leg.outcome.as_ref().unwrap().replayed;
    assert!(again.iter().all(is_replayed));
    let held = app.portfolio();
    let held = held.standing(owner.id, reliance(), Product::Mis).await;
    assert_eq!(held.unwrap().held.get(), 105);

    let size = SplitSize::Units(1.try_into().unwrap());
    let too_many = app.orders().split(owner.id, order.clone(), size).await;
    assert_eq!(
        too_many.unwrap_err().to_string(),
        "Total number of orders would exceed maximum limit of 100"
    );
    app.close().await;
}

#[tokio::test]
async fn the_exchange_tells_how_large_a_part_may_be() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    for (bourse, parts) in [
        (Bourse::Nfo, vec![1_800, 1_800, 400]),
        (Bourse::Nse, vec![4_000]),
    ] {
        let order = NewOrder::market(traded(bourse), Side::Buy, 4_000.try_into().unwrap());
        let split = engine
            .orders()
            .split(place.owner.id, order, SplitSize::Freeze);
        let legs = split.await.unwrap();
        let placed: Vec<_> = legs
            .iter()
            .map(|leg| {
                leg.outcome
                    .as_ref()
                    .unwrap()
                    .order
                    .intent
                    .order
                    .quantity
                    .get()
            })
            .collect();
        assert_eq!(placed, parts);
    }
    engine.stop().await;
}

/// What is above it has to be split at a broker, and nothing is split unasked.
#[tokio::test(start_paused = true)]
async fn a_live_order_is_no_larger_than_the_exchange_takes() {
    let order = |units: i64| {
        let quantity = units.try_into().unwrap();
        NewOrder {
            product: Product::Nrml,
            ..NewOrder::market(traded(Bourse::Nfo), Side::Buy, quantity)
        }
    };
    let place = Place::new(vec![session(Arc::new(Slow))]).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let too_large = orders.place(owner, order(1_801)).await.unwrap_err();
    assert_eq!(
        too_large.to_string(),
        "quantity 1801 is more than NFO takes in one order of NIFTY29DEC26FUT, which is 1800. Split \
         it into several orders."
    );
    let placed = orders.place(owner, order(1_800)).await.unwrap().order;
    let more = Modification {
        quantity: Some(1_801.try_into().unwrap()),
        ..Modification::default()
    };
    let modified = orders.modify(owner, &placed.public_id(), more).await;
    let modified = modified.unwrap_err().to_string();
    assert!(modified.contains("which is 1800"), "{modified}");
    let leg = GttLeg::new(TriggerSide::Below, "95".parse().unwrap(), None);
    let gtt = NewGtt {
        instrument: traded(Bourse::Nfo),
        side: Side::Buy,
        quantity: 1_801.try_into().unwrap(),
        product: GttProduct::Nrml,
        legs: GttLegs::try_new(vec![leg]).unwrap(),
        strategy: None,
        expires_at: None,
        trigger_id: None,
    };
    let kept = engine.gtts().place(owner, gtt).await;
    let kept = kept.unwrap_err().to_string();
    assert!(kept.contains("which is 1800"), "{kept}");
    let settings = engine.settings();
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    orders.place(owner, order(1_801)).await.unwrap();
    engine.stop().await;
}

/// A total or a size that is no whole number of lots is refused at once: of a part that is left out
/// nobody would know.
#[tokio::test]
async fn what_is_no_whole_number_of_lots_is_not_split() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let instruments = app.market().instruments().await;
    let found = instruments.search("NIFTY CE", Some(Bourse::Nfo), 1);
    let option = &found[0];
    let lot = option.lot_size.get();
    assert!(lot > 1);
    let split = async |total: i64, size: i64| {
        let quantity = Quantity::try_new(total).unwrap();
        let order = NewOrder::market(option.key.clone(), Side::Buy, quantity);
        let size = SplitSize::Units(Quantity::try_new(size).unwrap());
        app.orders().split(owner.id, order, size).await
    };
    for (total, size) in [(2 * lot + 1, lot), (2 * lot, lot - 1)] {
        let legs = split(total, size).await.unwrap();
        assert_eq!(legs.len(), 3);
        for leg in legs {
            assert_eq!(
                leg.outcome.unwrap_err().to_string(),
                format!("Quantity must be in multiples of lot size {lot}")
            );
        }
    }
    assert!(app.orders().list(owner.id, 10).await.unwrap().is_empty());
    // The numbers of the parts are in their order.
    let legs = split(12 * lot, lot).await.unwrap().into_iter();
    let numbers: Vec<String> = legs
        .map(|leg| leg.outcome.unwrap().order.public_id())
        .collect();
    assert_eq!(numbers.len(), 12);
    assert!(numbers.is_sorted(), "{numbers:?}");
    app.close().await;
}
