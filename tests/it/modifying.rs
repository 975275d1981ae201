//! Modifying orders, cancelling all of them, and asking how one stands.

use crate::exchange::{Exchange as Broker, Manner, open_at};
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::wire::{Slow, session};
use crate::world::{MORNING, World, limit, market, reliance};
use chrono::Duration;
use openalgo::OpenAlgo;
use openalgo::core::account::{SettingKey, User};
use openalgo::core::id::ClientOrderId;
use openalgo::core::market::Exchange;
use openalgo::core::monitor::{Author, Surface};
use openalgo::core::order::{NewOrder, Order, OrderKind, OrderStatus, PriceType, Product, Side};
use openalgo::core::rule::modification::Modification;
use openalgo::core::value::{Price, Quantity};
use openalgo::engine::AccountError;
use openalgo::engine::service::ModifyOrderError;
use openalgo_core::testing::{FakeClock, sample};
use std::sync::Arc;

async fn place(app: &OpenAlgo, owner: &User, order: NewOrder) -> Order {
    app.orders().place(owner.id, order).await.unwrap().order
}

async fn again(app: &OpenAlgo, owner: &User, order: &Order) -> Order {
    let id = order.intent.id.local_order_id();
    app.orders().find(owner.id, &id).await.unwrap().unwrap()
}

async fn words(app: &OpenAlgo, order: &Order) -> Vec<&'static str> {
    let journal = app.orders().journal(order.id).await.unwrap();
    journal.iter().map(|event| event.kind.as_str()).collect()
}

fn units(count: i64) -> Modification {
    Modification {
        quantity: Some(Quantity::try_new(count).unwrap()),
        ..Modification::default()
    }
}

async fn modify(
    app: &OpenAlgo,
    owner: &User,
    (order, change): (&Order, Modification),
) -> Result<Order, ModifyOrderError> {
    let id = order.public_id();
    app.orders().modify(owner.id, &id, change).await
}

#[tokio::test]
async fn a_resting_order_gets_another_quantity_and_price() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let resting = NewOrder {
        client_order_id: Some(ClientOrderId::try_new("mine").unwrap()),
        ..limit(&app, Side::Buy, 10, -2_000).await
    };
    let order = place(&app, &owner, resting.clone()).await;
    let used = async || {
        let funds = app.paper().funds(owner.id).await.unwrap();
        funds.funds.used_margin
    };
    let before = used().await;
    let OrderKind::Limit { price: nearer } = limit(&app, Side::Buy, 1, -1_900).await.kind else {
        panic!("a limit order");
    };
    let change = Modification {
        price: Some(nearer),
        ..units(20)
    };
    let modified = modify(&app, &owner, (&order, change)).await.unwrap();
    let asked = &modified.intent.order;
    assert_eq!(asked.quantity.get(), 20);
    assert_eq!(asked.kind, OrderKind::Limit { price: nearer });
    assert!(used().await > before);
    assert_eq!(again(&app, &owner, &order).await, modified);
    assert_eq!(
        words(&app, &order).await,
        ["planned", "accepted", "modified"]
    );
    // The same order again is still the one that was placed so.
    let placed = app.orders().place(owner.id, resting).await.unwrap();
    assert!(placed.replayed);
    assert_eq!(placed.order, modified);
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;

    let app = world.open().await;
    assert_eq!(again(&app, &owner, &order).await, modified);
    app.close().await;
}

#[tokio::test]
async fn what_cannot_be_modified_says_why_and_stays() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let order = limit(&app, Side::Buy, 10, -2_000).await;
    let order = place(&app, &owner, order).await;
    let off_tick = Modification {
        price: Some("1400.01".parse::<Price>().unwrap()),
        ..Modification::default()
    };
    let trigger = Modification {
        trigger: Some("1400".parse::<Price>().unwrap()),
        ..Modification::default()
    };
    let text = async |change| {
        let refused = modify(&app, &owner, (&order, change)).await;
        refused.unwrap_err().to_string()
    };
    assert!(text(off_tick).await.contains("1400.01"));
    assert_eq!(
        text(trigger).await,
        "LIMIT orders do not accept a trigger_price"
    );
    assert!(text(units(0)).await.contains("is not above"));
    assert_eq!(again(&app, &owner, &order).await, order);
    let filled = place(&app, &owner, market(Side::Buy, 1)).await;
    let refused = modify(&app, &owner, (&filled, units(2))).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Cannot modify order in complete status"
    );
    let unknown = app.orders().modify(owner.id, "77", units(2)).await;
    assert_eq!(unknown.unwrap_err().to_string(), "Order 77 not found");
    let by = Author {
        user: Some(owner.id),
        surface: Surface::Embedded,
    };
    let reason = "enough".parse().unwrap();
    app.risk().halt(owner.id, reason, by).await.unwrap();
    let halted = modify(&app, &owner, (&order, units(20))).await;
    assert!(matches!(halted, Err(ModifyOrderError::Halted(_))));
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn at_a_broker_an_answer_or_the_book_tells_and_nothing_is_sent_twice() {
    for manner in [Manner::Plain, Manner::AnswerLost] {
        let world = World::new();
        let exchange = Broker::new(&world);
        let (app, owner) = open_at(&world, &exchange).await;
        let order = limit(&app, Side::Buy, 10, -200).await;
        let order = place(&app, &owner, order).await;
        world.clock.advance(Duration::seconds(1));
        exchange.behaves(manner);
        let modified = modify(&app, &owner, (&order, units(25))).await.unwrap();
        assert_eq!(modified.intent.order.quantity.get(), 25);
        // More than the old quantity is filled.
        exchange.change(|ledger| ledger.fill(&order.public_id(), 20));
        app.reconcile().await.unwrap();
        let order = again(&app, &owner, &order).await;
        assert_eq!(order.executed().quantity.get(), 20);
        assert_eq!(order.pending_quantity().get(), 5);
        assert_eq!(exchange.change(|ledger| ledger.modifications), 1);
        let words = words(&app, &order).await;
        let modified = words.iter().filter(|word| **word == "modified").count();
        assert_eq!(modified, 1, "{words:?}");
        assert!(app.check().await.unwrap().is_sound());
        app.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_modification_that_never_arrived_leaves_the_order_as_it_was() {
    let world = World::new();
    let exchange = Broker::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let order = limit(&app, Side::Buy, 10, -200).await;
    let order = place(&app, &owner, order).await;
    for (manner, text) in [
        (Manner::Refuses, "too late"),
        (
            Manner::OrderLost,
            "the broker's answer was lost: the order may have been modified, or not",
        ),
    ] {
        exchange.behaves(manner);
        let error = modify(&app, &owner, (&order, units(25))).await.unwrap_err();
        assert_eq!(error.to_string(), text);
        let now = again(&app, &owner, &order).await;
        assert_eq!(now.intent, order.intent);
    }
    assert_eq!(
        words(&app, &order).await[3..],
        [
            "modification_sent",
            "modification_failed",
            "modification_sent"
        ]
    );
    // It is only late.
    world.clock.advance(Duration::seconds(1));
    let id = order.public_id();
    exchange.change(|ledger| ledger.line(&id).quantity = 25.try_into().unwrap());
    app.reconcile().await.unwrap();
    let order = again(&app, &owner, &order).await;
    assert_eq!(order.intent.order.quantity.get(), 25);
    assert_eq!(order.change, None);
    app.close().await;
}

/// Nobody knows which terms hold: the larger count, and no others are sent. What the book does not
/// show after a time of grace has not come.
#[tokio::test(start_paused = true)]
async fn a_modification_that_is_not_confirmed_counts_and_lets_no_other_past() {
    let world = World::new();
    let exchange = Broker::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let order = limit(&app, Side::Buy, 10, -200).await;
    let order = place(&app, &owner, order).await;
    exchange.behaves(Manner::OrderLost);
    modify(&app, &owner, (&order, units(25))).await.unwrap_err();
    let under_way = async || {
        let asked = &order.intent.order;
        let portfolio = app.portfolio();
        let read = portfolio.standing(owner.id, asked.instrument.clone(), asked.product);
        read.await.unwrap().pending(Side::Buy).unwrap().get()
    };
    assert_eq!(under_way().await, 25);
    exchange.behaves(Manner::Plain);
    let refused = modify(&app, &owner, (&order, units(12))).await;
    assert!(matches!(
        refused,
        Err(ModifyOrderError::Account(AccountError::ChangeUnderWay))
    ));
    assert_eq!(exchange.change(|ledger| ledger.modifications), 0);
    app.close().await;

    // Another life knows of it, too.
    let app = world.open().await;
    let brokers = app.brokers();
    brokers.connect(owner.id, exchange.session()).await.unwrap();
    world.clock.advance(Duration::seconds(31));
    app.reconcile().await.unwrap();
    let now = again(&app, &owner, &order).await;
    assert_eq!((now.change, now.intent), (None, order.intent.clone()));
    let modified = modify(&app, &owner, (&order, units(12))).await.unwrap();
    assert_eq!(modified.intent.order.quantity.get(), 12);
    app.close().await;
}

/// Whoever asks, a halt keeps nobody from making an order smaller, or an exit better.
#[tokio::test(start_paused = true)]
async fn while_trading_is_halted_other_terms_only_take_risk_away() {
    let broker = Broker::with_clock(Arc::new(FakeClock::at(MORNING)));
    for brokers in [Vec::new(), vec![broker.session()]] {
        let place = Place::new(brokers).await;
        let engine = place.start().await;
        let (user, orders) = (&place.owner, engine.orders());
        let order = |side, quantity, kind| NewOrder {
            kind,
            ..NewOrder::market(traded(Exchange::Nse), side, sample::units(quantity))
        };
        let limit = |price| OrderKind::Limit {
            price: sample::price(price),
        };
        let place = async |order| orders.place(user.id, order).await.unwrap().order;
        place(order(Side::Buy, 10, OrderKind::Market)).await;
        let entry = place(order(Side::Buy, 5, limit("90"))).await;
        let exit = place(order(Side::Sell, 9, limit("110"))).await;
        let reason = "enough".parse().unwrap();
        engine.risk().halt(user.id, reason, by(user)).await.unwrap();
        let modify = async |order: &Order, change: Modification| {
            let id = order.intent.id.local_order_id();
            match orders.modify(user.id, &id, change).await {
                Ok(_) => true,
                Err(error @ ModifyOrderError::Halted(_)) => {
                    let text = error.to_string();
                    assert!(text.contains("`openalgo risk resume` allows"), "{text}");
                    false
                }
                Err(other) => panic!("{other:?}"),
            }
        };
        let price = |price: &str| Modification {
            price: Some(sample::price(price)),
            ..Modification::default()
        };
        let market = Modification {
            price_type: Some(PriceType::Market),
            ..Modification::default()
        };
        assert!(!modify(&entry, units(6)).await);
        assert!(!modify(&entry, price("90.05")).await);
        assert!(!modify(&entry, market).await, "it would be filled");
        assert!(modify(&entry, units(4)).await);
        assert!(modify(&entry, price("89")).await);
        assert!(!modify(&exit, units(11)).await, "it would cross zero");
        assert!(modify(&exit, price("112")).await);
        assert!(modify(&exit, units(10)).await);
        engine.stop().await;
    }
}

/// Each of them alone would only make the position smaller.
#[tokio::test(start_paused = true)]
async fn of_two_exits_that_are_made_larger_at_once_one_is_judged_by_the_other() {
    let broker = Broker::with_clock(Arc::new(FakeClock::at(MORNING)));
    for brokers in [Vec::new(), vec![broker.session()]] {
        let place = Place::new(brokers).await;
        let engine = place.start().await;
        let (user, orders) = (&place.owner, engine.orders());
        let order = |side, quantity, kind| NewOrder {
            kind,
            ..NewOrder::market(traded(Exchange::Nse), side, sample::units(quantity))
        };
        let place = async |order| orders.place(user.id, order).await.unwrap().order;
        place(order(Side::Buy, 100, OrderKind::Market)).await;
        let far = OrderKind::Limit {
            price: sample::price("110"),
        };
        let exits = [(); 2].map(|()| place(order(Side::Sell, 25, far)));
        let [one, other] = exits;
        let (one, other) = (one.await, other.await);
        let reason = "enough".parse().unwrap();
        engine.risk().halt(user.id, reason, by(user)).await.unwrap();
        let enlarge = async |order: &Order| {
            let id = order.intent.id.local_order_id();
            orders.modify(user.id, &id, units(75)).await
        };
        let (one, other) = tokio::join!(enlarge(&one), enlarge(&other));
        let refused = [one, other].into_iter().filter_map(Result::err);
        let refused: Vec<_> = refused.collect();
        assert!(
            matches!(refused[..], [ModifyOrderError::Halted(_)]),
            "{refused:?}"
        );
        let standing = engine.portfolio();
        let standing = standing.standing(user.id, traded(Exchange::Nse), Product::Mis);
        let sold = standing.await.unwrap().pending(Side::Sell).unwrap();
        assert_eq!(sold.get(), 100);
        engine.stop().await;
    }
}

/// Two programs of one person, or a double click.
#[tokio::test(start_paused = true)]
async fn of_two_modifications_at_once_one_is_sent() {
    let place = Place::new(vec![session(Arc::new(Slow))]).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    let resting = NewOrder {
        kind: OrderKind::Limit {
            price: sample::price("99"),
        },
        ..NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(10))
    };
    let id = orders
        .place(owner, resting)
        .await
        .unwrap()
        .order
        .public_id();
    let (one, other) = tokio::join!(
        orders.modify(owner, &id, units(25)),
        orders.modify(owner, &id, units(12)),
    );
    assert_eq!(one.unwrap().intent.order.quantity.get(), 25);
    assert!(matches!(
        other,
        Err(ModifyOrderError::Account(AccountError::ChangeUnderWay))
    ));
    let one_after_the_other = orders.modify(owner, &id, units(12)).await.unwrap();
    assert_eq!(one_after_the_other.intent.order.quantity.get(), 12);
    engine.stop().await;
}

/// A change that changes nothing is none.
#[tokio::test(start_paused = true)]
async fn the_same_terms_are_not_sent() {
    let world = World::new();
    let exchange = Broker::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let order = limit(&app, Side::Buy, 10, -200).await;
    let order = place(&app, &owner, order).await;
    let same = modify(&app, &owner, (&order, units(10))).await.unwrap();
    assert_eq!(same, order);
    assert_eq!(exchange.change(|ledger| ledger.modifications), 0);
    app.close().await;
}

#[tokio::test]
async fn all_orders_of_the_account_are_cancelled_stops_among_them() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let orders = app.orders();
    assert!(orders.cancel_all(owner.id).await.unwrap().is_empty());
    let resting = limit(&app, Side::Buy, 1, -2_000).await;
    let trigger = resting.kind.price().unwrap();
    place(&app, &owner, resting).await;
    let stop = NewOrder {
        kind: OrderKind::StopMarket { trigger },
        ..market(Side::Sell, 1)
    };
    let stop = place(&app, &owner, stop).await;
    assert_eq!(stop.status(), OrderStatus::TriggerPending);
    place(&app, &owner, market(Side::Buy, 1)).await;
    let cancelled = orders.cancel_all(owner.id).await.unwrap();
    assert_eq!(cancelled.len(), 2);
    for cancelling in cancelled {
        let order = cancelling.outcome.unwrap();
        assert_eq!(order.status(), OrderStatus::Cancelled);
        assert_eq!(order.public_id(), cancelling.order_id);
    }
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_broker_does_not_cancel_is_told_and_paper_orders_stay() {
    let world = World::new();
    let exchange = Broker::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let settings = app.settings();
    settings.set(SettingKey::Analyzer, "true").await.unwrap();
    let order = limit(&app, Side::Buy, 1, -2_000).await;
    let paper = place(&app, &owner, order.clone()).await;
    settings.set(SettingKey::Analyzer, "false").await.unwrap();
    place(&app, &owner, order).await;
    exchange.change(|ledger| ledger.refuses_cancels = true);
    let cancelled = app.orders().cancel_all(owner.id).await.unwrap();
    assert_eq!(cancelled.len(), 1);
    let error = cancelled[0].outcome.as_ref().unwrap_err();
    assert_eq!(error.to_string(), "too late");
    let paper = again(&app, &owner, &paper).await;
    assert_eq!(paper.status(), OrderStatus::Open);
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn the_status_of_an_order_is_that_of_now() {
    let world = World::new();
    let exchange = Broker::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let order = limit(&app, Side::Buy, 10, -200).await;
    let order = place(&app, &owner, order).await;
    let id = order.public_id();
    exchange.change(|ledger| ledger.fill(&id, 4));
    let now = app.orders().status(owner.id, &id).await.unwrap().unwrap();
    assert_eq!(now.executed().quantity.get(), 4);
    assert!(app.orders().status(owner.id, "77").await.unwrap().is_none());
    let standing = app.portfolio();
    let standing = standing.standing(owner.id, reliance(), Product::Mis).await;
    assert_eq!(standing.unwrap().held.get(), 4);
    app.close().await;
}
