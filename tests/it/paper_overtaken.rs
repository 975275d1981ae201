//! An exit that was computed from what is held no more, because the account changed by itself.

use crate::in_memory::{Place, traded};
use crate::risk::by;
use async_trait::async_trait;
use openalgo::core::account::SettingKey;
use openalgo::core::market::{Exchange, InstrumentKey, Quote, Timestamp};
use openalgo::core::order::{NewOrder, Product, Side};
use openalgo::core::port::{MarketError, MarketSource, QuoteSource};
use openalgo::engine::service::{ClosePositionError, ExitOrigin, Placed};
use openalgo::engine::{Engine, EngineConfig, Ports};
use openalgo_core::testing::sample::units;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;
use tokio::time::advance;

/// A source of prices that keeps one question waiting.
#[derive(Debug)]
struct Held {
    real: Arc<dyn QuoteSource>,
    holds: AtomicBool,
    asked: Notify,
    goes_on: Notify,
}

#[async_trait]
impl QuoteSource for Held {
    async fn quote(&self, key: &InstrumentKey) -> Result<Quote, MarketError> {
        if self.holds.swap(false, Ordering::SeqCst) {
            self.asked.notify_one();
            self.goes_on.notified().await;
        }
        self.real.quote(key).await
    }
}

struct World {
    place: Place,
    quotes: Arc<Held>,
    engine: Engine,
}

impl World {
    /// Ten units are held.
    async fn new() -> Self {
        let place = Place::new(Vec::new()).await;
        let ports = place.ports();
        let quotes = Arc::new(Held {
            real: Arc::clone(&ports.market.quotes),
            holds: AtomicBool::new(false),
            asked: Notify::new(),
            goes_on: Notify::new(),
        });
        let market = MarketSource {
            quotes: Arc::clone(&quotes) as _,
            ..ports.market.clone()
        };
        let ports = Ports { market, ..ports };
        let engine = place.start_on(ports, EngineConfig::default()).await;
        let bought = NewOrder::market(traded(Exchange::Nse), Side::Buy, units(10));
        engine.orders().place(place.owner.id, bought).await.unwrap();
        Self {
            place,
            quotes,
            engine,
        }
    }

    /// Closes the position; between the reading of it and the order, something happens.
    async fn close(
        &self,
        meanwhile: impl Future<Output = ()>,
    ) -> Result<Placed, ClosePositionError> {
        self.quotes.holds.store(true, Ordering::SeqCst);
        let slot = (traded(Exchange::Nse), Product::Mis);
        let orders = self.engine.orders();
        let closing = orders.close(self.place.owner.id, slot, ExitOrigin::api());
        let meanwhile = async {
            self.quotes.asked.notified().await;
            meanwhile.await;
            self.quotes.goes_on.notify_one();
        };
        tokio::join!(closing, meanwhile).0
    }

    async fn ends_flat_without_another_order(self) {
        let (engine, owner) = (self.engine, self.place.owner.id);
        let (instrument, product) = (traded(Exchange::Nse), Product::Mis);
        let portfolio = engine.portfolio();
        let standing = portfolio.standing(owner, instrument, product).await;
        assert!(standing.unwrap().held.is_flat());
        assert_eq!(engine.orders().list(owner, 9).await.unwrap().len(), 1);
        engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_was_computed_before_a_reset_opens_nothing_after_it() {
    let world = World::new().await;
    let owner = &world.place.owner;
    let reset = async {
        let paper = world.engine.paper();
        paper.reset(owner.id, by(owner)).await.unwrap();
    };
    let closed = world.close(reset).await;
    let is_nothing = matches!(closed, Err(ClosePositionError::NothingHeld(_)));
    assert!(is_nothing, "{closed:?}");
    world.ends_flat_without_another_order().await;
}

#[tokio::test(start_paused = true)]
async fn nor_after_a_weekly_reset_that_is_due_with_the_very_order() {
    let world = World::new().await;
    let settings = world.engine.settings();
    let day = world.engine.now().to_ist().format("%A").to_string();
    settings.set(SettingKey::ResetDay, &day).await.unwrap();
    settings.set(SettingKey::ResetTime, "23:00").await.unwrap();
    let until_then = async {
        let now = world.engine.now();
        let date = now.to_ist().date_naive();
        let reset = Timestamp::of_ist(date.and_hms_opt(23, 0, 0).unwrap());
        advance(reset.since(now).to_std().unwrap()).await;
    };
    let closed = world.close(until_then).await;
    let is_nothing = matches!(closed, Err(ClosePositionError::NothingHeld(_)));
    assert!(is_nothing, "{closed:?}");
    world.ends_flat_without_another_order().await;
}
