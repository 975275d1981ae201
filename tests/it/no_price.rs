//! A price source that has no price: what takes risk stays out, and what takes it away passes.

use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::wire::{Holds, Slow, session};
use async_trait::async_trait;
use openalgo::core::account::LimitName;
use openalgo::core::market::{Exchange, InstrumentKey, Quote};
use openalgo::core::order::{NewOrder, OrderKind, OrderStatus, Product, Side};
use openalgo::core::port::{BrokerSession, MarketError, MarketSource, QuoteSource};
use openalgo::core::rule::modification::Modification;
use openalgo::engine::service::ExitOrigin;
use openalgo::engine::{Engine, EngineConfig, Ports};
use openalgo_core::testing::sample;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Tells nothing, or does not answer.
#[derive(Debug)]
struct Silent {
    hangs: AtomicBool,
}

#[async_trait]
impl QuoteSource for Silent {
    async fn quote(&self, _key: &InstrumentKey) -> Result<Quote, MarketError> {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Err(MarketError::Failed("no route to host".into()))
    }
}

fn order(side: Side, units: i64) -> NewOrder {
    NewOrder::market(traded(Exchange::Nse), side, sample::units(units))
}

async fn start(place: &Place, quotes: &Arc<Silent>) -> Engine {
    let ports = place.ports();
    let market = MarketSource {
        quotes: Arc::clone(quotes) as _,
        ..ports.market.clone()
    };
    let ports = Ports { market, ..ports };
    place.start_on(ports, EngineConfig::default()).await
}

/// Five units are held. A limit on the worth of an order cannot be judged without a price.
#[tokio::test(start_paused = true)]
async fn exits_at_a_broker_pass_and_entries_are_refused() {
    let broker = BrokerSession {
        portfolio: Some(Arc::new(Holds(traded(Exchange::Nse), 5))),
        ..session(Arc::new(Slow))
    };
    let place = Place::new(vec![broker]).await;
    let quotes = Arc::new(Silent {
        hangs: AtomicBool::new(false),
    });
    let engine = start(&place, &quotes).await;
    let (orders, owner) = (engine.orders(), &place.owner);
    let worth = LimitName::OrderValue.parse("1000").unwrap();
    let risk = engine.risk();
    let set = risk.change_limit(owner.id, worth, by(owner)).await;
    set.unwrap();
    // One that adds, and one that would sell more than is held.
    for entry in [order(Side::Buy, 1), order(Side::Sell, 6)] {
        let refused = orders.place(owner.id, entry).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "no price of INFY on NSE can be had (the price source failed), so no order is placed \
             that takes risk; positions at a broker can be closed"
        );
    }
    let sold = orders.place(owner.id, order(Side::Sell, 3)).await.unwrap();
    assert_eq!(sold.order.status(), OrderStatus::Open);
    let id = sold.order.public_id();
    let smaller = Modification {
        quantity: Some(sample::units(2)),
        ..Modification::default()
    };
    let smaller = orders.modify(owner.id, &id, smaller).await.unwrap();
    assert_eq!(smaller.intent.order.quantity.get(), 2);
    quotes.hangs.store(true, Ordering::SeqCst);
    let slot = (traded(Exchange::Nse), Product::Mis);
    let closed = orders.close(owner.id, slot, ExitOrigin::api()).await;
    // The other two are on their way.
    assert_eq!(closed.unwrap().order.intent.order.quantity.get(), 3);
    engine.stop().await;
}

/// The paper exchange fills at prices: without one it fills nothing, and lets rest what names its own.
#[tokio::test(start_paused = true)]
async fn nothing_is_filled_on_paper() {
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    orders.place(owner, order(Side::Buy, 5)).await.unwrap();
    engine.stop().await;
    let quotes = Arc::new(Silent {
        hangs: AtomicBool::new(false),
    });
    let engine = start(&place, &quotes).await;
    let orders = engine.orders();
    let unpriced = "Cannot place MARKET order for INFY - unable to fetch current price. Please try \
                    again later or use LIMIT order with a specific price.";
    let sold = orders.place(owner, order(Side::Sell, 5)).await;
    assert_eq!(sold.unwrap_err().to_string(), unpriced);
    let closed = orders.close_all(owner, ExitOrigin::api()).await.unwrap();
    let closed = closed[0].outcome.as_ref().unwrap_err();
    assert_eq!(closed.to_string(), unpriced);
    let limited = |side, price| NewOrder {
        kind: OrderKind::Limit {
            price: sample::price(price),
        },
        ..order(side, 5)
    };
    let rests = orders.place(owner, limited(Side::Sell, "3000")).await;
    assert_eq!(rests.unwrap().order.status(), OrderStatus::Open);
    // A limit on the worth of an order: what is bought is bounded by its own, what is sold is not.
    let worth = LimitName::OrderValue.parse("1000").unwrap();
    let set = engine.risk().change_limit(owner, worth, by(&place.owner));
    set.await.unwrap();
    let entry = orders.place(owner, limited(Side::Buy, "200")).await;
    entry.unwrap();
    for refused in [limited(Side::Buy, "201"), limited(Side::Sell, "2")] {
        let refused = orders.place(owner, refused).await.unwrap_err();
        assert!(
            refused.to_string().starts_with("risk limit order_value"),
            "{refused}"
        );
    }
    let held = engine.portfolio().positions(owner).await.unwrap();
    assert_eq!(held[0].position.quantity.get(), 5);
    engine.stop().await;
}

/// A source that hangs keeps the engine neither from starting nor from stopping, and what is shown
/// is shown at the last prices that were known.
#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_holds_up_nothing_else() {
    const LONG: Duration = Duration::from_mins(10);
    let place = Place::new(Vec::new()).await;
    let engine = place.start().await;
    let (orders, owner) = (engine.orders(), place.owner.id);
    orders.place(owner, order(Side::Buy, 5)).await.unwrap();
    for price in ["98", "99"] {
        let resting = NewOrder {
            kind: OrderKind::Limit {
                price: sample::price(price),
            },
            ..order(Side::Buy, 1)
        };
        orders.place(owner, resting).await.unwrap();
    }
    engine.stop().await;
    let quotes = Arc::new(Silent {
        hangs: AtomicBool::new(true),
    });
    let ports = place.ports();
    let market = MarketSource {
        quotes,
        ..ports.market.clone()
    };
    let ports = Ports { market, ..ports };
    let config = EngineConfig {
        watch_every: Some(Duration::from_secs(1)),
        ..EngineConfig::default()
    };
    let begun = Instant::now();
    let started = timeout(LONG, place.start_on(ports, config)).await;
    let engine = started.expect("it starts");
    assert!(begun.elapsed() < Duration::from_secs(6), "{begun:?}");
    let held = timeout(LONG, engine.portfolio().positions(owner)).await;
    let held = held.expect("positions are shown").unwrap();
    assert_eq!(held[0].position.ltp, sample::price("100"));
    let funds = timeout(LONG, engine.paper().funds(owner)).await;
    funds.expect("funds are shown").unwrap();
    let seen = timeout(LONG, engine.market().quote(&traded(Exchange::Nse))).await;
    assert!(seen.expect("who asks is answered").is_err());
    // Meanwhile somebody looks after the resting orders again and again.
    let begun = Instant::now();
    timeout(LONG, engine.stop()).await.expect("it stops");
    assert!(begun.elapsed() < Duration::from_secs(1), "{begun:?}");
}
