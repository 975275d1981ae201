//! The same one once more.

use super::{below, buy};
use crate::in_memory::{Place, traded};
use crate::risk::by;
use crate::wire::session;
use async_trait::async_trait;
use chrono::NaiveDate;
use openalgo::core::market::{Exchange, Instrument};
use openalgo::core::order::{GttProduct, NewGtt};
use openalgo::core::port::{
    BrokerSession, InstrumentSource, MarketError, MockOrderGateway, UserRepository,
};
use openalgo::engine::EngineConfig;
use openalgo::engine::service::PlaceGttError;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::advance;

fn named(trigger: &str) -> NewGtt {
    NewGtt {
        trigger_id: Some("mine".parse().unwrap()),
        ..buy(&[below(trigger)])
    }
}

fn is_conflict<T>(placed: &Result<T, PlaceGttError>) -> bool {
    matches!(placed, Err(PlaceGttError::Conflict(_)))
}

/// A client that repeats what it sent learns that it was done, whatever has changed since.
#[tokio::test(start_paused = true)]
async fn it_is_known_while_trading_is_halted_and_after_its_end() {
    let place = Place::new(Vec::new()).await;
    let (user, engine) = (&place.owner, place.start().await);
    let gtts = engine.gtts();
    let asked = NewGtt {
        expires_at: Some(engine.now().plus(chrono::Duration::hours(1))),
        ..named("95")
    };
    let first = gtts.place(user.id, asked.clone()).await.unwrap();
    let (risk, reason) = (engine.risk(), "lunch".parse().unwrap());
    risk.halt(user.id, reason, by(user)).await.unwrap();
    for _ in 0..2 {
        let again = gtts.place(user.id, asked.clone()).await.unwrap();
        assert_eq!((&again.gtt, again.replayed), (&first.gtt, true));
        assert!(is_conflict(&gtts.place(user.id, named("94")).await));
        advance(Duration::from_hours(2)).await;
    }
    engine.stop().await;
}

/// What is traded, as if all of it were a contract that ends.
#[derive(Debug)]
struct Ending(Arc<dyn InstrumentSource>);

#[async_trait]
impl InstrumentSource for Ending {
    async fn instruments(&self, date: NaiveDate) -> Result<Vec<Instrument>, MarketError> {
        let mut instruments = self.0.instruments(date).await?;
        for instrument in &mut instruments {
            instrument.expiry = NaiveDate::from_ymd_opt(2026, 12, 29);
        }
        Ok(instruments)
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_known_though_it_ends_with_its_contract() {
    let place = Place::new(Vec::new()).await;
    let mut ports = place.ports();
    ports.market.instruments = Arc::new(Ending(ports.market.instruments));
    let engine = place.start_on(ports, EngineConfig::default()).await;
    let ends_in = |days| NewGtt {
        instrument: traded(Exchange::Nfo),
        product: GttProduct::Nrml,
        expires_at: Some(engine.now().plus(chrono::Duration::days(days))),
        ..named("95")
    };
    let (user, gtts) = (place.owner.id, engine.gtts());
    let asked = ends_in(300);
    let first = gtts.place(user, asked.clone()).await.unwrap();
    assert!(first.gtt.expires_at < asked.expires_at.unwrap());
    let again = gtts.place(user, asked).await.unwrap();
    assert_eq!((again.gtt, again.replayed), (first.gtt, true));
    assert!(is_conflict(&gtts.place(user, ends_in(3)).await));
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn at_another_broker_it_is_another_one() {
    let at = |name: &str| BrokerSession {
        broker: name.parse().unwrap(),
        ..session(Arc::new(MockOrderGateway::new()))
    };
    let place = Place::new(vec![at("fake"), at("other")]).await;
    let engine = place.start().await;
    let (user, gtts) = (place.owner.id, engine.gtts());
    gtts.place(user, named("95")).await.unwrap();
    let other = at("other").broker;
    let chosen = place.store.set_order_broker(user, Some(&other));
    chosen.await.unwrap();
    assert!(is_conflict(&gtts.place(user, named("95")).await));
    engine.stop().await;
}
