//! What is held and what orders under way will still add, on paper and at a broker.

use crate::exchange::{Exchange, Manner, open_at, open_without_book, open_without_positions};
use crate::world::{World, limit, market, reliance};
use openalgo::OpenAlgo;
use openalgo::core::account::User;
use openalgo::core::order::{NewOrder, Order, Product, Side};
use openalgo::core::value::NetQuantity;
use openalgo::engine::service::{PortfolioError, SmartOrder, SmartOrderError};
use openalgo::engine::standing::{Standing, StandingError};

async fn place(app: &OpenAlgo, owner: &User, order: NewOrder) -> Order {
    app.orders().place(owner.id, order).await.unwrap().order
}

async fn read(app: &OpenAlgo, owner: &User) -> Result<Standing, PortfolioError> {
    let portfolio = app.portfolio();
    portfolio.standing(owner.id, reliance(), Product::Mis).await
}

/// Held, and what orders of each side will still add.
fn sums(standing: &Standing) -> (i64, i64, i64) {
    let pending = |side| standing.pending(side).unwrap().get();
    (standing.held.get(), pending(Side::Buy), pending(Side::Sell))
}

#[tokio::test]
async fn on_paper_fills_are_held_and_resting_orders_are_under_way() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    assert_eq!(sums(&read(&app, &owner).await.unwrap()), (0, 0, 0));
    place(&app, &owner, market(Side::Buy, 10)).await;
    let order = limit(&app, Side::Sell, 4, 2_000).await;
    let resting = place(&app, &owner, order).await;
    let order = limit(&app, Side::Buy, 3, -2_000).await;
    place(&app, &owner, order).await;
    let other = NewOrder {
        product: Product::Cnc,
        ..market(Side::Buy, 5)
    };
    place(&app, &owner, other).await;

    let standing = read(&app, &owner).await.unwrap();
    assert_eq!(sums(&standing), (10, 3, 4));
    assert_eq!(standing.net_under_way().unwrap().get(), -1);
    assert_eq!(standing.exit_side(), Some(Side::Sell));
    assert_eq!(standing.reducible(Side::Sell).unwrap().get(), 6);
    assert_eq!(standing.unsettled(), None);

    let orders = app.orders();
    orders.cancel(owner.id, &resting.public_id()).await.unwrap();
    assert_eq!(sums(&read(&app, &owner).await.unwrap()), (10, 3, 0));
    app.close().await;
}

/// What was traded by hand counts, and what is filled counts once although our own order is told
/// of it only by the order book.
#[tokio::test(start_paused = true)]
async fn at_a_broker_its_positions_count_and_no_fill_twice() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    place(&app, &owner, market(Side::Buy, 10)).await;
    exchange.change(|ledger| ledger.trade((reliance(), Product::Mis), Side::Buy, 7));
    assert_eq!(sums(&read(&app, &owner).await.unwrap()), (17, 0, 0));

    let order = limit(&app, Side::Sell, 4, 2_000).await;
    let resting = place(&app, &owner, order).await;
    assert_eq!(sums(&read(&app, &owner).await.unwrap()), (17, 0, 4));
    // The sale is filled when its position was read and the book was not.
    let id = resting.public_id();
    exchange.after_positions(move |ledger| ledger.fill(&id, 3));
    assert_eq!(sums(&read(&app, &owner).await.unwrap()), (14, 0, 1));
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn positions_that_never_stand_still_are_an_error() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    let order = limit(&app, Side::Sell, 40, 2_000).await;
    let resting = place(&app, &owner, order).await;
    for _ in 0..20 {
        let id = resting.public_id();
        exchange.after_positions(move |ledger| ledger.fill(&id, 1));
    }
    let error = read(&app, &owner).await.unwrap_err();
    let is_moving = matches!(error, PortfolioError::Standing(StandingError::Moving(_)));
    assert!(is_moving, "{error}");
    app.close().await;
}

/// An order whose answer was lost may be in the positions already.
#[tokio::test(start_paused = true)]
async fn an_order_nobody_knows_about_leaves_the_standing_unsettled() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_at(&world, &exchange).await;
    exchange.behaves(Manner::AnswerLost);
    exchange.change(|ledger| ledger.hides_orders = true);
    let lost = place(&app, &owner, market(Side::Buy, 10)).await;
    let standing = read(&app, &owner).await.unwrap();
    assert_eq!(sums(&standing), (10, 10, 0));
    let unsettled = standing.unsettled().unwrap();
    assert_eq!(unsettled.intent, lost.intent.id);
    app.close().await;
}

#[tokio::test(start_paused = true)]
async fn where_a_broker_tells_no_positions_our_own_orders_tell() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_without_positions(&world, &exchange).await;
    place(&app, &owner, market(Side::Buy, 10)).await;
    let order = limit(&app, Side::Sell, 4, 2_000).await;
    let resting = place(&app, &owner, order).await;
    exchange.change(|ledger| ledger.fill(&resting.public_id(), 3));
    assert_eq!(sums(&read(&app, &owner).await.unwrap()), (7, 0, 1));
    app.close().await;
}

/// Without a book nobody is told that an order is filled, and its units are in the position already.
#[tokio::test(start_paused = true)]
async fn where_a_broker_shows_no_book_an_open_order_leaves_the_standing_unsettled() {
    let world = World::new();
    let exchange = Exchange::new(&world);
    let (app, owner) = open_without_book(&world, &exchange).await;
    let bought = place(&app, &owner, market(Side::Buy, 10)).await;
    let standing = read(&app, &owner).await.unwrap();
    assert_eq!(standing.held.get(), 10);
    let unsettled = standing.unsettled().unwrap();
    assert_eq!(unsettled.intent, bought.intent.id);
    let ten = SmartOrder {
        order: market(Side::Buy, 10),
        position: NetQuantity::try_new(10).unwrap(),
    };
    let refused = app.orders().smart(owner.id, ten).await;
    assert!(matches!(refused, Err(SmartOrderError::Unsettled(_))));
    assert_eq!(exchange.count(), 1);
    app.close().await;
}
