//! Live or paper, and what is refused before anything is decided.

use crate::world::{World, market};
use openalgo::core::account::SettingKey;
use openalgo::core::market::{Exchange, InstrumentKey, Symbol};
use openalgo::core::order::{NewOrder, OrderKind, Product, Side};
use openalgo::engine::route::RouteError;
use openalgo::engine::service::PlaceOrderError;

#[tokio::test]
async fn a_new_folder_is_in_analyze_mode_and_without_it_orders_have_nowhere_to_go() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let analyzer = app.settings().get(SettingKey::Analyzer).await.unwrap();
    assert_eq!(analyzer.value, "true");
    app.settings()
        .set(SettingKey::Analyzer, "false")
        .await
        .unwrap();
    let refused = app.orders().place(owner.id, market(Side::Buy, 1)).await;
    assert!(matches!(
        refused,
        Err(PlaceOrderError::Route(RouteError::NoOrderBroker))
    ));
    assert!(app.orders().list(owner.id, 1).await.unwrap().is_empty());
    app.close().await;
}

const NRML_IN_CASH: &str = "NRML product not allowed for NSE equity segment. Use CNC for \
                            delivery or MIS for intraday.";
const CNC_IN_DERIVATIVES: &str = "CNC product not allowed for NFO derivatives segment. Use NRML \
                                  for carryforward or MIS for intraday.";

/// Orders that break a rule, with the sentence that says which.
fn rule_breakers(option: &InstrumentKey) -> [(NewOrder, &'static str); 7] {
    let plain = || market(Side::Buy, 1);
    let of = |exchange, symbol: &str| {
        let instrument = InstrumentKey::new(exchange, Symbol::try_new(symbol).unwrap());
        NewOrder {
            instrument,
            ..plain()
        }
    };
    let option = |product| NewOrder {
        instrument: option.clone(),
        product,
        ..plain()
    };
    let off_tick = OrderKind::Limit {
        price: "1500.03".parse().unwrap(),
    };
    [
        (market(Side::Buy, 0), "Quantity must be positive"),
        (
            of(Exchange::Nse, "RELIANCEX"),
            "Symbol RELIANCEX not found on NSE",
        ),
        (
            NewOrder {
                product: Product::Nrml,
                ..plain()
            },
            NRML_IN_CASH,
        ),
        (option(Product::Cnc), CNC_IN_DERIVATIVES),
        (
            option(Product::Mis),
            "Quantity must be in multiples of lot size 65",
        ),
        (
            of(Exchange::NseIndex, "NIFTY"),
            "NIFTY is an index and cannot be traded. Trade one of its futures or options instead.",
        ),
        (
            NewOrder {
                kind: off_tick,
                ..plain()
            },
            "price 1500.03 is not a multiple of the tick size 0.05. The nearest prices are \
             1500.00 and 1500.05.",
        ),
    ]
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_and_leaves_no_trace() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    let instruments = app.market().instruments().await;
    let option = instruments
        .search("NIFTY 26000 CE", Some(Exchange::Nfo), 1)
        .remove(0);
    for (order, expected) in rule_breakers(&option.key) {
        let refused = app.orders().place(owner.id, order).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
    let dear = market(Side::Buy, 1_000_000);
    let refused = app
        .orders()
        .place(owner.id, dear)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.starts_with("Insufficient funds. Required: ₹"),
        "{refused}"
    );
    assert!(app.orders().list(owner.id, 1).await.unwrap().is_empty());
    app.close().await;
}

#[tokio::test]
async fn a_strategy_is_named_in_one_short_line() {
    let world = World::new();
    let (app, owner) = world.open_with_owner().await;
    for name in [
        "two\nlines".to_owned(),
        "\u{1b}[31mred".to_owned(),
        "sell \u{202e}lla".to_owned(),
        "x".repeat(257),
    ] {
        let order = NewOrder {
            strategy: Some(name),
            ..market(Side::Buy, 1)
        };
        let refused = app.orders().place(owner.id, order).await.unwrap_err();
        assert!(
            refused
                .to_string()
                .starts_with("strategy must have at most 256 characters")
        );
    }
    app.close().await;
}
