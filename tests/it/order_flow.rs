//! One order through every storey of the house.

use crate::world::{World, limit, market, reliance};
use openalgo::core::order::{OrderEventKind, OrderStatus, Side, TradingMode};
use openalgo::core::value::Money;
use openalgo::engine::event::{Event, Next};

#[tokio::test]
async fn a_market_order_is_filled_and_stands_in_every_book() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let mut events = app.subscribe();
    let quote = app.market().quote(&reliance()).await.unwrap();

    let placed = app
        .orders()
        .place(owner.id, market(Side::Buy, 10))
        .await
        .unwrap();

    assert!(!placed.replayed);
    assert_eq!(placed.order.status(), OrderStatus::Complete);
    assert_eq!(placed.order.intent.mode, TradingMode::Paper);
    assert_eq!(placed.order.average_price().unwrap(), quote.ask.unwrap());
    let Next::Event(Event::OrderChanged(told)) = events.next().await else {
        panic!("no event")
    };
    assert_eq!(*told, placed.order);

    let instrument = app.market().instrument(&reliance()).await.unwrap();
    assert_eq!(placed.order.intent.token, instrument.token);
    let listed = app.orders().list(owner.id, 10).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&placed.order));
    let found = app
        .orders()
        .find(owner.id, &placed.order.public_id())
        .await
        .unwrap();
    assert_eq!(found, Some(placed.order.clone()));
    let trades = app.orders().trades(owner.id, 10).await.unwrap();
    assert_eq!(trades[0].order, Some(placed.order.id));
    assert_eq!(trades[0].execution.price, quote.ask.unwrap());
    let positions = app.portfolio().positions(owner.id).await.unwrap();
    assert_eq!(positions[0].position.quantity.get(), 10);
    assert_eq!(positions[0].position.ltp, quote.ltp);
    let funds = app.paper().funds(owner.id).await.unwrap();
    assert_eq!(funds.funds.used_margin, positions[0].position.margin);
    assert_eq!(
        funds.funds.available.plus(funds.funds.used_margin).unwrap(),
        funds.funds.total_capital
    );
    assert!(app.check().await.unwrap().is_sound());
    app.close().await;
}

#[tokio::test]
async fn the_journal_tells_what_happened_in_order() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let resting = limit(&app, Side::Buy, 1, -2_000).await;
    let order = app.orders().place(owner.id, resting).await.unwrap().order;
    assert_eq!(order.status(), OrderStatus::Open);
    let cancelled = app
        .orders()
        .cancel(owner.id, &order.public_id())
        .await
        .unwrap();
    assert_eq!(cancelled.status(), OrderStatus::Cancelled);
    let journal = app.orders().journal(order.id).await.unwrap();
    let words: Vec<_> = journal.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(words, ["planned", "accepted", "cancelled"]);
    let OrderEventKind::Planned { intent } = &journal[0].kind else {
        panic!("{journal:?}")
    };
    assert_eq!(**intent, order.intent);
    let again = app
        .orders()
        .cancel(owner.id, &order.public_id())
        .await
        .unwrap_err();
    assert_eq!(again.to_string(), "Cannot cancel order in cancelled status");
    let funds = app.paper().funds(owner.id).await.unwrap().funds;
    assert_eq!(funds.used_margin, Money::ZERO);
    app.close().await;
}

#[tokio::test]
async fn users_see_and_cancel_only_their_own_orders() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let password = "Another1!".into();
    let (name, email) = (
        "second".parse().unwrap(),
        "second@localhost".parse().unwrap(),
    );
    let other = app.users().create(name, email, &password).await.unwrap();
    assert!(!other.is_admin);
    let resting = limit(&app, Side::Buy, 1, -2_000).await;
    let order = app.orders().place(owner.id, resting).await.unwrap().order;
    assert!(app.orders().list(other.id, 10).await.unwrap().is_empty());
    assert_eq!(
        app.orders()
            .find(other.id, &order.public_id())
            .await
            .unwrap(),
        None
    );
    let refused = app
        .orders()
        .cancel(other.id, &order.public_id())
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("Order {} not found", order.public_id())
    );
    let funds = app.paper().funds(other.id).await.unwrap().funds;
    assert_eq!(funds.available, funds.total_capital);
    app.close().await;
}

#[tokio::test]
async fn many_orders_at_once_add_up() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let app = std::sync::Arc::new(app);
    let tasks = (0..64).map(|number| {
        let app = std::sync::Arc::clone(&app);
        let side = if number % 2 == 0 {
            Side::Buy
        } else {
            Side::Sell
        };
        let quantity = 1 + number % 5;
        tokio::spawn(async move {
            app.orders()
                .place(owner.id, market(side, quantity))
                .await
                .unwrap()
                .order
        })
    });
    let mut net = 0;
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks.collect::<Vec<_>>() {
        let order = task.await.unwrap();
        let quantity = order.executed().quantity.get();
        net += if order.intent.order.side == Side::Buy {
            quantity
        } else {
            -quantity
        };
        ids.insert(order.public_id());
    }
    assert_eq!(ids.len(), 64, "every order has an id of its own");
    let positions = app.portfolio().positions(owner.id).await.unwrap();
    assert_eq!(
        positions
            .iter()
            .map(|held| held.position.quantity.get())
            .sum::<i64>(),
        net
    );
    assert_eq!(app.orders().trades(owner.id, 100).await.unwrap().len(), 64);
    assert!(app.check().await.unwrap().is_sound());
    std::sync::Arc::into_inner(app).unwrap().close().await;
}
