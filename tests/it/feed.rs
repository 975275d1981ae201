//! Resting paper orders meet prices as they come, and only those that can be.

use crate::in_memory::{Place, traded};
use crate::told::Told;
use openalgo::core::market::{Exchange, Tick, TickQuote, TickSource};
use openalgo::core::order::{NewOrder, OrderKind, OrderStatus, Side};
use openalgo::core::paper::PriceBand;
use openalgo::core::value::Quantity;
use openalgo::engine::hub::Impossible;
use openalgo::engine::{Engine, EngineConfig};
use openalgo_core::testing::sample;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// A day on which prices from 95 to 105 are possible.
fn day() -> TickQuote {
    let [low, high] = ["95", "105"].map(sample::price);
    TickQuote {
        open: sample::price("100"),
        high,
        low,
        prev_close: sample::price("100"),
        volume: 1,
        bid: None,
        ask: None,
        bid_quantity: Quantity::ZERO,
        ask_quantity: Quantity::ZERO,
        oi: None,
        band: Some(PriceBand {
            low: Some(low),
            high: Some(high),
        }),
    }
}

/// How an order that rests at 96 stands, once what was told has gone its way.
async fn status(place: &Place, engine: &Engine) -> OrderStatus {
    sleep(Duration::from_secs(1)).await;
    let orders = engine.orders().list(place.owner.id, 1).await.unwrap();
    orders[0].status()
}

#[tokio::test(start_paused = true)]
async fn a_price_that_cannot_be_fills_nothing_and_the_next_good_one_does() {
    let place = Place::new(Vec::new()).await;
    let (tell, told) = mpsc::channel(8);
    let mut ports = place.ports();
    let clock = Arc::clone(&ports.clock);
    ports.market.feed = Some(Arc::new(Told::new(told)));
    let config = EngineConfig {
        watch_every: Some(Duration::from_hours(1)),
        ..EngineConfig::default()
    };
    let engine = place.start_on(ports, config).await;
    let resting = NewOrder {
        kind: OrderKind::Limit {
            price: sample::price("96"),
        },
        ..NewOrder::market(traded(Exchange::Nse), Side::Buy, sample::units(1))
    };
    let placed = engine.orders().place(place.owner.id, resting).await;
    assert_eq!(placed.unwrap().order.status(), OrderStatus::Open);
    let tick = |exchange, ltp, seconds| {
        let at = clock.now().plus(chrono::Duration::seconds(seconds));
        let source = TickSource::Recorded;
        let tick = Tick::ltp(traded(exchange), sample::price(ltp), at, source);
        Tick {
            quote: Some(day()),
            ..tick
        }
    };
    tell.send(tick(Exchange::Nse, "100", 0)).await.unwrap();
    assert_eq!(status(&place, &engine).await, OrderStatus::Open);
    let impossible = [
        (tick(Exchange::Bse, "95.5", 0), Impossible::Foreign),
        (tick(Exchange::Nse, "0", 0), Impossible::Mute),
        (tick(Exchange::Nse, "95.5", -60), Impossible::Older),
        (tick(Exchange::Nse, "94.95", 0), Impossible::OutOfBand),
    ];
    for (tick, why) in impossible {
        tell.send(tick).await.unwrap();
        assert_eq!(status(&place, &engine).await, OrderStatus::Open, "{why}");
        assert_eq!(engine.hub().health().quarantined.of(why), 1, "{why}");
    }
    tell.send(tick(Exchange::Nse, "95.95", 0)).await.unwrap();
    assert_eq!(status(&place, &engine).await, OrderStatus::Complete);
    assert_eq!(engine.hub().health().quarantined.total(), 4);
    engine.stop().await;
}
