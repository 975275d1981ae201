//! Prices that come late.

use super::{below, buy};
use crate::in_memory::{Place, traded};
use async_trait::async_trait;
use openalgo::core::market::{Exchange, InstrumentKey, Quote};
use openalgo::core::order::{GttStatus, NewGtt};
use openalgo::core::port::{GttRepository, MarketError, QuoteSource};
use openalgo::engine::{Engine, EngineConfig};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Prices of which those on the NSE come late, as they were when they were asked for.
#[derive(Debug)]
struct Late {
    real: Arc<dyn QuoteSource>,
    by: Mutex<Duration>,
}

impl Late {
    /// An engine on such prices, which come at once until told otherwise.
    async fn start(place: &Place, every: Option<Duration>) -> (Engine, Arc<Self>) {
        let mut ports = place.ports();
        let late = Arc::new(Self {
            real: ports.market.quotes,
            by: Mutex::default(),
        });
        ports.market.quotes = Arc::clone(&late) as _;
        let config = EngineConfig {
            watch_gtts_every: every,
            ..EngineConfig::default()
        };
        (place.start_on(ports, config).await, late)
    }

    fn set(&self, by: Duration) {
        *self.by.lock().unwrap() = by;
    }
}

#[async_trait]
impl QuoteSource for Late {
    async fn quote(&self, key: &InstrumentKey) -> Result<Quote, MarketError> {
        let quote = self.real.quote(key).await;
        let by = *self.by.lock().unwrap();
        if key.exchange == Exchange::Nse {
            sleep(by).await;
        }
        quote
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// The stop-loss of one instrument is not the business of another's price.
#[tokio::test(start_paused = true)]
async fn a_price_that_is_late_keeps_no_other_waiting() {
    let place = Place::new(Vec::new()).await;
    let (engine, late) = Late::start(&place, Some(SECOND)).await;
    let on_bse = |trigger| NewGtt {
        instrument: traded(Exchange::Bse),
        ..buy(&[below(trigger)])
    };
    for asked in [buy(&[below("95")]), on_bse("95"), on_bse("90")] {
        engine.gtts().place(place.owner.id, asked).await.unwrap();
    }
    late.set(4 * SECOND);
    for (price, count) in [("95", 1), ("90", 2)] {
        place.price(price);
        sleep(3 * SECOND / 2).await;
        let orders = place.orders(&engine).await;
        let exchanges = orders.iter().map(|it| it.intent.order.instrument.exchange);
        assert_eq!(exchanges.collect::<Vec<_>>(), vec![Exchange::Bse; count]);
    }
    late.set(Duration::ZERO);
    sleep(4 * SECOND).await;
    assert_eq!(place.orders(&engine).await.len(), 3);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_that_lapses_before_its_price_comes_is_not_met_by_it() {
    let place = Place::new(Vec::new()).await;
    let (engine, late) = Late::start(&place, None).await;
    let asked = NewGtt {
        expires_at: Some(engine.now().plus(chrono::Duration::seconds(2))),
        ..buy(&[below("95")])
    };
    let placed = engine.gtts().place(place.owner.id, asked).await.unwrap();
    late.set(3 * SECOND);
    place.trade_at(&engine, "95").await;
    place.trade_at(&engine, "95").await;
    assert_eq!(place.orders(&engine).await, []);
    assert_eq!(place.gtt(&placed.gtt).await.status, GttStatus::Expired);
    engine.stop().await;
}

/// Whoever asks for a look while a price is on its way gets a later one too.
#[tokio::test(start_paused = true)]
async fn a_look_takes_no_price_that_was_asked_for_before_it() {
    let place = Place::new(Vec::new()).await;
    let (engine, late) = Late::start(&place, None).await;
    let asked = buy(&[below("95")]);
    engine.gtts().place(place.owner.id, asked).await.unwrap();
    late.set(2 * SECOND);
    let later = async {
        sleep(SECOND).await;
        place.trade_at(&engine, "95").await;
        assert_eq!(place.orders(&engine).await.len(), 1);
    };
    let (first, ()) = tokio::join!(engine.watch_gtts(), later);
    first.unwrap();
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_no_price() {
    let place = Place::new(Vec::new()).await;
    let (engine, late) = Late::start(&place, Some(SECOND)).await;
    let asked = buy(&[below("95")]);
    let placed = engine.gtts().place(place.owner.id, asked).await.unwrap();
    late.set(4 * SECOND);
    sleep(3 * SECOND / 2).await;
    let begin = Instant::now();
    engine.stop().await;
    assert!(begin.elapsed() < SECOND, "{:?}", begin.elapsed());
    let waits = place.store.find(placed.gtt.user, &placed.gtt.trigger_id);
    assert_eq!(waits.await.unwrap(), Some(placed.gtt));
}
